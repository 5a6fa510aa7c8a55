"""`tabbench rank`: print the leaderboard of a store, or of any long table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tabbench.cli.rank_options import PANELS, parse, rules_of
from tabbench.cli.rank_rows import rows_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.cli.rank_rows import Rows
    from tabbench.ranking.rules import Rules
    from tabbench.ranking.uncertainty import Uncertain


def main(arguments: Sequence[str]) -> int:
    """Parse, read the rows, rank, print. Data goes to standard output, all else to standard error."""
    options = parse(arguments)
    rules = rules_of(options)
    rows = rows_of(options)
    from tabbench.ranking.draws import Target
    from tabbench.ranking.leaderboard import leaderboard
    from tabbench.ranking.uncertainty import uncertain_of

    uncertain = uncertain_of(rows.errors, Target(options.target), options.seed)
    if any(getattr(options, name) for name in PANELS):
        return _print_more(options, rules, rows, uncertain)
    board = leaderboard(rows.errors, rules, uncertain)
    if "valid_error" in rows.errors and len(board.table):
        from tabbench.tuning.overtuning import overtuning

        board = board._replace(table=board.table.merge(overtuning(rows.errors), how="left", on=["model", "regime"]))
    glance: list[str] = []
    if options.form is not None:
        _print_data(board.table, options.form)
    elif len(board.table):
        from tabbench.cli.rank_more import at_a_glance
        from tabbench.cli.rank_printing import print_board

        print_board(board.table)
        glance = at_a_glance(rows.errors, rules)
    _say([*rows.notices, *board.notices, *glance, *(rules.sentences() if len(board.table) else []),
          *_intervals_in_words(board.table, options)])  # fmt: skip
    return 0


def _intervals_in_words(table: pd.DataFrame, options: argparse.Namespace) -> list[str]:
    if table["elo_low"].isna().all():
        return []
    about = "drawing other tasks" if options.target == "new_tasks" else "drawing other splits of these tasks"
    return [
        f"Intervals: 95 %, {about} ({options.target}), seed {options.seed}, centred on the pool. Places hold for all "
        "at once; who shares a group's letter is not told apart."
    ]


def _print_more(options: argparse.Namespace, rules: Rules, rows: Rows, uncertain: Uncertain) -> int:
    """The panel that was asked for; as data, the table of all variants or of all tasks."""
    from tabbench.cli.rank_more import diagnostic_panels, print_panels, sensitivity_panels

    panels, notices = [], list(rows.notices)
    if options.pairs:
        from tabbench.cli.rank_pairs import pair_panels

        panels += pair_panels(rows.errors, rules, uncertain)
    if options.sensitivity:
        panels += sensitivity_panels(rows.errors, rows.by_metric, rules)
    if options.diagnostics:
        more, said = diagnostic_panels(rows.errors, rules, options.seed)
        panels, notices = panels + more, notices + said
    if not panels:
        notices.append("There is nothing to compare.")
    elif options.form is not None:
        import pandas as pd

        _print_data(pd.concat([panel.frame for panel in panels if panel.is_data], ignore_index=True), options.form)
    else:
        print_panels([panel for panel in panels if panel.is_shown])
    _say([*notices, *rules.sentences()])
    return 0


def _say(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")


def _print_data(table: pd.DataFrame, form: str) -> None:
    from tabbench.ranking import rendering

    text = {"csv": rendering.to_csv, "json": rendering.to_json, "markdown": rendering.to_markdown,
            "latex": rendering.to_latex}[form](table)  # fmt: skip
    sys.stdout.write(text)

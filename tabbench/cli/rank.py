"""`tabbench rank`: print the leaderboard of a store, or of any long table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tabbench.cli.rank_options import parse, rules_of
from tabbench.cli.rank_rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def main(arguments: Sequence[str]) -> int:
    """Parse, read the rows, rank, print. Data goes to standard output, all else to standard error."""
    options = parse(arguments)
    rules = rules_of(options)
    rows = rows_of(options)
    from tabbench.ranking.leaderboard import leaderboard

    board = leaderboard(rows.errors, rules)
    if options.form is not None:
        _print_data(board.table, options.form)
    elif len(board.table):
        from tabbench.cli.rank_printing import print_board

        print_board(board.table)
    for line in (*rows.notices, *board.notices, *(rules.sentences() if len(board.table) else [])):
        sys.stderr.write(f"{line}\n")
    return 0


def _print_data(table: pd.DataFrame, form: str) -> None:
    from tabbench.ranking import rendering

    text = {"csv": rendering.to_csv, "json": rendering.to_json, "markdown": rendering.to_markdown,
            "latex": rendering.to_latex}[form](table)  # fmt: skip
    sys.stdout.write(text)

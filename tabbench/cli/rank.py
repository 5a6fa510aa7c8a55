"""`tabbench rank`: print the leaderboard of a store."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.regimes import ENSEMBLED, REGIMES, rows_of_regime
from tabbench.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.store.leaderboard_rows import ErrorRows

BAR = 8
"""Cells of a full bar."""
WIDE = 112
"""Columns of a terminal that shows everything."""


def main(arguments: Sequence[str]) -> int:
    """Parse, read the database, rank, print. Data goes to standard output, all else to standard error."""
    options = _parser().parse_args(arguments)
    if options.regime not in REGIMES:
        raise UnknownNameError("regime", options.regime, REGIMES, where="--regime")
    from tabbench.metrics import METRICS
    from tabbench.ranking.imputation import Imputation
    from tabbench.ranking.leaderboard import leaderboard
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.leaderboard_rows import read_errors
    from tabbench.store.new_metrics import ranking_metric
    from tabbench.tuning.overtuning import overtuning

    if options.impute not in list(Imputation):
        raise UnknownNameError("imputation rule", options.impute, list(Imputation), where="--impute")
    store = Store(Path(options.store))
    is_own_metric = options.metric is None or options.metric in METRICS  # ensembles have no other scores

    def read() -> ErrorRows:
        with open_database(store) as connection:
            metric = None if options.metric is None else ranking_metric(connection, options.metric, METRICS)
            return read_errors(connection, options.suite, metric, options.protocol, options.latest, is_own_metric)

    if options.regime == ENSEMBLED and not is_own_metric:
        raise SettingsError(
            f"Regime {ENSEMBLED} cannot be ranked by {options.metric}: ensembles have the scores of tabbench's own "
            "metrics alone. Take --regime default or tuned."
        )
    rows = rows_of_regime(store, options.regime, read)
    board = leaderboard(rows.errors, Imputation(options.impute))
    table = board.table.merge(overtuning(rows.errors), how="left", on=["model", "regime"])
    _print(table, options.form)
    rules = (
        f"Rank per split, then the task's mean, then over tasks; ties share a rank. Missing errors: {options.impute}."
    )
    for line in (*rows.notices, *board.notices, *([rules] if len(table) else [])):
        sys.stderr.write(f"{line}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench rank", description="Print the leaderboard: docs/ranking.md defines each number."
    )
    parser.add_argument("--store", default="results", help="results folder (default: ./results)")
    parser.add_argument("--suite", help="only this suite's tasks (default: every task in the store)")
    parser.add_argument(
        "--regime", default="all", help="default, tuned, tuned_ensembled or all, each a pool of its own (default: all)"
    )
    parser.add_argument("--metric", help="rank by this metric (default: the one configurations were chosen by)")
    parser.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
    parser.add_argument("--latest", action="store_true", help="of several protocols or versions take the last one run")
    parser.add_argument("--impute", default="constant", help="constant or leave_out (default: constant)")
    form = parser.add_mutually_exclusive_group()
    for name in ("csv", "json", "markdown", "latex"):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=f"print as {name}")
    return parser


def _print(table: pd.DataFrame, form: str | None) -> None:
    from tabbench.ranking import rendering

    if form is not None:
        text = {"csv": rendering.to_csv, "json": rendering.to_json, "markdown": rendering.to_markdown,
                "latex": rendering.to_latex}[form](table)  # fmt: skip
        sys.stdout.write(text)
    elif len(table):
        _print_for_people(table)


def _print_for_people(table: pd.DataFrame) -> None:
    """A table a regime, with a bar for the win rate."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from tabbench.ranking.rendering import HEADINGS, reading_rows

    console = Console(file=sys.stdout)
    if not console.is_terminal:
        console.width = WIDE
    is_wide = console.width >= WIDE
    for regime, rows in reading_rows(table):
        shown = Table(title=f"{regime}: best first", box=box.SIMPLE, title_justify="left", pad_edge=False)
        shown.padding = (0, 1, 0, 0)
        kept = [i for i, heading in enumerate(HEADINGS) if _is_shown(heading, [row[i] for row in rows], is_wide)]
        for i in kept:
            shown.add_column(HEADINGS[i], justify="left" if HEADINGS[i] == "model" else "right", no_wrap=True)
        if is_wide:
            shown.add_column("wins", min_width=BAR, no_wrap=True)
        for cells in rows:
            bar = [_bar(cells[HEADINGS.index("win rate")])] if is_wide else []
            shown.add_row(*[cells[i] for i in kept], *bar, style="" if cells[0] != "-" else "dim")
        console.print(shown)


def _is_shown(heading: str, cells: list[str], is_wide: bool) -> bool:
    """A narrow terminal leaves out the lesser times; no terminal shows an empty column."""
    return any(cells) and (is_wide or heading not in ("predict s", "search s"))


def _bar(share: str) -> str:
    """A thin bar, as long as a share 0..1 says; none for a dash."""
    return "" if share == "-" else "━" * round(BAR * float(share))

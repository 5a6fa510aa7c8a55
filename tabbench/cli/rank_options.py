"""The options of `tabbench rank`, and the rules that they spell."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tabbench.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tabbench.ranking.rules import Rules

OF_STORES = ("suite", "where", "metric", "protocol", "latest")
OF_FILES = (
    "task_column", "split_column", "model_column", "error_column", "time_column", "imputed_column", "metric_column",
    "higher_is_better",
)  # fmt: skip
DEFAULT_STORE = "results"
PANELS = ("pairs", "sensitivity", "diagnostics")
NEEDED_OF_FILES = ("task_column", "model_column", "error_column")


def parse(arguments: Iterable[str]) -> argparse.Namespace:
    """The options of a command line.

    Raises:
        SettingsError: If options of stores and of files are mixed, or one that a file needs is missing.
    """
    options = _parser().parse_args(list(arguments))
    check_sources(options)
    check_seed(options.seed)
    asked = [name for name in PANELS if getattr(options, name)]
    if len(asked) > 1:
        raise SettingsError(f"Ask for {' or for '.join(map(_flag, asked))}, one at a time.")
    if asked and options.form in ("markdown", "latex"):
        raise SettingsError(f"--{options.form} is for the leaderboard; of the other tables there are --csv and --json.")
    return options


def check_sources(options: argparse.Namespace) -> None:
    """Refuse what does not name one source of rows.

    Raises:
        SettingsError: If options of stores and of files are mixed, or one that a file needs is missing.
    """
    is_file = options.file is not None
    wrong = [name for name in (OF_STORES if is_file else OF_FILES) if getattr(options, name) not in (None, False)]
    if wrong:
        flags = ", ".join(map(_flag, wrong))
        raise SettingsError(
            f"{flags}: for a store, not with --from." if is_file else f"{flags}: for a table that --from names."
        )
    if is_file and options.regime != "all":
        raise SettingsError(f"--regime {options.regime}: for a store. The rows that --from names are one pool.")
    missing = [name for name in NEEDED_OF_FILES if is_file and getattr(options, name) is None]
    if missing:
        raise SettingsError(f"--from {options.file} also needs {', '.join(map(_flag, missing))}: which column is it?")
    if is_file and options.store != DEFAULT_STORE:
        raise SettingsError(f"--store {options.store}: the rows are those that --from names. Give one of the two.")


def check_seed(seed: int) -> None:
    """Refuse a seed that the generator does not take.

    Raises:
        SettingsError: If it is below 0 or too large.
    """
    if not 0 <= seed < 2**64:
        raise SettingsError(f"--seed {seed}: a whole number from 0 to 2**64 - 1.")


def rules_of(options: argparse.Namespace) -> Rules:
    """The rules that the options spell.

    Raises:
        UnknownNameError: If a word is none of its option's, with the nearest that is.
        SettingsError: If words contradict each other.
    """
    from tabbench.ranking.draws import Target
    from tabbench.ranking.imputation import Imputation
    from tabbench.ranking.rules import Pool, Rules, Unit
    from tabbench.ranking.ties import TieMethod, ties_named

    kinds = (
        ("impute", Imputation), ("unit", Unit), ("ties", TieMethod), ("pool", Pool), ("target", Target)
    )  # fmt: skip
    for name, words in kinds:
        if getattr(options, name) not in list(words):
            raise UnknownNameError(f"value of --{name}", getattr(options, name), list(words))
    ties = ties_named(options.ties, options.tie_tolerance)
    if ties.deviations and options.unit != Unit.TASK:
        raise SettingsError("A tolerance in standard deviations is over the splits of a task: add --unit task.")
    if options.impute == Imputation.REFERENCE and not options.reference:
        raise SettingsError("--impute reference needs the model whose errors stand in: --reference MODEL.")
    return Rules(
        impute=Imputation(options.impute), unit=Unit(options.unit), ties=ties, pool=Pool(options.pool),
        anchor=options.anchor, reference=options.reference,
    )  # fmt: skip


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench rank", description="Print the leaderboard: docs/ranking.md defines each number."
    )
    add_sources(parser)
    rules = parser.add_argument_group("how to rank (the choices are printed with every table)")
    rules.add_argument("--regime", default="all", help="default, tuned, tuned_ensembled or all (default: all)")
    rules.add_argument("--pool", default="regime", help="rank each regime by itself, or all together (default: regime)")
    rules.add_argument("--impute", default="constant", metavar="RULE",
                       help="constant, reference, worst or leave_out (default: constant)")  # fmt: skip
    rules.add_argument("--unit", default="split", help="rank each split, or each task's mean error (default: split)")
    rules.add_argument("--ties", default="average", help="rank of a tie: average, min or dense (default: average)")
    rules.add_argument(
        "--tie-tolerance", default="", metavar="E", help="what else ties: 0.001, or 1sd with --unit task"
    )
    rules.add_argument("--anchor", default="", metavar="MODEL", help="the model whose Elo is 1000")
    rules.add_argument("--reference", default="", metavar="MODEL",
                       help="model that skill and relative times refer to (default: constant)")  # fmt: skip
    rules.add_argument("--target", default="new_tasks", metavar="T",
                       help="intervals about new_tasks or this_suite (default: new_tasks)")  # fmt: skip
    rules.add_argument("--seed", type=int, default=0, help="seed of all draws (default: 0)")
    more = parser.add_argument_group("what to print")
    more.add_argument("--pairs", action="store_true", help="every two models: wins, differences, tests, groups")
    more.add_argument("--sensitivity", action="store_true", help="how places move with each of these choices")
    more.add_argument(
        "--diagnostics", action="store_true", help="what the tasks are worth: agreement, noise, hard ones"
    )
    form = more.add_mutually_exclusive_group()
    for name in ("csv", "json", "markdown", "latex"):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=f"print as {name}")
    return parser


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The options that say where rows come from: a store, or a table."""
    store = parser.add_argument_group("the rows of a store")
    store.add_argument("--store", default=DEFAULT_STORE, help="results folder (default: ./results)")
    store.add_argument("--suite", help="only this suite's tasks (default: every task in the store)")
    store.add_argument("--where", metavar="SQL", help='only tasks of which this holds: "n_rows < 5000"')
    store.add_argument("--metric", help="rank by this metric (default: the one configurations were chosen by)")
    store.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
    store.add_argument("--latest", action="store_true", help="of several protocols or versions take the last one run")
    table = parser.add_argument_group("or any long table, one row a model, task and split")
    table.add_argument("--from", dest="file", metavar="FILE", help="a CSV or Parquet file")
    for what in ("task", "split", "model", "error", "time", "imputed", "metric"):
        table.add_argument(f"--{what}-column", metavar="NAME", help=f"its column of {_HOLDS[what]}")
    table.add_argument("--higher-is-better", action="store_true", help="the error column holds a score")


_HOLDS = {
    "task": "tasks", "split": "splits (without: one a task)", "model": "models", "error": "errors",
    "time": "seconds of fitting", "imputed": "marks of errors that are another's", "metric": "names of metrics",
}  # fmt: skip

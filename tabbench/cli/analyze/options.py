"""The options of `tabbench analyze`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tabbench.cli.rank_options import add_sources, check_seed, check_sources
from tabbench.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

ANALYSES = {
    "gap": "two families on every task: the gap, the noise of splits, the gain from tuning",
    "features": "which metafeatures go with that gap, and with each model's error",
    "doses": "how the gap moves when tables are changed: ~rotate, ~rows=, ~noise_columns= …",
    "recommenders": "what choosing a model by metafeatures is worth, on tasks left out",
    "portfolio": "the configurations that together do best, for `tabbench run`",
    "rows": "whether more rows or another model is the better bet, from tasks with ~rows=",
}
"""What can be analysed, and what it says."""
MOST_CONFIGS = 100
REGIMES = ("default", "all")
OF_FILES = ("valid_column", "family_column")


def parse(arguments: Iterable[str]) -> argparse.Namespace:
    """The options of a command line.

    Raises:
        UnknownNameError: If there is no such analysis.
        SettingsError: If options of stores and of files are mixed, or one that a file needs is missing.
    """
    options = _parser().parse_args(list(arguments), argparse.Namespace(sensitivity=False))
    if options.what not in ANALYSES:
        raise UnknownNameError("analysis", options.what, ANALYSES, where="command line")
    if options.regime not in REGIMES:
        raise UnknownNameError("regime", options.regime, REGIMES, where="--regime")
    wrong = [name for name in OF_FILES if options.file is None and getattr(options, name) is not None]
    if wrong:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in wrong)
        raise SettingsError(f"{flags}: for a table that --from names.")
    if options.by_metric and (options.file is not None or options.what != "gap"):
        raise SettingsError("--by-metric: for the gap of a store, whose trials have many metrics.")
    check_sources(options)
    check_seed(options.seed)
    if not 1 <= options.size <= MOST_CONFIGS:
        raise SettingsError(f"--size {options.size}: a portfolio has 1 to {MOST_CONFIGS} configurations.")
    return options


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<13} {says}" for name, says in ANALYSES.items())
    parser = argparse.ArgumentParser(
        prog="tabbench analyze", formatter_class=argparse.RawDescriptionHelpFormatter,
        description=f"What the results of a suite say: docs/analysis.md defines each number.\n\n{listed}",
    )  # fmt: skip
    parser.add_argument("what", nargs="?", default="gap", metavar="ANALYSIS", help="one of those above (default: gap)")
    add_sources(parser)
    table = parser.add_argument_group("more of a table that --from names")
    table.add_argument("--valid-column", metavar="NAME", help="its column of valid errors, by which families choose")
    table.add_argument("--family-column", metavar="NAME", help="its column of the models' families")
    sides = parser.add_argument_group("the two families (a gap above 0: the second is better)")
    sides.add_argument("--first", default="network", metavar="FAMILY",
                       help="a family, or models: mlp,resnet (default: network)")  # fmt: skip
    sides.add_argument("--second", default="boosted_trees", metavar="FAMILY",
                       help="a family, or models (default: boosted_trees)")  # fmt: skip
    known = parser.add_argument_group("what is known of the tasks (default: the store's metafeatures)")
    known.add_argument("--metafeatures", metavar="FILE", help="a CSV or Parquet file, one row a task")
    known.add_argument("--metafeatures-key", metavar="NAME", default="task",
                       help="its column of task names or OpenML numbers (default: task)")  # fmt: skip
    more = parser.add_argument_group("how, and what to print")
    more.add_argument("--regime", default="all", help="default: default configurations alone (default: all)")
    more.add_argument("--by-metric", action="store_true", help="gap: also by every metric that the store has")
    more.add_argument("--size", type=int, default=8, help="of the portfolio (default: 8)")
    more.add_argument("--seed", type=int, default=0, help="seed of all draws (default: 0)")
    more.add_argument("-o", dest="output", metavar="FOLDER", help="write every table as CSV and every figure as SVG")
    form = more.add_mutually_exclusive_group()
    for name in ("csv", "json"):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=f"print as {name}")
    return parser

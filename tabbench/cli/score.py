"""`tabbench score METRIC|FILE`: a new metric on kept predictions, without a fit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Score what has no score by the metric, and say how to rank by it.

    Returns:
        0; 1 if some jobs could not be scored, or none is there.
    """
    parser = argparse.ArgumentParser(
        prog="tabbench score",
        description="Score stored predictions by a metric that came later; nothing is fitted. "
        "A file holds NAME, error(y, prediction) and TASK_TYPES: docs/metrics.md shows one.",
    )
    parser.add_argument("metric", metavar="METRIC|FILE.py", help="a metric of tabbench, or a Python file with one")
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    options = parser.parse_args(arguments)
    from tabbench.derived.metric_files import load_metric, own_metric
    from tabbench.derived.new_scores import add_scores
    from tabbench.store.layout import Store

    is_file = options.metric.endswith(".py")
    metric = load_metric(Path(options.metric)) if is_file else own_metric(options.metric)
    with progress_bar("jobs") as report:
        made = add_scores(Store(options.store), metric, report)
    for notice in made.notices:
        sys.stderr.write(f"{notice}\n")
    sys.stderr.write(f"{made.n_new} trials scored by {metric.name}; {made.n_held} had the score already.\n")
    if made.n_new or made.n_held:
        sys.stderr.write(f"Rank by it: tabbench rank --store {options.store} --metric {metric.name}\n")
    elif not made.notices:
        types = " or ".join(sorted(metric.task_types))
        sys.stderr.write(f"{options.store} holds no finished trial of a {types} task.\n")
    return 0 if (made.n_new or made.n_held) and not made.notices else 1

#!/usr/bin/env python
"""Does every model earn its place? Each against the constant and the linear model, on tables that need no network.

Two questions, both of test errors by the task's primary metric, the mean over the first folds of each task:

- default: does the default configuration beat the constant wherever the linear model's default beats it by 5 %?
- tuned: does the best of 1 + 10 configurations beat the tuned linear model on half of the tasks?

    python scripts/zoo_check.py [--store FOLDER] [--models all] [--suite bundled] [--trials 11] [--seconds 30]
        [--folds 1] [--valid holdout]

A model that stops itself keeps its best when the seconds of a trial are over; others end as `timeout`. Models with
fewer trials or folds than asked are not compared. The store keeps what was done: the same command goes on where it
stopped, with more models, folds or trials, and with --report only prints. Each --valid needs a store of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import NamedTuple

import tabbench
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.store.database import open_database
from tabbench.store.layout import Store

BASELINE, YARDSTICK = "constant", "linear"
MARGIN = 0.05
QUERY = """
    SELECT b.model, b.task, b.regime, avg(b.test_error), avg(b.valid_error)
    FROM best_trials b JOIN jobs j USING (job_id)
    WHERE b.repeat = 0 AND b.fold < $n_folds
        AND (b.regime = 'default' OR b.regime = 'tuned' AND j.n_trials >= $n_trials)
    GROUP BY b.model, b.task, b.regime, j.model_version HAVING count(b.test_error) = $n_folds
    ORDER BY j.model_version -- of a model that was changed the last version counts
"""


class Errors(NamedTuple):
    """Test errors by model and task, means over the folds.

    Attributes:
        default: Of the default configuration.
        tuned: Of the best configuration on valid, where all trials that were asked for are there.
        valid: The same configuration's errors on the rows that chose it.
    """

    default: dict[str, dict[str, float]]
    tuned: dict[str, dict[str, float]]
    valid: dict[str, dict[str, float]]


def run(options: argparse.Namespace) -> None:
    """Fit what the store lacks."""
    settings = compose_settings(
        [
            f"suite={options.suite}",
            f"models=[{options.models}]",
            "repeats=[0]",
            f"folds={list(range(options.folds))}",
            f"protocol.valid={options.valid}",
            f"protocol.n_trials={options.trials}",
            f"protocol.trial_seconds={options.seconds}",
            f"executor.n_workers={options.workers}",
            f"store={options.store}",
        ]
    )
    plan = plan_run(settings)
    print(f"{len(plan.jobs)} jobs with {plan.n_trials} trials to do", file=sys.stderr, flush=True)
    if plan.jobs:
        launch(settings, plan)


def read_errors(store: Store, n_trials: int, n_folds: int) -> Errors:
    """What the store holds."""
    found = Errors({}, {}, {})
    with open_database(store) as connection:
        asked = {"n_trials": n_trials, "n_folds": n_folds}
        for model, task, regime, test, valid in connection.execute(QUERY, asked).fetchall():
            if regime == "default":
                found.default.setdefault(model, {})[task] = test
            else:
                found.tuned.setdefault(model, {})[task] = test
                found.valid.setdefault(model, {})[task] = valid
    return found


def tasks_asked(errors: Errors) -> list[str]:
    """Tasks on which the linear model's default beats the constant by the margin."""
    constant, linear = errors.default.get(BASELINE, {}), errors.default.get(YARDSTICK, {})
    return sorted(task for task in constant if task in linear and linear[task] <= (1 - MARGIN) * constant[task])


def misses_by_default(errors: Errors, model: str) -> tuple[list[str], list[str]]:
    """Of the tasks asked: those on which the model does not beat the constant, and those on which it has no score."""
    mine, asked = errors.default.get(model, {}), tasks_asked(errors)
    misses = [task for task in asked if task in mine and mine[task] >= errors.default[BASELINE][task]]
    return misses, [task for task in asked if task not in mine]


def wins_when_tuned(errors: dict[str, dict[str, float]], model: str) -> tuple[int, int]:
    """Tasks on which the tuned model beats the tuned linear one, and how many were tried."""
    mine, linear = (errors.get(name, {}) for name in (model, YARDSTICK))
    both = [task for task in mine if task in linear]
    return sum(mine[task] < linear[task] for task in both), len(both)


def report(errors: Errors) -> list[str]:
    """One line a model, and one for each that falls short."""
    lines = [f"{'model':24} {'beats constant':>15} {'tuned beats linear':>20} {'so on valid':>12}"]
    notes = []
    n_asked = len(tasks_asked(errors))
    for model in sorted(errors.default):
        if model == BASELINE:
            continue
        misses, absent = misses_by_default(errors, model)
        wins, n_tuned = wins_when_tuned(errors.tuned, model)
        tuned, valid = "-", "-"
        if n_tuned and model != YARDSTICK:
            tuned, valid = f"{wins} of {n_tuned}", str(wins_when_tuned(errors.valid, model)[0])
        beats = f"{n_asked - len(misses) - len(absent)} of {n_asked}"
        lines.append(f"{model:24} {beats:>15} {tuned:>20} {valid:>12}")
        if misses:
            notes.append(f"{model} by default does not beat the constant on {', '.join(misses)}.")
        if absent:
            notes.append(f"{model} by default has no score on {', '.join(absent)}: not run, or longer than --seconds.")
        if n_tuned and model != YARDSTICK and 2 * wins < n_tuned:
            notes.append(f"{model} tuned beats linear on fewer than half of the tasks.")
    return [*lines, *notes]


def main(arguments: list[str]) -> int:
    """Run what is missing, then report; 1 if a model falls short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path("zoo-results"))
    parser.add_argument("--models", default="all")
    parser.add_argument("--suite", default="bundled")
    parser.add_argument("--trials", type=int, default=11, help="the default configuration counts")
    parser.add_argument("--seconds", type=float, default=30.0, help="of a trial")
    parser.add_argument("--folds", type=int, default=1, help="of each task, whose errors are averaged")
    parser.add_argument("--valid", default="holdout", help="the rows that choose; auto cross-validates small tables")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--report", action="store_true", help="only print what the store holds")
    options = parser.parse_args(arguments)
    if not options.report:
        run(options)
    store = Store(options.store)
    errors = read_errors(store, options.trials, options.folds) if store.exists else Errors({}, {}, {})
    if not {BASELINE, YARDSTICK} <= set(errors.default):
        print(f"{options.store} holds no rows of {BASELINE} and {YARDSTICK}: run them too.", file=sys.stderr)
        return 2
    lines = report(errors)
    print("\n".join(lines))
    print(f"tabbench {tabbench.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    return int(any(line.endswith(".") for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

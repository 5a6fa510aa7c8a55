"""Does a pruner earn its place? Fit seconds saved and test error lost against tuning without one.

For each pruner, model, task, split and seed the same configurations are tuned twice: with the pruner and without. The
loss of a cell is the relative rise of the tuned test error. Cells of one task are not independent, so the bound of the
mean loss comes from a bootstrap over tasks; with few tasks it is wide, and says so.

    python scripts/bench/pruning.py [--store FOLDER] [--pruners …] [--models …] [--tasks …] [--trials 50] [--seeds 3]

The store keeps what was done: the same command goes on where it stopped, and with --report only prints.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import tabbench
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.store.database import open_database
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

PRUNERS = "median,halving,hyperband,wilcoxon"
MODELS = "xgboost,lightgbm,catboost,mlp"
TASKS = (
    "bundled/breast_cancer,bundled/credit,bundled/digits,bundled/penguins,"
    "bundled/ames,bundled/concrete,bundled/diabetes,bundled/fuel_economy"
)
QUERY = """
    SELECT t.pruner, t.model, t.task, t.repeat, t.fold, t.sampler_seed, t.valid_rule, j.seconds,
           b.test_error, j.n_trials, j.n_ok
    FROM jobs j JOIN trials t ON t.job_id = j.job_id AND t.trial = 0
    JOIN best_trials b ON b.job_id = j.job_id AND b.regime = 'tuned'
    WHERE j.n_trials >= ?
"""


class Cell(NamedTuple):
    """What is compared with and without a pruner."""

    model: str
    task: str
    repeat: int
    fold: int
    seed: int
    valid: str


class Tuned(NamedTuple):
    """What tuning cost, and what came of it."""

    seconds: float
    error: float


def run(options: argparse.Namespace, pruner: str, valid: str, seed: int) -> None:
    """Tune every model on every split; what the store holds is left out."""
    settings = compose_settings(
        [
            f"tasks=[{options.tasks}]",
            f"models=[{options.models}]",
            f"protocol.splits={options.splits}",
            f"protocol.valid={valid}",
            f"protocol.n_inner_folds={options.inner_folds}",
            f"protocol.n_trials={options.trials}",
            f"protocol.seed={seed}",
            f"sampler.seed={seed}",
            f"pruner={pruner}",
            f"executor.n_workers={options.workers}",
            f"store={options.store}",
            *([f"folds=[{options.folds}]"] if options.folds else []),
        ]
    )
    plan = plan_run(settings)
    plan = replace(plan, jobs=tuple(job for job in plan.jobs if job.repeat < options.repeats))
    print(f"{pruner}, valid {valid}, seed {seed}: {len(plan.jobs)} jobs to do", flush=True)
    if plan.jobs:
        launch(settings, plan)


def tuned_cells(store: Store, n_trials: int) -> dict[str, dict[Cell, Tuned]]:
    """What the store holds, by pruner."""
    found: dict[str, dict[Cell, Tuned]] = {}
    with open_database(store) as connection:
        for pruner, model, task, repeat, fold, seed, valid, seconds, error, *_ in connection.execute(
            QUERY, [n_trials]
        ).fetchall():
            found.setdefault(pruner, {})[Cell(model, task, repeat, fold, seed, valid)] = Tuned(seconds, error)
    return found


def bound_over_tasks(losses: dict[Cell, float], n_draws: int = 10_000) -> float:
    """Upper 95 % bound of the mean loss: bootstrap over tasks, each with all its cells."""
    tasks = sorted({cell.task for cell in losses})
    by_task = np.array([np.mean([loss for cell, loss in losses.items() if cell.task == task]) for task in tasks])
    draws = np.random.default_rng(0).integers(0, len(tasks), (n_draws, len(tasks)))
    return float(np.quantile(by_task[draws].mean(axis=1), 0.95))


def report(store: Store, n_trials: int) -> None:
    """One line a pruner and model, and one for all models together."""
    cells = tuned_cells(store, n_trials)
    plain = cells.get("none", {})
    print(f"{'pruner':10} {'model':12} cells tasks  seconds saved  mean loss  95 % bound")
    for pruner in [name for name in cells if name != "none"]:
        both = [cell for cell in cells[pruner] if cell in plain and plain[cell].error > 0]
        for model in [*sorted({cell.model for cell in both}), "all"]:
            mine = [cell for cell in both if model in (cell.model, "all")]
            print(_line(pruner, model, mine, cells[pruner], plain))
    where = f"tabbench {tabbench.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    print(f"{n_trials} trials a job; {where}")


def _line(pruner: str, model: str, cells: Sequence[Cell], pruned: dict[Cell, Tuned], plain: dict[Cell, Tuned]) -> str:
    losses = {cell: pruned[cell].error / plain[cell].error - 1 for cell in cells}
    saved = 1 - sum(pruned[cell].seconds for cell in cells) / sum(plain[cell].seconds for cell in cells)
    n_tasks = len({cell.task for cell in cells})
    bound = f"{bound_over_tasks(losses):>+11.2%}" if n_tasks > 1 else f"{'one task':>11}"
    mean = np.mean(list(losses.values()))
    return f"{pruner:10} {model:12} {len(cells):>5} {n_tasks:>5} {saved:>14.1%} {mean:>+10.2%} {bound}"


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, default=Path("pruning-results"))
    parser.add_argument("--pruners", default=PRUNERS)
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--splits", default="tabarena", help="3 folds, repeated 3 or 10 times")
    parser.add_argument("--repeats", type=int, default=3, help="only so many of them: 3 make 9 splits")
    parser.add_argument("--folds", default="", help="only these folds of each repeat: 0,1")
    parser.add_argument("--inner-folds", type=int, default=8)
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="only print what the store holds")
    options = parser.parse_args()
    pruners = options.pruners.split(",")
    if not options.report:
        for seed in range(options.seeds):
            on_curves = [pruner for pruner in pruners if pruner != "wilcoxon"]
            for pruner in ["none", *on_curves] if on_curves else []:
                run(options, pruner, "holdout", seed)
            for pruner in ["none", "wilcoxon"] if "wilcoxon" in pruners else []:
                run(options, pruner, "cv", seed)
    report(Store(options.store), options.trials)


if __name__ == "__main__":
    main()

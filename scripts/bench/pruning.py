"""Does a pruner earn its place? Fit seconds saved and test error lost against tuning without one.

Every configuration is fitted once, without a pruner; each pruner is then replayed on the stored learning curves:
pruned and unpruned tuning are compared on the same fits and the same clock (`tabbench.tuning.replay`, tested against
real runs). The loss of a cell is the relative rise of the tuned test error. Cells of one task are not independent, so
the bound of the mean loss comes from a bootstrap over tasks; with few tasks it is wide, and says so. Jobs with a trial
that failed are left out.

    python scripts/bench/pruning.py [--store FOLDER] [--models …] [--tasks …] [--trials 50] [--seeds 3] [--space quick]

The store keeps what was done: the same command goes on where it stopped, and with --report only prints. The pruner over
inner folds (wilcoxon) has no curve to replay and is not compared here.
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
from tabbench.protocol import PrunerKind
from tabbench.results import Status
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.store.database import open_database
from tabbench.store.history import read_job
from tabbench.store.layout import Store
from tabbench.tuning.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.results import TrialRow

PRUNERS = (PrunerKind.MEDIAN, PrunerKind.HALVING, PrunerKind.HYPERBAND)
MODELS = "xgboost,lightgbm,catboost,mlp"
TASKS = (
    "bundled/breast_cancer,bundled/credit,bundled/penguins,bundled/wine,"
    "bundled/concrete,bundled/diabetes,bundled/diamonds,bundled/fuel_economy"
)
QUERY = """
    SELECT DISTINCT j.job_id, t.model, t.task, t.repeat, t.fold, t.sampler_seed
    FROM jobs j JOIN trials t ON t.job_id = j.job_id AND t.trial = 0
    WHERE t.pruner = 'none' AND t.valid_rule = 'holdout' AND j.n_trials >= ? AND j.n_ok = j.n_trials
"""


class Cell(NamedTuple):
    """What is compared with and without a pruner."""

    model: str
    task: str
    repeat: int
    fold: int
    seed: int


class Tuned(NamedTuple):
    """What tuning cost, and what came of it."""

    seconds: float
    error: float


def run(options: argparse.Namespace, seed: int) -> None:
    """Tune every model on every split without a pruner; what the store holds is left out."""
    settings = compose_settings(
        [
            f"tasks=[{options.tasks}]",
            f"models=[{options.models}]",
            f"protocol.splits={options.splits}",
            "protocol.valid=holdout",
            f"protocol.n_trials={options.trials}",
            "protocol.keep_predictions=false",
            f"protocol.seed={seed}",
            f"sampler.seed={seed}",
            f"sampler.space={options.space}",
            f"executor.n_workers={options.workers}",
            f"store={options.store}",
            *([f"folds=[{options.folds}]"] if options.folds else []),
        ]
    )
    plan = plan_run(settings)
    plan = replace(plan, jobs=tuple(job for job in plan.jobs if job.repeat < options.repeats))
    print(f"seed {seed}: {len(plan.jobs)} jobs to do", flush=True)
    if plan.jobs:
        launch(settings, plan)


def tuned_cells(store: Store, n_trials: int) -> dict[str, dict[Cell, Tuned]]:
    """Tuning without a pruner, and with each, by pruner."""
    found: dict[str, dict[Cell, Tuned]] = {kind: {} for kind in (PrunerKind.NONE, *PRUNERS)}
    with open_database(store) as connection:
        jobs = connection.execute(QUERY, [n_trials]).fetchall()
    for job_id, *cell in jobs:
        done = [(one.trial, one.fits) for one in read_job(store, job_id)][:n_trials]
        seconds = sum(fit.fit_seconds or 0.0 for _, fits in done for fit in fits)
        scored = {trial.trial: trial for trial, _ in done if trial.status is Status.OK}
        found[PrunerKind.NONE][Cell(*cell)] = Tuned(seconds, _tuned_error(list(scored.values())))
        for kind in PRUNERS:
            left = replay(kind, job_id, done)
            kept = [scored[one.trial] for one in left if not one.is_pruned and one.trial in scored]
            found[kind][Cell(*cell)] = Tuned(sum(one.fit_seconds for one in left), _tuned_error(kept))
    return found


def _tuned_error(trials: Sequence[TrialRow]) -> float:
    """Test error of the best on valid; the earlier of two that tie."""
    best = min(trials, key=lambda trial: (trial.valid_error, trial.trial))
    return best.test_error or 0.0


def bound_over_tasks(losses: dict[Cell, float], n_draws: int = 10_000) -> float:
    """Upper 95 % bound of the mean loss: bootstrap over tasks, each with all its cells."""
    tasks = sorted({cell.task for cell in losses})
    by_task = np.array([np.mean([loss for cell, loss in losses.items() if cell.task == task]) for task in tasks])
    draws = np.random.default_rng(0).integers(0, len(tasks), (n_draws, len(tasks)))
    return float(np.quantile(by_task[draws].mean(axis=1), 0.95))


def report(store: Store, n_trials: int) -> None:
    """One line a pruner and model, and one for all models together."""
    cells = tuned_cells(store, n_trials)
    plain = cells[PrunerKind.NONE]
    print(f"{'pruner':10} {'model':12} cells tasks  seconds saved  mean loss  95 % bound")
    for pruner in PRUNERS:
        both = [cell for cell in plain if plain[cell].error > 0]
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
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--tasks", default=TASKS)
    parser.add_argument("--splits", default="tabarena", help="3 folds, repeated 3 or 10 times")
    parser.add_argument("--repeats", type=int, default=3, help="only so many of them: 3 make 9 splits")
    parser.add_argument("--folds", default="", help="only these folds of each repeat: 0,1")
    parser.add_argument("--space", default="''", help="a named space: quick for shorter fits")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="only print what the store holds")
    options = parser.parse_args()
    for seed in range(0 if options.report else options.seeds):
        run(options, seed)
    report(Store(options.store), options.trials)


if __name__ == "__main__":
    main()

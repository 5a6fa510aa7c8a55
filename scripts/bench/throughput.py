"""What tuning on two workers loses against two bare processes that do the same fits in the same run.

The bare processes draw the same configurations, fit on the same rows, predict and score in a loop, and take the jobs
in the same order, one at a time each. They isolate nothing, hold no limit and store nothing. Libraries are loaded
beforehand on both sides. The goal is 0.95 of their throughput. Run it on an otherwise idle machine.

    python scripts/bench/throughput.py [--trials 20] [--rounds 3] [--models lightgbm,random_forest] [--protocol …]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

import tabbench
from tabbench.discovery import load_model
from tabbench.environment import use_threads
from tabbench.hashing import content_id
from tabbench.metrics import clean_prediction, error_function, score
from tabbench.model import Context
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.runner.parts import cut_rows, facts_on, load_planned, prepare_parts
from tabbench.store.history import read_job
from tabbench.store.layout import Store
from tabbench.tuning.named_space import with_space
from tabbench.tuning.samplers import make_draws

if TYPE_CHECKING:
    from tabbench.runner.job import Job

N_WORKERS = 2


def load_libraries(models: tuple[str, ...], tasks: tuple[str, ...]) -> None:
    """Import, fit once and read the tables, so that the loop below starts warm."""
    use_threads(1)
    plan = plan_run(compose_settings([*settings_of(models, tasks, 1, "quick"), "store=nowhere"]))
    for job in plan.jobs:
        do_bare(replace(job, protocol=replace(job.protocol, limits=replace(job.protocol.limits, n_trials=1))))


def settings_of(models: tuple[str, ...], tasks: tuple[str, ...], n_trials: int, protocol: str) -> list[str]:
    """What both sides run."""
    names = [f"tasks=[{','.join(tasks)}]", f"models=[{','.join(models)}]", f"protocol={protocol}"]
    return [*names, f"protocol.n_trials={n_trials}", "folds=[0,1,2]", f"executor.n_workers={N_WORKERS}"]


def do_bare(job: Job) -> list[str]:
    """The fits of a job in a plain loop; the configuration's hash of each."""
    model, data = load_model(job.model), load_planned(job)
    rows = cut_rows(data, job)
    facts, kind, n_classes = facts_on(data, rows), data.task.type, len(data.task.classes)
    metric = job.protocol.primary_metric(data.task)
    drawn_from = with_space(model, job.protocol.sampler.space)
    draws = make_draws(job.protocol.sampler, drawn_from, facts, job.job_id)
    parts = [prepare_parts(data, fold, rows.test, model.card, 0) for fold in rows.folds]
    configs = []
    for trial in range(job.protocol.limits.n_trials or 1):
        config = {**drawn_from.default, **((draws.ask(trial) or {}) if trial else {})}
        for part in parts:
            context = Context(
                rng=np.random.default_rng(trial),
                seed=trial,
                n_threads=1,
                metric=metric,
                error=error_function(metric, kind, n_classes),
                task=part.facts,
                columns=part.columns,
            )
            fitted = model()
            fitted.fit(part.train, part.stop, config, context)
            for X, y in ((part.X_valid, part.y_valid), (part.X_test, part.y_test)):
                score(y, clean_prediction(fitted.predict(X), kind, len(y), n_classes), kind)
            configs.append(content_id(config))
    return configs


def bare(jobs: tuple[Job, ...], models: tuple[str, ...], tasks: tuple[str, ...]) -> tuple[float, list[str]]:
    """Seconds of two processes, and what they fitted."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(N_WORKERS, load_libraries, (models, tasks)) as pool:
        pool.map(time.sleep, [0.5] * N_WORKERS, chunksize=1)  # both are up
        start = time.perf_counter()
        configs = [config for done in pool.imap_unordered(do_bare, jobs, chunksize=1) for config in done]
        return time.perf_counter() - start, sorted(configs)


def tuned(arguments: list[str]) -> tuple[float, list[str]]:
    """Seconds from the first trial's start to the last one's end, and what was fitted."""
    with tempfile.TemporaryDirectory() as folder:
        settings = compose_settings([*arguments, f"store={folder}"])
        plan = plan_run(settings)
        launch(settings, plan)
        rows = [done.trial for job in plan.jobs for done in read_job(Store(Path(folder)), job.job_id)]
    failed = [row for row in rows if row.status != "ok"]
    assert not failed, failed[0].reason
    start = min(row.started_at for row in rows)
    end = max(row.started_at + timedelta(seconds=row.total_seconds or 0) for row in rows)
    return (end - start).total_seconds(), sorted(row.config_id for row in rows for _ in range(row.n_fits))


def main() -> None:
    """Print each round and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", default="lightgbm,random_forest")
    parser.add_argument("--tasks", default="bundled/breast_cancer,bundled/ames")
    parser.add_argument("--protocol", default="quick")
    options = parser.parse_args()
    use_threads(1)
    models, tasks = tuple(options.models.split(",")), tuple(options.tasks.split(","))
    arguments = settings_of(models, tasks, options.trials, options.protocol)
    jobs = plan_run(compose_settings([*arguments, "store=nowhere"])).jobs
    ratios = []
    for number in range(options.rounds):
        plain_seconds, plain = bare(jobs, models, tasks)
        tuned_seconds, fitted = tuned(arguments)
        assert plain == fitted, "the two sides fitted other configurations"
        ratios.append(plain_seconds / tuned_seconds)
        print(
            f"round {number}: {len(plain)} fits, bare in {plain_seconds:.2f} s, tuned in {tuned_seconds:.2f} s, "
            f"ratio {ratios[-1]:.3f}",
            flush=True,
        )
    print(
        f"throughput: {median(ratios):.3f} of two bare processes (median of {options.rounds}; {len(jobs)} jobs of "
        f"{options.trials} trials, {options.models} on {options.tasks}, {options.protocol}; {os.cpu_count()} cores, "
        f"load {os.getloadavg()[0]:.1f}, {platform.processor() or platform.machine()}, "
        f"tabbench {tabbench.__version__}, Python {sys.version.split()[0]})"
    )


if __name__ == "__main__":
    main()

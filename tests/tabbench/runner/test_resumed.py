"""A job that was stopped at any trial, any number of times, leaves the rows of one that was not."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from stored_rows import all_trials, stable_rows

from tabbench.environment import worker_row
from tabbench.runner.compose import compose_settings
from tabbench.runner.fit_child import StopRequested
from tabbench.runner.launch import plan_run
from tabbench.runner.supervisor import Bench, run_job
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from pathlib import Path

CURVE = """
from tabbench.model import Training
if valid is None:
    return Training(context.n_steps, context.n_steps, context.n_steps, "done")
for step in range(1, 31):
    if self.shift > 0.7 and step == 10:
        raise ValueError("too far")
    if context.report(step, abs(self.shift - 0.3) + context.seed % 7 / 1000 + 1 / step):
        return Training(step, step, 30, "pruned")
return Training(30, 30, 40, "patience")
"""
CV = ("protocol.valid=cv", "protocol.n_inner_folds=4")
JOBS = {
    "random": ("sampler=random", "protocol=quick"),
    "qmc": ("sampler=qmc", *CV, "protocol.refit=true"),
    "tpe": ("sampler=tpe", "protocol.stop_on=inner"),
    "gp": ("sampler=gp",),
    "median": ("pruner=median", *CV),
    "halving": ("sampler=tpe", "pruner=halving", "protocol.refit=true"),
    "hyperband": ("sampler=tpe", "pruner=hyperband"),
    "wilcoxon": ("sampler=tpe", "pruner=wilcoxon", *CV),
    "tabzilla": ("protocol=tabzilla", "protocol.splits=own"),
    "tabarena": ("protocol=tabarena", "protocol.splits=own"),
    "holdout_tpe": ("protocol=holdout_tpe",),
}
N_TRIALS = 13


def go(settings: tuple[str, ...], store: Path, stop_after: int | None = None) -> bool:
    """Run one job in this process; whether it was stopped after so many new trials."""
    overrides = ["folds=[0]", f"protocol.n_trials={N_TRIALS}", f"store={store}", *settings]
    jobs = plan_run(compose_settings(overrides)).jobs
    n_done = 0

    def report(row: object) -> None:
        nonlocal n_done
        n_done += 1
        if n_done == stop_after:
            raise StopRequested

    try:
        for job in jobs:
            run_job(job, Bench(worker_row("local"), Store(store), report=report))
    except StopRequested:
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("name", JOBS)
def test_stopped_job_leaves_the_rows_of_an_undisturbed_one(name, tmp_path, write_plugin):
    plugin = write_plugin("curved", fit=CURVE)
    settings = (*JOBS[name], "tasks=[bundled/diabetes]", f"models=[{plugin}]")
    assert not go(settings, tmp_path / "undisturbed")
    expected = stable_rows(tmp_path / "undisturbed")
    assert len(expected) == N_TRIALS
    chance = random.Random(name)
    n_stops = 0
    while go(settings, tmp_path / "stopped", chance.randint(1, 4)):
        n_stops += 1
    assert n_stops >= 3
    assert stable_rows(tmp_path / "stopped") == expected
    assert {done.trial.attempt for done in all_trials(tmp_path / "stopped")} == {1}

"""Plugins written on the spot, and runs of them."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tabbench.environment import worker_row
from tabbench.errors import TabbenchError
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import RunSummary, launch, plan_run
from tabbench.runner.local import Failure, LocalExecutor
from tabbench.runner.supervisor import Bench, run_job

if TYPE_CHECKING:
    from tabbench.runner.job import Job

PLUGIN = """
from typing import ClassVar
import numpy as np
from tabbench.model import *
from tabbench.model import ModelCard, Family, Reads, REGRESSION

class Plugin:
    card = ModelCard(name="{name}", title="A plugin of the tests", family=Family.OTHER,
                     task_types=frozenset({{BINARY, MULTICLASS, REGRESSION}}), reads=Reads(){card})
    default = {{"shift": 0.0}}

    @staticmethod
    def space(trial, task):
        return {{"shift": trial.suggest_float("shift", -1, 1)}}

    def fit(self, train, valid, params, context):
        self.k = context.task.n_classes
        self.shift = params["shift"]
{fit}

    def predict(self, X):
        if not self.k:
            return np.full(len(X), self.shift)
        weights = np.exp(self.shift * np.arange(self.k))
        return np.tile(weights / weights.sum(), (len(X), 1))
{more}

MODEL = Plugin
"""

WritePlugin = Callable[..., Path]
Run = Callable[..., RunSummary]


@pytest.fixture
def write_plugin(tmp_path: Path) -> WritePlugin:
    """`write_plugin(name, fit="…", more="…", card=", …")` writes a plugin file whose fit does that."""

    def write(name: str, fit: str = "", more: str = "", card: str = "") -> Path:
        path = tmp_path / f"{name}.py"
        path.write_text(
            PLUGIN.format(
                name=name,
                fit=textwrap.indent(textwrap.dedent(fit), " " * 8),
                more=textwrap.indent(textwrap.dedent(more), " " * 4),
                card=card,
            )
        )
        return path

    return write


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs run in this process, quickly and where a patch reaches them; fits are forked all the same."""

    def run_here(executor: LocalExecutor, jobs: Iterable[Job]) -> list[Failure]:
        failures = []
        for job in jobs:
            try:
                run_job(job, Bench(worker_row("local"), executor.store))
            except TabbenchError as error:
                failures.append(Failure(job, str(error)))
        return failures

    monkeypatch.setattr(LocalExecutor, "run", run_here)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("models=[…]", …)` runs iris, fold 0, three trials on one worker into `tmp_path/store`."""

    def go(*overrides: str) -> RunSummary:
        defaults = ["tasks=[bundled/iris]", "folds=[0]", "protocol.n_trials=3", "executor.n_workers=1"]
        given = {o.split("=")[0] for o in overrides}
        kept = [d for d in defaults if d.split("=")[0] not in given]
        store = [] if "store" in given else [f"store={tmp_path / 'store'}"]
        settings = compose_settings([*kept, *store, *overrides])
        return launch(settings, plan_run(settings))

    return go

"""One small store, the bundle of it, and bundles changed by somebody who means no good."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tabbench.discovery import find_models
from tabbench.environment import environment_row, worker_row
from tabbench.errors import TabbenchError
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.runner.local import Failure, LocalExecutor
from tabbench.runner.supervisor import Bench, run_job
from tabbench.store.documents import write_document
from tabbench.store.layout import Store
from tabbench.submission import documents
from tabbench.submission.export import export_bundle

PLUGIN = '''
from typing import ClassVar
import numpy as np
from tabbench.model import *
from tabbench.model import ModelCard, Family, Reads, REGRESSION

class Prior:
    """Predicts shares of classes, or a number."""
    card = ModelCard(name="prior", title="Class shares", family=Family.BASELINE,
                     task_types=frozenset({BINARY, MULTICLASS, REGRESSION}), reads=Reads(), licence="MIT")
    default = {"power": 1.0}

    @staticmethod
    def space(trial, task):
        return {"power": trial.suggest_float("power", 0.1, 2.0)}

    def fit(self, train, valid, params, context):
        self.k, self.mean = context.task.n_classes, train.y.mean() * params["power"]
        if self.k:
            self.share = (np.bincount(train.y, minlength=self.k) / len(train.y)) ** params["power"]

    def predict(self, X):
        if not self.k:
            return np.full(len(X), self.mean)
        return np.tile(self.share / self.share.sum(), (len(X), 1))

MODEL = Prior
'''


def run_here(executor: LocalExecutor, jobs: Any) -> list[Any]:
    """Jobs in this process: quick."""
    worker = worker_row("local")
    write_document(executor.store, "environments", environment_row())
    write_document(executor.store, "workers", worker)
    failures = []
    for job in jobs:
        try:
            run_job(job, Bench(worker, executor.store))
        except TabbenchError as error:
            failures.append(Failure(job, str(error)))
        executor.on_job(job)
    return failures


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs run in this process."""
    monkeypatch.setattr(LocalExecutor, "run", run_here)


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model by path."""
    path = tmp_path_factory.mktemp("plugin") / "prior.py"
    path.write_text(PLUGIN)
    return path


@pytest.fixture(autouse=True, scope="session")
def _models_are_found_once() -> Iterator[None]:
    """Reading the source of every model takes longer than all else of a small check."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "find_models", cache(find_models))
        yield


def run(root: Path, *overrides: str) -> Store:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalExecutor, "run", run_here)
        settings = compose_settings([f"store={root}", "protocol.n_trials=2", "protocol.valid=holdout", *overrides])
        launch(settings, plan_run(settings))
    return Store(root)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, plugin: Path) -> Store:
    """Two trials of a model by path on the three splits of a small table."""
    root = tmp_path_factory.mktemp("submission") / "store"
    return run(root, "tasks=[bundled/iris]", f"models=[{plugin}]")


@pytest.fixture(scope="session")
def bundle(store: Store, plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is sent."""
    path = tmp_path_factory.mktemp("bundle") / "prior.zip"
    export_bundle(store, [str(plugin)], path)
    return path


@pytest.fixture(scope="session")
def other_bundle(plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a regression, with inner folds and a refit, and a model that is installed beside."""
    folder = tmp_path_factory.mktemp("other")
    models = f"models=[{plugin},constant]"
    rule = ("protocol.valid=cv", "protocol.n_inner_folds=2", "protocol.refit=true")
    store = run(folder / "store", "tasks=[bundled/concrete]", models, *rule)
    export_bundle(store, [str(plugin), "constant"], folder / "other.zip")
    return folder / "other.zip"


class Members(dict[str, bytes]):
    """The files of a bundle, to be changed."""

    @property
    def jobs(self) -> list[str]:
        return [name.split("/")[1].split(".")[0] for name in self if name.startswith("trials/")]

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self[name].splitlines()]

    def put(self, name: str, lines: list[dict[str, Any]]) -> None:
        self[name] = "".join(json.dumps(line) + "\n" for line in lines).encode()

    def job_of(self, model: str, task: str) -> str:
        """The first job of a model on a task."""
        for job in self.jobs:
            trial = self.lines(f"trials/{job}.jsonl")[0]["trial"]
            if (trial["model"], trial["task"], trial["fold"]) == (model, task, 0):
                return job
        raise LookupError(model)

    def zipped(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.items():
                archive.writestr(name, data)
        return out.getvalue()


Change = Callable[[Callable[[Members], None]], Path]


def read_members(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return Members({info.filename: archive.read(info) for info in archive.infolist()})


@pytest.fixture
def members(bundle: Path) -> Members:
    """The files of the bundle."""
    return read_members(bundle)


@pytest.fixture
def other_members(other_bundle: Path) -> Members:
    """The files of the bundle of a regression."""
    return read_members(other_bundle)


@pytest.fixture
def changed(members: Members, tmp_path: Path) -> Change:
    """`changed(change)` has a function change the files, and zips them again."""

    def write(change: Callable[[Members], None]) -> Path:
        change(members)
        path = tmp_path / "changed.zip"
        path.write_bytes(members.zipped())
        return path

    return write

"""A real cluster of two nodes on loopback: whatever goes wrong on it, the rows are those of an undisturbed local run.

Each test submits the same jobs, disturbs them, and compares what is stored in the end. Times and hosts aside, nothing
may be lost and nothing may be there twice.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from collections import Counter
from typing import TYPE_CHECKING

import psutil
import pytest
from slurm_cluster import SlurmCluster, why_not
from stored_rows import TABBENCH, all_trials, stable_rows

from tabbench.store.launches import launch_folder, launches_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]

MARK = "TABBENCH_TEST_MARK"
N_TRIALS = 6
FOLDS = 3
PLUGIN = """
import pathlib
import time

import numpy as np

from tabbench.model import *
from tabbench.model import Family, ModelCard, Reads


class Paced:
    card = ModelCard(name="paced", title="Fits as slowly as a file says", family=Family.OTHER,
                     task_types=frozenset({MULTICLASS}), reads=Reads())
    default = {"shift": 0.0}

    @staticmethod
    def space(trial, task):
        return {"shift": trial.suggest_float("shift", -1, 1)}

    def fit(self, train, valid, params, context):
        time.sleep(float((pathlib.Path(__file__).parent / "pace").read_text()))
        weights = np.exp(params["shift"] * np.arange(context.task.n_classes))
        self.share = weights / weights.sum()

    def predict(self, X):
        return np.tile(self.share, (len(X), 1))


MODEL = Paced
"""


class Sweep:
    """The jobs of these tests, submitted to a cluster into a store of their own.

    Args:
        cluster: Where to.
        store: The store's folder.
        plugin: The model's file.
    """

    def __init__(self, cluster: SlurmCluster, store: Path, plugin: Path) -> None:
        self.cluster, self.store, self._plugin = cluster, store, plugin
        self._mark = uuid.uuid4().hex
        self.set_pace(0.3)

    def set_pace(self, seconds: float) -> None:
        """How long each fit takes from now on."""
        (self._plugin.parent / "pace").write_text(str(seconds))

    def start(self, *settings: str) -> subprocess.Popen[str]:
        """Start the launching command."""
        environment = {**self.cluster.environment, MARK: self._mark, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [*arguments(self._plugin, self.store), *SLURM, *settings],
            env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def submit(self, *settings: str) -> str:
        """Submit what is missing; returns what was told."""
        process = self.start(*settings)
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
        return told

    def follow(self, *settings: str) -> str:
        """Submit what is missing and not under way, wait until all has ended; returns what was told."""
        process = self.start("executor.wait=true", *settings)
        _, told = process.communicate(timeout=300)
        assert process.returncode in (0, 1), told
        return told

    def family(self) -> list[psutil.Process]:
        """Every living process of this sweep's elements."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return [p for p in found if "slurmstepd" not in p.name()]

    def workers(self) -> list[psutil.Process]:
        """Processes that hold a journal open: the supervisors."""
        found = []
        for process in self.family():
            try:
                if any("/journals/" in file.path for file in process.open_files()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def n_stored(self) -> int:
        """Trials that are on disk."""
        return sum(len(file.read_bytes().splitlines()) - 1 for file in self.store.glob("journals/*/*.jsonl"))

    def wait_until(self, holds: Callable[[], object], seconds: float = 90.0) -> None:
        """Wait for a moment in the run."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.cluster.ask("squeue", "--states=all", "--array")
            time.sleep(0.1)

    def states(self) -> Counter[str]:
        """How many elements are in each state."""
        return Counter(self.cluster.ask("squeue", "-h", "-r", "-t", "all", "-o", "%T").split())


SLURM = ("executor=slurm", "executor.n_workers=4", "executor.slurm.cpus=2", "executor.slurm.minutes=10")


def arguments(plugin: Path, store: Path) -> list[str]:
    what = ["tasks=[bundled/iris]", f"models=[{plugin},decision_tree]", f"protocol.n_trials={N_TRIALS}"]
    return [*TABBENCH, "run", *what, "protocol.trial_seconds=10", f"store={store}"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    cluster = SlurmCluster(tmp_path_factory.mktemp("slurm"))
    for folder in [cluster.root, *cluster.root.parents]:
        if folder.stat().st_uid == os.getuid() and folder.name.startswith("pytest"):
            folder.chmod(0o755)  # munged refuses a socket below a folder that others may not enter
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugin") / "paced.py"
    path.write_text(PLUGIN)
    (path.parent / "pace").write_text("0")
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, plugin: Path) -> list[object]:
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    subprocess.run([*arguments(plugin, store), "executor.n_workers=2"], check=True, timeout=300, capture_output=True)
    rows = stable_rows(store)
    assert len(rows) == 2 * FOLDS * N_TRIALS
    return rows


@pytest.fixture
def sweep(cluster: SlurmCluster, plugin: Path, tmp_path: Path, undisturbed: list[object]) -> Iterator[Sweep]:
    """A sweep; the cluster is idle before and after it."""
    sweep = Sweep(cluster, tmp_path / "store", plugin)
    yield sweep
    cluster.ask("scancel", "--user=root")
    cluster.wait_until_idle()
    sweep.wait_until(lambda: not sweep.family(), 20)


def assert_nothing_lost_and_nothing_twice(sweep: Sweep, undisturbed: list[object]) -> None:
    assert stable_rows(sweep.store) == undisturbed
    keys = Counter((done.trial.job_id, done.trial.trial, done.trial.attempt) for done in all_trials(sweep.store))
    assert set(keys.values()) == {1}
    assert "Nothing to do" in sweep.submit()


def test_array_leaves_the_rows_of_a_local_run(sweep, undisturbed):
    told = sweep.follow()
    assert re.search(r"Submitted 6 jobs in \d bundles as SLURM job \d+", told)
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)

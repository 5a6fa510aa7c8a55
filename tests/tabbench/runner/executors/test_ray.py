"""Ray on loopback: whatever goes wrong, the rows are those of an undisturbed local run, none lost, none twice."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from typing import TYPE_CHECKING

import psutil
import pytest
from stored_rows import TABBENCH, all_trials, stable_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.slow

PLUGIN = """
import time

import numpy as np

from tabbench.model import *
from tabbench.model import Family, ModelCard, Reads


class Paced:
    card = ModelCard(name="paced", title="Sleeps in fit", family=Family.OTHER,
                     task_types=frozenset({MULTICLASS}), reads=Reads())
    default = {"shift": 0.0}

    @staticmethod
    def space(trial, task):
        return {"shift": trial.suggest_float("shift", -1, 1)}

    def fit(self, train, valid, params, context):
        time.sleep(0.4)
        weights = np.exp(params["shift"] * np.arange(context.task.n_classes))
        self.share = weights / weights.sum()

    def predict(self, X):
        return np.tile(self.share, (len(X), 1))


MODEL = Paced
"""
MARK = "TABBENCH_TEST_MARK"
OPEN = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1"}
"""On loopback no token is needed; Ray 2.60 asks for one by default."""


COUNT = """
import sys

import ray

ray.init(address=sys.argv[1], log_to_driver=False)
sys.exit(sum(node["Alive"] for node in ray.nodes()) != int(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugin") / "paced.py"
    path.write_text(PLUGIN)
    return path


def command(plugin: Path, store: Path, *more: str) -> list[str]:
    jobs = ["tasks=[bundled/iris]", f"models=[{plugin}]", "folds=[0,1,2]", "protocol.n_trials=6"]
    return [*TABBENCH, "run", *jobs, f"store={store}", *more]


@pytest.fixture(scope="module")
def undisturbed(plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    store = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(command(plugin, store, "executor.n_workers=2"), check=True, capture_output=True, timeout=120)
    return stable_rows(store)


class Cluster:
    """Ray nodes on loopback, each a `ray start --block` of its own session, ended by its own process ids."""

    def __init__(self) -> None:
        self._nodes: list[subprocess.Popen[bytes]] = []
        self.port = 20000 + os.getpid() % 20000
        self.mark = uuid.uuid4().hex

    def start(self) -> None:
        head = not self._nodes
        where = (
            ["--head", f"--port={self.port}", "--include-dashboard=false"] if head else [f"--address={self.address}"]
        )
        ray_start = [sys.executable, "-m", "ray.scripts.scripts", "start", *where, "--node-ip-address=127.0.0.1"]
        settings = {**OPEN, MARK: self.mark, "RAY_health_check_period_ms": "500"}
        self._nodes.append(
            subprocess.Popen(
                [*ray_start, "--num-cpus=1", "--object-store-memory=100000000", "--disable-usage-stats", "--block"],
                env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )
        )  # fmt: skip

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def is_listening(self) -> bool:
        with socket.socket() as s:
            return not s.connect_ex(("127.0.0.1", self.port))

    def has_nodes(self, n: int) -> bool:
        ask = [sys.executable, "-c", COUNT, self.address, str(n)]
        done = subprocess.run(ask, env=os.environ | OPEN, capture_output=True, timeout=90, check=False)
        return done.returncode == 0

    def kill_node(self, number: int) -> None:
        """Kill a node with all that runs on it, at once."""
        node = psutil.Process(self._nodes[number].pid)
        for process in [*node.children(recursive=True), node]:
            _kill(process)
        self._nodes[number].wait()

    def family(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter() if _environment(p).get(MARK) == self.mark]

    def close(self) -> None:
        for process in self.family():
            _kill(process)
        for node in self._nodes:
            node.wait()


def _command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except psutil.Error:
        return {}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    found = Cluster()
    try:
        found.start()
        until(found.is_listening)
        found.start()
        until(lambda: found.has_nodes(2), 120)
        yield found
    finally:
        found.close()


def start(cluster: Cluster, plugin: Path, store: Path, *more: str) -> subprocess.Popen[str]:
    on_ray = ["executor=ray", f"executor.ray.address={cluster.address}", *more]
    return subprocess.Popen(command(plugin, store, *on_ray), text=True, stderr=subprocess.PIPE, env=os.environ | OPEN)


def until(reached: Callable[[], bool], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.1)


def n_lines(store: Path) -> int:
    n = 0
    for path in store.glob("journals/*/*.jsonl"):
        with contextlib.suppress(FileNotFoundError):  # packed meanwhile
            n += len(path.read_bytes().splitlines())
    return n


def assert_equal_rows(store: Path, undisturbed: list[object]) -> None:
    keys = Counter((done.trial.job_id, done.trial.trial, done.trial.attempt) for done in all_trials(store))
    assert set(keys.values()) == {1}
    assert stable_rows(store) == undisturbed


def ended_well(process: subprocess.Popen[str]) -> None:
    _, told = process.communicate(timeout=200)
    assert process.returncode == 0, told


@pytest.mark.parametrize("shared", ["true", "false"])
def test_rows_are_those_of_a_local_run(cluster, plugin, tmp_path, undisturbed, shared):
    ended_well(start(cluster, plugin, tmp_path / "store", f"executor.ray.shared_store={shared}"))
    assert_equal_rows(tmp_path / "store", undisturbed)


def test_address_where_nobody_listens_is_told_at_once(plugin, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # bound, but listening to nobody
        address = f"127.0.0.1:{free.getsockname()[1]}"
        wrong = [*command(plugin, tmp_path / "store"), "executor=ray", f"executor.ray.address={address}"]
        done = subprocess.run(wrong, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"executor.ray.address={address}: Ray cannot be reached" in done.stderr


def test_worker_killed_in_mid_trial(cluster, plugin, tmp_path, undisturbed):
    store = tmp_path / "store"
    process = start(cluster, plugin, store)
    until(lambda: n_lines(store) > 2)
    workers = [p for p in cluster.family() if "do_job" in _command(p)]
    assert workers
    _kill(workers[0])
    ended_well(process)
    assert_equal_rows(store, undisturbed)


def test_driver_killed_and_started_again(cluster, plugin, tmp_path, undisturbed):
    store = tmp_path / "store"
    process = start(cluster, plugin, store)
    until(lambda: n_lines(store) > 3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    ended_well(start(cluster, plugin, store))
    assert_equal_rows(store, undisturbed)


def test_node_removed(cluster, plugin, tmp_path, undisturbed):
    store = tmp_path / "store"
    process = start(cluster, plugin, store)
    until(lambda: n_lines(store) > 3)
    cluster.kill_node(1)
    ended_well(process)
    assert_equal_rows(store, undisturbed)

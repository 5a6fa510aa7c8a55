"""A real cluster of two nodes on loopback: whatever goes wrong on it, the rows are those of an undisturbed local run.

Each test submits the same jobs, disturbs them, and compares what is stored in the end. Times and hosts aside, nothing
may be lost and nothing may be there twice.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
import uuid
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from slurm_cluster import SlurmCluster, why_not
from stored_rows import TABBENCH, all_trials, stable_rows

from tabbench.cli.main import main
from tabbench.store.launches import launch_folder, launches_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]

MARK = "TABBENCH_TEST_MARK"
N_TRIALS = 6
FOLDS = (0, 1)
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


CLOCK_OFF = """#!/bin/bash
if [ "${{SLURM_ARRAY_TASK_ID:-}}" = 0 ]; then
    export LD_PRELOAD={library} FAKETIME=+5m
fi
exec "$@"
"""
SECONDS_FULL = 60.0
GAP = "are missing. The same command"


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
        self._environment = {**cluster.environment, MARK: self._mark, "OMP_NUM_THREADS": "1"}
        self.set_pace(0.3)

    def set_pace(self, seconds: float) -> None:
        """How long each fit takes from now on."""
        (self._plugin.parent / "pace").write_text(str(seconds))

    def start(self, *settings: str) -> subprocess.Popen[str]:
        """Start the launching command."""
        return subprocess.Popen(
            [*arguments(self._plugin, self.store), *SLURM, *settings],
            env=self._environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
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

    def run_script(self, script: Path) -> str:
        """Run a batch script in its folder to its end; returns what it told."""
        told = script.with_suffix(".out")
        command = ["sbatch", "--wait", f"--chdir={script.parent}", f"--output={told}", str(script)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, f"{done.stderr} {told.read_text()}"
        return told.read_text()

    def family(self) -> list[psutil.Process]:
        """Every living process of this sweep's elements."""
        found = []
        for process in psutil.process_iter():
            try:
                is_ours = process.environ().get(MARK) == self._mark and "slurmstepd" not in process.name()
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

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
        n_lines = 0
        for file in self.store.glob("journals/*/*.jsonl"):
            with contextlib.suppress(FileNotFoundError):  # packed meanwhile
                n_lines += len(file.read_bytes().splitlines()) - 1
        return n_lines

    def wait_until(self, holds: Callable[[], object], seconds: float = 90.0) -> None:
        """Wait for a moment in the run."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.cluster.ask("squeue", "--states=all", "--array")
            time.sleep(0.1)

    def states(self) -> Counter[str]:
        """How many elements are in each state."""
        return Counter(self.cluster.ask("squeue", "-h", "-r", "-t", "all", "-o", "%T").split())


SLURM = (
    "executor=slurm",
    "executor.n_workers=4",
    "executor.slurm.cpus=2",
    "executor.bundle_minutes=0.0001",
)


def arguments(plugin: Path, store: Path) -> list[str]:
    what = [
        "tasks=[bundled/iris]",
        f"models=[{plugin}]",
        f"folds={list(FOLDS)}",
        f"protocol.n_trials={N_TRIALS}",
    ]
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
    assert len(rows) == len(FOLDS) * N_TRIALS
    return rows


@pytest.fixture
def sweep(cluster: SlurmCluster, plugin: Path, tmp_path: Path, undisturbed: list[object]) -> Iterator[Sweep]:
    """A sweep; the cluster is idle before and after it."""
    sweep = Sweep(cluster, tmp_path / "store", plugin)
    yield sweep
    cluster.ask("scancel", "--user=root")
    cluster.wait_until_idle()
    sweep.wait_until(lambda: not sweep.family())


def assert_nothing_lost_and_nothing_twice(sweep: Sweep, undisturbed: list[object]) -> None:
    assert stable_rows(sweep.store) == undisturbed
    keys = Counter((done.trial.job_id, done.trial.trial, done.trial.attempt) for done in all_trials(sweep.store))
    assert set(keys.values()) == {1}


def test_array_leaves_the_rows_of_a_local_run(sweep, undisturbed):
    told = sweep.follow()
    assert re.search(r"Submitted 2 jobs in 2 bundles as SLURM job \d+", told)
    assert "memory of an element: 2,500 MiB" in told
    array = re.search(r"as SLURM job (\d+)", told)[1]
    asked = sweep.cluster.ask("squeue", "-h", "-t", "all", "-j", array, "-o", "%m %l").splitlines()
    assert set(asked) == {"2500M 1:00:00"}  # expected memory, and the partition's whole time
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)
    assert "Nothing to do" in sweep.submit()
    workers = {done.trial.worker_id for done in all_trials(sweep.store)}
    rows = [json.loads(file.read_text()) for file in sweep.store.glob("documents/workers/**/*.json")]
    assert {row["worker_id"] for row in rows} == workers
    assert {row["executor"] for row in rows} == {"slurm"}
    assert all(re.fullmatch(r"\d+_\d+", row["cluster_job"]) for row in rows)


def test_worker_killed_in_mid_trial_is_replaced_by_its_element(sweep, undisturbed):
    sweep.set_pace(3.0)  # still under way when the same command looks
    sweep.submit()
    sweep.wait_until(lambda: sweep.n_stored() > 1)
    sweep.workers()[0].kill()
    assert GAP not in sweep.follow()
    assert len(launches_of(Store(sweep.store))) == 1
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_all_workers_killed_leave_a_gap_that_the_same_command_fills(sweep, undisturbed):
    sweep.set_pace(2.0)
    sweep.submit()
    sweep.wait_until(lambda: sweep.n_stored() > 1)
    for process in sweep.family():
        process.kill()
    sweep.set_pace(0.1)
    told = sweep.follow()
    if GAP in told:
        told = sweep.follow()
    assert GAP not in told
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_cancelled_launch_leaves_no_process_and_the_same_command_does_the_rest(sweep, undisturbed):
    sweep.set_pace(3.0)
    sweep.submit()
    sweep.wait_until(lambda: sweep.n_stored() > 1)
    command = [*TABBENCH, "cancel", "--store", str(sweep.store)]
    told = subprocess.run(
        command, env=sweep.cluster.environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert re.search(r"Launch \S+: \d bundles cancelled", told.stdout)
    sweep.wait_until(lambda: not sweep.family())
    assert len(stable_rows(sweep.store)) < len(undisturbed)
    sweep.set_pace(0.1)
    told = subprocess.run(
        command, env=sweep.cluster.environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert "Nothing is queued or running" in told.stdout
    sweep.follow()
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_node_that_is_lost_for_good_has_its_bundles_done_by_another(sweep, undisturbed):
    sweep.set_pace(2.0)
    sweep.submit()
    sweep.wait_until(lambda: sweep.n_stored() > 1)
    node = running(sweep, "%N")[0]
    sweep.cluster.kill_node(node)
    sweep.set_pace(0.1)
    try:
        assert GAP not in sweep.follow()
    finally:
        sweep.cluster.start_node(node)
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_requeued_bundle_and_its_orphan_leave_each_row_once(sweep, undisturbed):
    sweep.set_pace(8.0)  # so that the orphan is still at work when SLURM has started its element again
    sweep.submit()
    sweep.wait_until(lambda: sweep.n_stored() > 1)
    orphans = {process.pid for process in sweep.workers()}
    sweep.cluster.requeue_leaving_an_orphan(running(sweep, "%i")[0])
    sweep.wait_until(lambda: {p.pid for p in sweep.workers()} - orphans)
    assert {p.pid for p in sweep.workers()} & orphans
    sweep.set_pace(0.3)
    assert GAP not in sweep.follow()
    sweep.wait_until(lambda: not sweep.family())
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_element_stops_before_its_wall_time_and_goes_on_when_it_is_scheduled_again(sweep, undisturbed):
    sweep.set_pace(7.0)
    sweep.submit("executor.slurm.minutes=1", "protocol.trial_seconds=40")  # so no trial begins in the last half minute
    folder = launch_folder(Store(sweep.store), launches_of(Store(sweep.store))[0].launch_id)
    sweep.wait_until(lambda: list(folder.root.glob("again/*")), 75)
    sweep.set_pace(0.1)
    sweep.wait_until(lambda: stable_rows(sweep.store) == undisturbed, 240)  # by itself: nobody gives the command again
    assert len(launches_of(Store(sweep.store))) == 1
    assert not sweep.states()["TIMEOUT"]
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_disk_that_is_full_for_a_while_is_waited_for(sweep, undisturbed):
    sweep.store.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", sweep.store], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        sweep.set_pace(3.0)
        sweep.submit()
        sweep.wait_until(lambda: sweep.n_stored() > 1)
        ballast = fill(sweep.store / "ballast")
        folder = launch_folder(Store(sweep.store), launches_of(Store(sweep.store))[0].launch_id)
        time.sleep(SECONDS_FULL)
        assert not folder.ends()
        ballast.unlink()
        sweep.set_pace(0.1)
        assert GAP not in sweep.follow()
        assert len(launches_of(Store(sweep.store))) == 1
        assert_nothing_lost_and_nothing_twice(sweep, undisturbed)
    finally:
        sweep.cluster.ask("scancel", "--user=root")
        sweep.wait_until(lambda: not sweep.family())
        subprocess.run(["umount", sweep.store], check=True)


def test_node_whose_clock_is_five_minutes_off_leaves_the_same_rows(sweep, undisturbed, tmp_path):
    library = next(iter(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
    if library is None:
        pytest.skip("libfaketime is not installed: apt-get install libfaketime")
    wrapper = tmp_path / "off.sh"
    wrapper.write_text(CLOCK_OFF.format(library=library))
    wrapper.chmod(0o755)
    told = sweep.follow(f"executor.slurm.container={wrapper}")
    assert GAP not in told
    offsets = Counter(round(offset / 60) for offset in clock_offsets(sweep))
    assert set(offsets) == {0, 5}
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_launching_process_that_is_gone_is_not_missed(sweep, undisturbed):
    process = sweep.start("executor.wait=true")
    sweep.wait_until(sweep.n_stored)
    process.kill()
    process.communicate(timeout=30)
    sweep.wait_until(lambda: not sweep.states().keys() & {"RUNNING", "PENDING"})
    assert len(launches_of(Store(sweep.store))) == 1
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_two_launches_of_one_command_at_once_do_the_work_once(sweep, undisturbed):
    sweep.set_pace(4.0)  # still under way when the same command comes a third time
    both = [sweep.start() for _ in range(2)]
    told = [process.communicate(timeout=120)[1] for process in both]
    assert sorted(process.returncode for process in both) in ([0, 0], [0, 2])
    assert any("Another run is working" in text or "left to it" in text for text in told)
    assert "2 jobs are queued or running in an earlier launch" in sweep.submit()
    sweep.set_pace(0.1)
    sweep.follow()
    assert len(launches_of(Store(sweep.store))) == 1
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


def test_hydras_own_launcher_for_slurm_sweeps_over_settings(cluster, tmp_path):
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="the extra `launchers` is not installed")
    what = [
        "tasks=[bundled/iris]",
        "models=[constant]",
        "folds=[0]",
        f"store={tmp_path}/store-${{protocol.seed}}",
        "-m",
        "protocol.seed=0,1",
    ]
    launcher = {"timeout_min": 5, "mem_gb": 1, "cpus_per_task": 1, "array_parallelism": 2}
    how = ["hydra/launcher=submitit_slurm", *(f"hydra.launcher.{name}={value}" for name, value in launcher.items())]
    command = [*TABBENCH, "run", *what, *how, "executor.n_workers=1"]
    done = subprocess.run(
        command, env=cluster.environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [[row.trial.seed for row in all_trials(tmp_path / f"store-{seed}")] for seed in (0, 1)] == [[0], [1]]


def test_script_of_the_docs_runs_ray_inside_slurm(sweep, plugin, tmp_path, undisturbed):
    pytest.importorskip("ray")
    docs = Path(__file__).parents[4] / "docs" / "ray.md"
    script = re.search(r"```bash\n(#!/bin/bash\n.*?)```", docs.read_text(encoding="utf-8"), re.DOTALL)[1]
    jobs = shlex.join(arguments(plugin, sweep.store)[len(TABBENCH) + 1 :])
    changes = {"--nodes=4": "--nodes=2", "=16 --time=08:00:00": "=1 --time=00:10:00",
               "suite=cc18 'models=[all]' store=sweep": jobs}  # fmt: skip
    for old, new in changes.items():
        assert script.count(old) == 1
        script = script.replace(old, new)
    commands = tmp_path / "env" / "bin"
    commands.mkdir(parents=True)
    for name, module in {"ray": "ray.scripts.scripts", "tabbench": "tabbench.cli.main"}.items():
        (commands / name).write_text(f'#!/bin/bash\nexec {sys.executable} -m {module} "$@"\n')
        (commands / name).chmod(0o755)
    (commands / "activate").write_text(f"export PATH={commands}:$PATH\n")
    (tmp_path / "script.sh").write_text(script)
    sweep.set_pace(0.1)
    told = sweep.run_script(tmp_path / "script.sh")
    assert f"{len(undisturbed)} ok" in told
    sweep.wait_until(lambda: not sweep.family(), 60)  # Ray takes its time to end
    assert_nothing_lost_and_nothing_twice(sweep, undisturbed)


WRONG = {
    "executor.slurm.minutes=90": "the partition allows 1 to 60",
    "executor.slurm.minutes=0": "the partition allows 1 to 60",
    "executor.slurm.partition=gpus": "no such partition. Known: main",
    "executor.slurm.cpus=9": "Requested node configuration is not available",
    "executor.slurm.gres=gpu:7": "Requested node configuration is not available",
    "executor.slurm.constraint=a100": "Invalid feature specification",
    "executor.slurm.memory_mib=99999999": "Requested node configuration is not available",
    "protocol.n_threads=4": "executor.slurm.cpus=2: protocol.n_threads=4 needs as many",
    "executor.slurm.setup=[exit 3]": "A node cannot do the work: srun: error: n1: task 0: Exited with exit code 3",
    "executor.slurm.container=no_such_runtime exec": "no_such_runtime",
}


@pytest.mark.parametrize("setting", WRONG)
def test_what_the_cluster_cannot_do_is_told_before_anything_is_submitted(
    setting, cluster, plugin, tmp_path, monkeypatch, capsys
):
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    kept = [s for s in SLURM if s.split("=")[0] != setting.split("=")[0]]
    assert main(["run", *arguments(plugin, tmp_path / "store")[len(TABBENCH) + 1 :], *kept, setting]) == 2
    assert WRONG[setting] in capsys.readouterr().err
    assert not launches_of(Store(tmp_path / "store"))
    assert "tabbench" not in cluster.ask("squeue", "-h", "-t", "PD,R", "-o", "%j")


def test_nodes_that_are_busy_do_not_keep_a_launch_waiting(sweep, monkeypatch):
    sweep.cluster.ask("sbatch", "-N2", "--exclusive", "--output=/dev/null", "--wrap", "sleep 300")
    sweep.wait_until(lambda: sweep.states()["RUNNING"])
    told = sweep.submit()
    assert "Not checked whether a node can do the work: no node was free" in told
    assert sweep.states()["PENDING"] == 2


def running(sweep: Sweep, what: str) -> list[str]:
    """Of each running element, what `squeue` calls by that letter."""
    return sweep.cluster.ask("squeue", "-h", "-r", "-t", "R", "-o", what).split()


def fill(file: Path) -> Path:
    """Write until the disk is full."""
    with file.open("wb", buffering=0) as f, contextlib.suppress(OSError):
        for size in (2**20, 2**12, 1):
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(size))
    return file


def clock_offsets(sweep: Sweep) -> list[float]:
    """Seconds that each worker's clock was ahead of the file system's when it wrote its row."""
    files = list(sweep.store.glob("documents/workers/**/*.json"))
    began = [datetime.fromisoformat(json.loads(file.read_text())["started_at"]).timestamp() for file in files]
    return [start - file.stat().st_mtime for start, file in zip(began, files, strict=True)]

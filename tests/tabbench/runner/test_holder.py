"""A task's table is read by one process, whose workers share it; it can be killed, and it goes when the run does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import psutil
import pytest
from stored_rows import TABBENCH, all_trials

from tabbench.data.cached import cached_entry
from tabbench.data.frames import add_frame
from tabbench.runner.compose import compose_settings
from tabbench.runner.holder import Holders
from tabbench.runner.interrupts import heard_interrupts, is_interrupt
from tabbench.runner.launch import plan_run
from tabbench.runner.local import LocalExecutor
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Callable

NOTE = """
import os, pathlib, psutil
from tabbench.runner.parts import load_task_once
worker = psutil.Process(os.getppid())
holder = worker.parent()
loads = load_task_once.cache_info().misses
line = f"{{len(train.X) + len(valid.X)}} {{holder.pid}} {{holder.num_threads()}} {{loads}} {{worker.pid}}"
with pathlib.Path({path!r}).open("a") as file:
    file.write(line + chr(10))
"""
"""What a fit writes down of the worker that it was forked from, which is a fork of the holder itself."""


@pytest.mark.slow
def test_table_is_read_once_by_a_process_without_threads_whatever_the_number_of_workers(tmp_path, write_plugin, run):
    path = tmp_path / "notes"
    plugins = ",".join(str(write_plugin(name, fit=NOTE.format(path=str(path)))) for name in ("one", "two"))
    tasks = "tasks=[bundled/wine,bundled/penguins]"
    summary = run(tasks, f"models=[{plugins}]", "folds=[0,1,2]", "protocol.n_trials=1", "executor.n_workers=2")
    assert summary.statuses == {"ok": 12}
    notes = [tuple(int(word) for word in line.split()) for line in path.read_text().splitlines()]
    n_rows, holders, threads, loads, _ = zip(*notes, strict=True)
    assert len(notes) == 12
    assert set(loads) == {1}  # by the worker or before it was forked
    assert len(set(holders)) == len({n > 150 for n in n_rows}) == 2
    assert set(threads) == {1}
    assert not any(psutil.pid_exists(pid) for pid in holders)


@pytest.mark.slow
def test_holder_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path, write_plugin, run):
    marker = tmp_path / "killed_once"
    fit = f"""
    import os, pathlib, psutil, time
    marker = pathlib.Path({str(marker)!r})
    if self.shift and not marker.exists():
        marker.touch()
        psutil.Process(os.getppid()).parent().kill()
        time.sleep(30)
    """
    summary = run(f"models=[{write_plugin('unlucky', fit=fit)}]", "folds=[0,1,2]", "executor.n_workers=2")
    assert marker.exists()
    assert not summary.failures
    assert [d.trial.trial for d in all_trials(tmp_path / "store")] == [0, 1, 2] * 3


def test_task_that_cannot_be_read_fails_as_a_job_and_the_others_are_done(tmp_path, write_plugin, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    add_frame(pd.DataFrame({"x": rng.normal(size=60), "y": rng.choice(["a", "b"], 60)}), "y", "broken")
    names = "tasks=[frame/broken,bundled/iris]"
    settings = compose_settings([names, f"models=[{write_plugin('steady')}]", "folds=[0]", "protocol.n_trials=2"])
    jobs = plan_run(settings).jobs
    (cached_entry("frame/broken").folder / "table.parquet").unlink()
    done = []
    failures = executor(tmp_path, done).run(jobs)
    assert [(failure.job.task, "table.parquet is absent" in failure.reason) for failure in failures] == [
        ("frame/broken", True)
    ]
    assert sorted(job.task for job in done) == ["bundled/iris", "frame/broken"]
    assert [d.trial.task for d in all_trials(tmp_path / "store")] == ["bundled/iris"] * 2


def test_ctrl_c_interrupts_nothing_that_is_being_done(tmp_path, write_plugin):
    settings = compose_settings([f"models=[{write_plugin('steady')}]", "tasks=[bundled/iris]", "protocol.n_trials=2"])
    told = []

    def press(news):
        os.kill(os.getpid(), signal.SIGINT)
        told.append(news)

    store = Store(tmp_path / "store").create()
    with pytest.raises(KeyboardInterrupt):
        LocalExecutor(store, 1, 1, (), on_trial=press, on_job=lambda _: None).run(plan_run(settings).jobs)
    assert len(told) == 1


def test_another_signal_that_is_handled_is_no_ctrl_c():
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with heard_interrupts() as heard:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert not is_interrupt(heard)
            os.kill(os.getpid(), signal.SIGINT)
            assert is_interrupt(heard)
    finally:
        signal.signal(signal.SIGUSR1, before)


class FakeHolder:
    """Stands in for a process: what matters is who is told to leave."""

    alive: ClassVar[list[FakeHolder]] = []

    def __init__(self, context: object, task: str, place: object) -> None:
        self.task, self.n_workers, self.is_alive = task, 0, True
        self.alive.append(self)

    def start_worker(self, job):
        self.n_workers += 1
        return self

    def leave(self):
        self.is_alive = False
        self.alive.remove(self)


def test_table_used_least_recently_makes_room_unless_it_is_in_use(monkeypatch):
    monkeypatch.setattr("tabbench.runner.holder.Holder", FakeHolder)
    holders = Holders(None, None, n_most=2)
    start = lambda task: holders.start_worker(SimpleNamespace(task=task))  # noqa: E731
    first = start("a")
    start("b").n_workers = 0
    start("c").n_workers = 0
    assert [holder.task for holder in FakeHolder.alive] == ["a", "c"]
    first.n_workers = 0
    assert start("a") is first
    start("d")
    assert [holder.task for holder in FakeHolder.alive] == ["a", "d"]
    start("e")
    assert [holder.task for holder in FakeHolder.alive] == ["a", "d", "e"]
    first.is_alive = False
    assert start("a") is not first


def executor(tmp_path, done, n_workers=1):
    store = Store(tmp_path / "store")
    store.create()
    return LocalExecutor(store, n_workers, 1, (), on_trial=lambda _: None, on_job=done.append)


@pytest.mark.slow
def test_workers_share_the_memory_of_a_large_table(tmp_path, write_plugin, run, monkeypatch):
    """Each worker's share is far below the 200 MB that a table of its own would take."""
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(250_000, 100)), columns=[f"x{i}" for i in range(100)])
    add_frame(frame.assign(y=rng.choice(["a", "b"], len(frame))), "y", "large")
    table_mib = frame.memory_usage().sum() / 2**20
    assert table_mib > 190
    fit = f"""
    import os, pathlib, time
    worker = os.getppid()
    def mib(key):
        lines = pathlib.Path(f"/proc/{{worker}}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024
    here = pathlib.Path({str(tmp_path)!r})
    (here / f"{{worker}}.begun").touch()
    while len(list(here.glob("*.begun"))) < 3:
        time.sleep(.02)
    time.sleep(.5)
    (here / f"{{worker}}.memory").write_text(f"{{mib('Pss:')}} {{mib('Private_')}} {{mib('Rss:')}}")
    while len(list(here.glob("*.memory"))) < 3:
        time.sleep(.02)
    """
    models = ",".join(str(write_plugin(name, fit=fit)) for name in ("one", "two", "three"))
    settings = ("tasks=[frame/large]", "protocol.splits=grinsztajn", "protocol.n_trials=1", "executor.n_workers=3")
    summary = run(f"models=[{models}]", *settings)
    assert summary.statuses == {"ok": 3}
    told = [[float(word) for word in path.read_text().split()] for path in tmp_path.glob("*.memory")]
    assert len(told) == 3
    for pss, private, rss in told:
        assert rss > table_mib  # the table is in it
        assert private < 0.5 * table_mib
        assert pss < 0.75 * table_mib


@pytest.mark.slow
def test_killed_run_takes_its_holders_and_all_that_its_fits_started_with_it(tmp_path, write_plugin):
    note = tmp_path / "pids"
    fit = f"""
    import os, pathlib, psutil, subprocess, sys, time
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    family = [started.pid, os.getpid(), os.getppid(), psutil.Process(os.getppid()).ppid()]
    pathlib.Path({str(note)!r} + str(os.getpid())).write_text(" ".join(map(str, family)))
    time.sleep(300)
    """
    settings = ["tasks=[bundled/iris,bundled/wine]", "folds=[0]", "executor.n_workers=2", f"store={tmp_path / 'store'}"]
    process = subprocess.Popen([*TABBENCH, "run", f"models=[{write_plugin('sleeper', fit=fit)}]", *settings])
    wait_for(lambda: len([path for path in tmp_path.glob("pids*") if path.read_text()]) == 2, seconds=60)
    pids = [int(pid) for path in tmp_path.glob("pids*") for pid in path.read_text().split()]
    assert len(set(pids)) == 8
    process.kill()
    process.wait()
    wait_for(lambda: not [pid for pid in pids if psutil.pid_exists(pid)], seconds=10)


def wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)

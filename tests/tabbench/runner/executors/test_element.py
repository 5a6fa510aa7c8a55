"""An element does what is missing of its bundle, stops in time, waits for a full disk, and can be run again."""

from __future__ import annotations

import os
import signal
import time

import pytest
from stored_rows import all_trials

from tabbench.errors import StoreError
from tabbench.runner.compose import compose_settings
from tabbench.runner.executors import element as elements
from tabbench.runner.executors.bundle import Bundle, write_bundle
from tabbench.runner.executors.element import BEGAN, Element, NoProgressError, run_bundle, times_of
from tabbench.runner.launch import plan_run
from tabbench.runner.local import Failure, LocalExecutor
from tabbench.store.launches import launch_folder
from tabbench.store.layout import Store


@pytest.fixture
def submitted(tmp_path, write_plugin):
    """`submitted(minutes)`: an element with three jobs of two trials, written into a store but not run."""

    def go(minutes=None, fit=""):
        plugin = write_plugin("steady", fit=fit)
        store = Store(tmp_path / "store").create()
        settings = compose_settings(
            ["tasks=[bundled/iris]", f"models=[{plugin}]", "protocol.n_trials=2", f"store={store.root}"]
        )
        jobs = plan_run(settings).jobs
        write_bundle(launch_folder(store, "one").bundle(0), Bundle(jobs))
        return Element(store, "one", 0, cpus=1, minutes=minutes, engine="slurm"), settings

    return go


@pytest.mark.slow
def test_element_does_its_jobs_and_deals_none_when_it_runs_again(submitted, monkeypatch):
    element, settings = submitted()
    end = run_bundle(element)
    assert (end.n_done, end.n_left, end.failures) == (3, 0, ())
    assert launch_folder(element.store, "one").ends() == {0: end}
    assert not plan_run(settings).jobs
    assert len(all_trials(element.store.root)) == 6
    monkeypatch.setattr("tabbench.runner.holder.Holders.start_worker", lambda *_: pytest.fail("a job was dealt"))
    assert run_bundle(element).n_done == 3


@pytest.mark.slow
def test_element_asks_to_go_on_when_its_time_is_up(submitted, monkeypatch):
    element, settings = submitted(minutes=1.0, fit="import time; time.sleep(1.2)")
    monkeypatch.setenv(BEGAN, str(time.time() - 11))  # 45 - 11 s to the end, and half a minute kept for the trial
    end = run_bundle(element)
    assert end.n_left
    assert launch_folder(element.store, "one").again(0).exists()
    n_left = sum(len(job.numbers) for job in plan_run(settings).jobs)
    assert n_left < 6
    monkeypatch.delenv(BEGAN)
    assert run_bundle(element).n_left == 0
    assert not launch_folder(element.store, "one").again(0).exists()
    assert len(all_trials(element.store.root)) == 6


def test_element_that_ends_no_trial_does_not_ask_to_go_on(submitted, monkeypatch):
    element, _ = submitted(minutes=1.0)
    monkeypatch.setenv(BEGAN, str(time.time() - 50))
    with pytest.raises(NoProgressError, match=r"executor\.slurm\.minutes"):
        run_bundle(element)
    assert not launch_folder(element.store, "one").again(0).exists()


def test_last_trial_of_an_element_gets_the_time_it_may_take(submitted, monkeypatch):
    element, settings = submitted(minutes=60.0)
    monkeypatch.setenv(BEGAN, str(time.time() - 600))
    jobs = plan_run(settings).jobs
    times = times_of(element, jobs)
    assert times.end_at - time.monotonic() == pytest.approx(3600 - 600 - 20, abs=2)
    assert times.end_at - times.stop_at == jobs[0].protocol.limits.trial_seconds == 300
    assert times_of(Element(element.store, "one", 0, 1, None, "slurm"), jobs).stop_at is None


def test_full_disk_is_waited_for(submitted, monkeypatch):
    element, _ = submitted()
    calls = []

    def run(executor, jobs):
        calls.append(len(jobs))
        if len(calls) == 1:
            raise StoreError("the disk is full")
        for job in jobs:
            executor.on_job(job)
        return [Failure(jobs[0], "the disk is full", may_pass=True)] if len(calls) == 2 else []

    monkeypatch.setattr(LocalExecutor, "run", run)
    monkeypatch.setattr(elements, "SECONDS_TO_PASS", 0.01)
    end = run_bundle(element)
    assert calls == [3, 3, 1]
    assert (end.n_done, end.n_left, end.failures) == (3, 0, ())


def test_job_that_cannot_be_done_is_told_and_the_others_are_done(submitted, monkeypatch):
    element, _ = submitted()

    def run(executor, jobs):
        for job in jobs:
            executor.on_job(job)
        return [Failure(jobs[0], "its table is another one")]

    monkeypatch.setattr(LocalExecutor, "run", run)
    end = run_bundle(element)
    assert (end.n_done, end.n_left) == (2, 0)
    assert [failure.reason for failure in end.failures] == ["its table is another one"]


def test_cancelled_element_leaves_at_once_and_asks_for_nothing(submitted, monkeypatch):
    element, _ = submitted(minutes=60.0)
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(LocalExecutor, "run", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(SystemExit, match="143"):
        run_bundle(element)
    folder = launch_folder(element.store, "one")
    assert not folder.ends()
    assert not folder.again(0).exists()
    assert signal.getsignal(signal.SIGTERM) is before

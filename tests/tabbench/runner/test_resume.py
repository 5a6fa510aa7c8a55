"""The same command goes on where it stopped, and what it leaves is what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
import uuid
from typing import TYPE_CHECKING

import psutil
import pytest
from stored_rows import TABBENCH, all_trials, stable_rows

from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.summary import JobProgress, done_trials

if TYPE_CHECKING:
    from pathlib import Path

MARK = "TABBENCH_TEST_MARK"
STEPS = """
import time
from tabbench.model import Training
if valid is None:
    return Training(context.n_steps, context.n_steps, context.n_steps, "done")
for step in range(1, 21):
    time.sleep(.003)
    if context.report(step, abs(self.shift - 0.3) + 1 / step):
        return Training(step, step, 20, "pruned")
return Training(20, 20, 20, "cap")
"""


def family(mark: str) -> list[psutil.Process]:
    """Every process that carries the mark in its environment: the run, its template, workers and fits."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


SAMPLERS = {"random": (6, "bundled/iris,bundled/diabetes"), "tpe": (11, "bundled/iris"), "gp": (12, "bundled/iris")}
"""Trials enough for a sampler to have learnt something: both draw ten at random first."""
N_KILLS = 3


def command(
    plugin: Path, store: Path, *settings: str, n_trials: int = 6, tasks: str = "bundled/iris,bundled/diabetes"
) -> list[str]:
    more = ["executor.n_workers=2", f"protocol.n_trials={n_trials}", f"store={store}", *settings]
    return [*TABBENCH, "run", f"tasks=[{tasks}]", f"models=[{plugin},linear]", "folds=[0,1]", *more]


def start(arguments: list[str]) -> tuple[subprocess.Popen[bytes], str]:
    mark = uuid.uuid4().hex
    environment = {**os.environ, MARK: mark}
    return subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE), mark


def finish(arguments: list[str]) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def wait_until_gone(mark: str) -> list[psutil.Process]:
    end = time.monotonic() + 10
    while (left := family(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@pytest.mark.slow
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_killed_at_random_moments_leaves_the_rows_of_an_undisturbed_run(sampler, tmp_path, write_plugin):
    plugin = write_plugin("steady", fit=STEPS)
    settings = ("protocol=tabzilla", "protocol.refit=true", "pruner=halving", f"sampler={sampler}")
    n_trials, tasks = SAMPLERS[sampler]
    begin = time.monotonic()
    finish(command(plugin, tmp_path / "undisturbed", *settings, n_trials=n_trials, tasks=tasks))
    whole = time.monotonic() - begin
    expected = stable_rows(tmp_path / "undisturbed")
    assert len(expected) == 4 * n_trials * len(tasks.split(","))
    chance = random.Random(7)
    for round_number in range(N_KILLS):
        store = tmp_path / f"killed{round_number}"
        arguments = command(plugin, store, *settings, n_trials=n_trials, tasks=tasks)
        process, mark = start(arguments)
        deadline = time.monotonic() + chance.uniform(0.1, 0.9) * whole
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        victims = family(mark)
        parent_dies = round_number % 2 == 0
        if victims:
            victim = next((v for v in victims if v.pid == process.pid), None) if parent_dies else chance.choice(victims)
            if victim is not None:
                victim.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        assert wait_until_gone(mark) == []
        finish(arguments)
        assert stable_rows(store) == expected
    assert "Nothing to do" in finish(arguments)


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(tmp_path, write_plugin):
    gate = tmp_path / "gate"
    gate.touch()  # no fit ends while it is there, however late the signal comes
    fit = f"import pathlib, time\nwhile pathlib.Path({str(gate)!r}).exists():\n    time.sleep(.02)"
    plugin = write_plugin("steady", fit=fit)
    arguments = command(plugin, tmp_path / "store")
    process, mark = start(arguments)
    while not [*(tmp_path / "store").glob("journals/*/*.jsonl")]:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    gate.unlink()
    assert b"the same command goes on from there" in told
    assert b"Traceback" not in told
    assert wait_until_gone(mark) == []
    finish(arguments)
    finish(command(plugin, tmp_path / "undisturbed"))
    assert stable_rows(tmp_path / "store") == stable_rows(tmp_path / "undisturbed")


def test_larger_budget_does_only_the_new_trials(tmp_path, write_plugin, run):
    plugin = write_plugin("steady")
    assert run(f"models=[{plugin}]").plan.n_trials == 3
    before = [done.trial.started_at for done in all_trials(tmp_path / "store")]
    summary = run(f"models=[{plugin}]", "protocol.n_trials=5")
    assert (summary.plan.n_trials, summary.statuses) == (2, {"ok": 2})
    after = [done.trial.started_at for done in all_trials(tmp_path / "store")]
    assert after[:3] == before
    assert not run(f"models=[{plugin}]", "protocol.n_trials=4").plan.jobs


@pytest.mark.slow
def test_timeout_counts_as_done_only_under_the_same_or_a_smaller_limit(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(1.5)")
    model, one = f"models=[{plugin}]", "protocol.n_trials=1"
    run(model, one, "protocol.trial_seconds=0.5")
    assert [done.trial.status for done in all_trials(tmp_path / "store")] == [Status.TIMEOUT]
    assert not run(model, one, "protocol.trial_seconds=0.4").plan.jobs
    assert run(model, one, "protocol.trial_seconds=30").statuses == {"ok": 1}
    (last,) = all_trials(tmp_path / "store")
    assert (last.trial.status, last.trial.attempt) == (Status.OK, 2)


@pytest.mark.slow
def test_error_is_kept_until_the_source_changes_or_a_retry_is_asked_for(tmp_path, write_plugin, run):
    bad = write_plugin("moody", fit="raise ValueError('not today')")
    model, one = f"models=[{bad}]", "protocol.n_trials=1"
    run(model, one)
    assert not run(model, one).plan.jobs
    assert run(model, one, "retry=[error]").statuses == {"error": 1}
    assert [done.trial.attempt for done in all_trials(tmp_path / "store")] == [2]
    write_plugin("moody")
    assert run(model, one).statuses == {"ok": 1}


@pytest.mark.slow
def test_edited_plugin_by_path_is_new_work_and_is_not_pooled(tmp_path, write_plugin, run):
    plugin = write_plugin("edited")
    run(f"models=[{plugin}]")
    write_plugin("edited", fit="self.shift = 0.5")
    assert run(f"models=[{plugin}]").statuses == {"ok": 3}
    assert len({done.trial.job_id for done in all_trials(tmp_path / "store")}) == 2


@pytest.mark.slow
def test_job_seconds_end_a_job_and_are_not_spent_twice(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(.4)")
    settings = (f"models=[{plugin}]", "protocol.n_trials=20", "protocol.job_seconds=1.0")
    run(*settings)
    trials = [done.trial for done in all_trials(tmp_path / "store")]
    assert 2 <= len(trials) <= 4
    assert sum(t.total_seconds for t in trials) < 2.5
    assert not run(*settings).plan.jobs


@pytest.mark.slow
def test_trial_that_was_cut_by_the_seconds_of_its_job_has_another_attempt_under_more(tmp_path, write_plugin, run):
    plugin = write_plugin("slow", fit="import time; time.sleep(1.2)")
    settings = (f"models=[{plugin}]", "protocol.n_trials=2")
    run(*settings, "protocol.job_seconds=0.4")
    assert [done.trial.status for done in all_trials(tmp_path / "store")] == [Status.TIMEOUT]
    assert not run(*settings, "protocol.job_seconds=0.4").plan.jobs
    assert run(*settings, "protocol.job_seconds=20").statuses == {"ok": 2}
    ended = [(done.trial.status, done.trial.attempt) for done in all_trials(tmp_path / "store")]
    assert ended == [(Status.OK, 2), (Status.OK, 1)]
    assert not run(*settings, "protocol.job_seconds=40").plan.jobs


UNTIL_ASKED_TO_STOP = """
import time
for step in range(1, 101):
    time.sleep(.01)
    if context.report(step, abs(self.shift - 0.3) + 1 / step):
        return Training(step, step, 100, "pruned")
return Training(100, 100, 100, "cap")
"""


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_scored_trial_that_was_cut_by_the_seconds_of_its_job_is_done_again_under_more(
    sampler, tmp_path, write_plugin, run
):
    plugin = write_plugin("steady", fit=UNTIL_ASKED_TO_STOP)
    settings = (f"models=[{plugin}]", "protocol.n_trials=3", f"sampler={sampler}", "protocol.trial_seconds=100")
    run(*settings, "protocol.job_seconds=0.7")
    first = all_trials(tmp_path / "store")[0]
    assert (first.trial.status, first.fits[0].stopped_by) == (Status.OK, "deadline")
    assert first.trial.limit_trial_seconds == 0.7
    assert not run(*settings, "protocol.job_seconds=0.7").plan.jobs
    assert run(*settings, "protocol.job_seconds=60").statuses == {"ok": 3}
    done = all_trials(tmp_path / "store")
    assert [(trial.fits[0].n_steps, trial.fits[0].stopped_by) for trial in done] == [(100, "cap")] * 3
    assert [trial.trial.limit_trial_seconds for trial in done] == [pytest.approx(59, abs=2)] * 3
    assert not run(*settings, "protocol.job_seconds=60").plan.jobs
    assert not run(*settings, "protocol.job_seconds=90", "protocol.trial_seconds=200").plan.jobs


SLOW_PREPARE = """
@staticmethod
def prepare(train, valid, context):
    import time; time.sleep(.4)
"""


@pytest.mark.slow
def test_what_trials_share_is_spent_once_a_job_and_a_job_that_is_held_stays_so(tmp_path, write_plugin, run):
    plugin = write_plugin("preparer", more=SLOW_PREPARE)
    settings = (f"models=[{plugin}]", "protocol.job_seconds=1.1")
    run(*settings, "protocol.n_trials=3")
    assert run(*settings, "protocol.n_trials=5").plan.n_trials == 2  # which prepares once more, in a process of its own
    trials = [done.trial for done in all_trials(tmp_path / "store")]
    assert len(trials) == 5
    assert sum(trial.total_seconds for trial in trials) > 2.0
    assert not run(*settings, "protocol.n_trials=5").plan.jobs
    with open_database(Store(tmp_path / "store")) as connection:
        assert connection.execute("SELECT budget_spent FROM jobs").fetchall() == [("trials",)]
        held = done_trials(Store(tmp_path / "store")).jobs[trials[0].job_id]
    assert held == JobProgress.of(all_trials(tmp_path / "store"))
    assert 0.4 < held.spent.seconds < 1.1


@pytest.mark.slow
def test_retry_is_done_although_the_seconds_of_the_job_are_spent(tmp_path, write_plugin, run):
    plugin = write_plugin("moody", fit="import time; time.sleep(.2); raise ValueError('not today')")
    settings = (f"models=[{plugin}]", "protocol.job_seconds=0.1")
    run(*settings)
    assert not run(*settings).plan.jobs
    assert run(*settings, "retry=[error]").statuses == {"error": 1}
    assert [done.trial.attempt for done in all_trials(tmp_path / "store")] == [2]
    assert not run(*settings, "retry=[timeout]").plan.jobs

"""What planning leaves out because a store holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from synthetic_store import finished_trial, write_job

from tabbench.protocol import Limits
from tabbench.results import Status
from tabbench.store.history import read_job
from tabbench.store.journal import Journal
from tabbench.store.layout import Store
from tabbench.store.summary import Held, HeldTrial, JobProgress, done_trials

if TYPE_CHECKING:
    from pathlib import Path


def held(status: Status, seconds: float | None = 10.0) -> HeldTrial:
    return HeldTrial(status, 1, "source", limit_trial_seconds=seconds, limit_memory_mib=1000.0)


def test_empty_store_holds_nothing(tmp_path: Path) -> None:
    assert done_trials(Store(tmp_path)) == Held()
    assert done_trials(Store(tmp_path).create()) == Held()
    assert not Store(tmp_path).database.exists()


def test_a_store_and_a_job_read_alone_tell_the_same(tmp_path: Path) -> None:
    store = Store(tmp_path).create()
    job = write_job(store, trials=[0, 1], status=Status.TIMEOUT)
    write_job(store, trials=[2, 3], status=Status.OK, is_finished=False)
    progress = done_trials(store).jobs[job]
    assert progress == JobProgress.of(read_job(store, job))
    assert progress.spent.own == pytest.approx(0.2 + 1.2 + 2.2 + 3.2 - 4 * 0.01)
    assert progress.spent.shared == pytest.approx(0.01), "columns are encoded once a job"
    assert progress.trials[1].total_seconds == pytest.approx(1.2)
    assert progress.trials[2] is progress.trials[3]


def test_trial_with_a_fit_that_was_cut_short_is_told_from_others(tmp_path: Path) -> None:
    store = Store(tmp_path).create()
    whole, cut = finished_trial(trial=0, status=Status.OK), finished_trial(trial=1, status=Status.OK)
    cut = replace(cut, fits=tuple(replace(fit, stopped_by="deadline") for fit in cut.fits))
    with Journal.open(store, whole.trial.job_id, "w1") as journal:
        for done in (whole, cut):
            journal.append(done)
    progress = done_trials(store).jobs[whole.trial.job_id]
    assert progress == JobProgress.of([whole, cut])
    assert {n: trial.is_cut for n, trial in progress.trials.items()} == {0: False, 1: True}


def test_last_attempt_is_what_is_held(tmp_path: Path) -> None:
    store = Store(tmp_path).create()
    job = write_job(store, trials=[0, 1], status=Status.ERROR)
    write_job(store, trials=[1], attempt=2, status=Status.OK, is_finished=False)
    trials = done_trials(store).jobs[job].trials
    assert {n: (t.status, t.attempt) for n, t in trials.items()} == {0: (Status.ERROR, 1), 1: (Status.OK, 2)}


@pytest.mark.parametrize("status", [Status.OK, Status.PRUNED, Status.SKIPPED])
def test_what_ended_by_itself_is_done_under_any_limit(status: Status) -> None:
    assert held(status).is_done("another", Limits())


def test_unavailable_never_counts_as_done() -> None:
    assert not held(Status.UNAVAILABLE).is_done("source", Limits(trial_seconds=1.0))


def test_error_is_done_while_the_source_is_the_same() -> None:
    assert held(Status.ERROR).is_done("source", Limits())
    assert not held(Status.ERROR).is_done("another", Limits())


@pytest.mark.parametrize(
    ("failed_under", "asked", "is_done"),
    [(10.0, 5.0, True), (10.0, 10.0, True), (10.0, 20.0, False), (10.0, None, False), (None, None, True)],
)
def test_timeout_is_done_while_no_more_time_is_asked_for(
    failed_under: float | None, asked: float | None, is_done: bool
) -> None:
    assert held(Status.TIMEOUT, failed_under).is_done("source", Limits(trial_seconds=asked)) is is_done


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.OK])
@pytest.mark.parametrize(
    ("allowed", "trial_asked", "job_asked", "is_done"),
    [
        (4.5, 300.0, 60.0, True),  # the others have spent 55.5
        (4.5, 300.0, 30.0, True),
        (4.5, 900.0, 60.0, True),  # it would be ended at the same time
        (4.5, 300.0, 90.0, False),
        (4.5, 300.0, None, False),
        (4.5, None, 90.0, False),
        (4.5, 3.0, 90.0, True),  # and now by its own limit, sooner
        (4.0, 4.0, 60.0, True),  # its own limit ended it
        (4.0, 8.0, 60.0, False),
    ],
)
def test_what_its_time_cut_short_is_done_while_it_would_have_no_more(
    status: Status, allowed: float, trial_asked: float | None, job_asked: float | None, is_done: bool
) -> None:
    cut = HeldTrial(status, 1, "source", is_cut=True, limit_trial_seconds=allowed, total_seconds=4.6)
    assert cut.is_done("source", Limits(trial_seconds=trial_asked, job_seconds=job_asked), 55.5) is is_done


@pytest.mark.parametrize(("job_asked", "is_done"), [(60.0, True), (90.0, False)])
def test_timeout_of_before_is_judged_by_its_seconds_since_what_its_job_had_left_was_not_kept(
    job_asked: float, is_done: bool
) -> None:
    cut = HeldTrial(Status.TIMEOUT, 1, "source", limit_trial_seconds=300.0, total_seconds=4.6)
    assert cut.is_done("source", Limits(trial_seconds=300.0, job_seconds=job_asked), 55.5) is is_done


def test_memory_is_done_while_no_more_memory_is_asked_for() -> None:
    assert held(Status.MEMORY).is_done("source", Limits(trial_seconds=99.0, memory_mib=1000.0))
    assert not held(Status.MEMORY).is_done("source", Limits(trial_seconds=1.0, memory_mib=2000.0))

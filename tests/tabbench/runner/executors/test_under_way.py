"""What earlier launches are at is left to them, and what they end meanwhile is not submitted again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tabbench.cli.run import run
from tabbench.runner.compose import compose_settings
from tabbench.runner.executors.bundle import Bundle, write_bundle
from tabbench.runner.executors.under_way import UnderWay, jobs_under_way
from tabbench.runner.launch import launch, plan_run
from tabbench.store.launches import Launch, launch_folder
from tabbench.store.layout import Store

STATES = "tabbench.runner.executors.under_way.element_states"
ASKED = ["tasks=[bundled/iris]", "models=[constant]", "folds=[0,1]", "protocol.n_trials=4"]


@pytest.fixture
def settings(tmp_path):
    """Of a run of two jobs, into a store with a launch whose one bundle holds both."""
    settings = compose_settings([*ASKED, f"store={tmp_path / 'store'}"])
    folder = launch_folder(Store(tmp_path / "store").create(), "one")
    write_bundle(folder.bundle(0), Bundle(plan_run(settings).jobs))
    folder.write(Launch("one", "slurm", "77", 1, 2, 2, "login", "2026-01-02T03:04:05+00:00"))
    return settings


def test_jobs_of_an_element_that_lives_are_left_to_it(settings, tmp_path, monkeypatch):
    jobs = plan_run(settings).jobs
    monkeypatch.setattr(STATES, lambda _: {0: "RUNNING"})
    assert jobs_under_way(Store(tmp_path / "store")).without(jobs) == []
    monkeypatch.setattr(STATES, lambda _: {0: "FAILED"})
    assert jobs_under_way(Store(tmp_path / "store")).without(jobs) == list(jobs)


def test_slices_of_a_job_are_left_only_if_they_hold_all_that_is_missing(settings):
    first, second = (replace(job, trials=(0, 1, 2, 3)) for job in plan_run(settings).jobs)
    work = replace(first, cost=0.0, memory_mib=0.0, trials=None)
    assert UnderWay(slices={work: {0, 1, 2, 3}}).without([first, second]) == [second]
    assert UnderWay(slices={work: {0, 1}}).without([first, second]) == [first, second]
    assert UnderWay(slices={work: {0, 1}}).without([replace(first, trials=(1,))]) == []


@pytest.mark.slow
def test_what_ends_while_the_same_command_plans_is_not_submitted_again(settings, monkeypatch, capsys):
    cluster = replace(settings, executor=replace(settings.executor, kind="slurm"))

    def ended_by_now(_launch_id):
        launch(settings, plan_run(settings))
        return {0: "COMPLETED"}

    monkeypatch.setattr(STATES, ended_by_now)
    assert run(cluster) == 0
    assert "Nothing to do" in capsys.readouterr().err

"""Which tasks and splits of a suite a run plans: where=, suites of first splits."""

from __future__ import annotations

import pytest

import tabbench.runner.plan as plan_module
from tabbench.cli.main import main
from tabbench.errors import SettingsError, UnknownNameError
from tabbench.runner.compose import compose_settings
from tabbench.runner.plan import make_plan
from tabbench.suite import SplitsRun
from tabbench.task import Suite

TASKS = ("bundled/iris", "bundled/flights", "bundled/penguins")


def planned(*asked):
    return make_plan(compose_settings(["models=[constant]", *asked]), {})


def suite_of(monkeypatch, **parts):
    suite = Suite("of_the_test", 1, "t", TASKS, **parts)
    monkeypatch.setattr(plan_module, "load_suite", lambda name: suite)


@pytest.mark.parametrize("where", ["where=n_rows < 1000 and has_missing", "where='n_rows < 1000 and has_missing'",
                                   'where="n_rows < 1000 and has_missing"'])  # fmt: skip
def test_only_tasks_for_which_it_holds_are_planned(where):
    plan = planned("suite=bundled", where)
    assert [task.name for task in plan.tasks] == ["bundled/penguins"]
    assert len(plan.jobs) == 3


def test_where_holds_for_named_tasks_and_texts_as_well():
    plan = planned("tasks=[bundled/iris,bundled/ames]", "where=task_type = 'regression' or (task = 'none')")
    assert [task.name for task in plan.tasks] == ["bundled/ames"]


def test_repeats_and_folds_are_chosen_apart():
    asked = ("tasks=[bundled/wine]", "protocol.splits=tabarena")
    n_repeats = 10
    assert len(planned(*asked).jobs) == 3 * n_repeats
    chosen = planned(*asked, "repeats=[0,9]", "folds=[2]").jobs
    assert sorted((job.repeat, job.fold) for job in chosen) == [(0, 2), (9, 2)]
    with pytest.raises(SettingsError, match=r"repeats=\[10\]: bundled/wine has repeats 0 to 9"):
        planned(*asked, "repeats=[9,10]")


def test_where_that_fits_nothing_or_names_nothing_is_refused():
    with pytest.raises(SettingsError, match="holds for none of the 16 tasks"):
        planned("suite=bundled", "where=n_rows < 1")
    with pytest.raises(UnknownNameError, match="Did you mean n_rows"):
        planned("suite=bundled", "where=n_row < 1")


def test_the_command_line_takes_where_as_people_write_it(capsys, tmp_path):
    asked = ["run", "suite=bundled", "where=n_rows<1000 and has_missing", "models=[constant]", "dry_run=true"]
    assert main([*asked, f"store='{tmp_path}'"]) == 0
    assert "1 task, 1 model." in capsys.readouterr().out


def test_a_suite_of_first_splits_plans_one_job_a_task(monkeypatch):
    suite_of(monkeypatch, splits=SplitsRun.FIRST)
    assert sorted((job.task, job.repeat, job.fold) for job in planned("suite=x").jobs) == [
        (task, 0, 0) for task in sorted(TASKS)
    ]
    suite_of(monkeypatch)
    assert len(planned("suite=x").jobs) == 9


@pytest.mark.parametrize("again", ["bundled/iris", "bundled/wine~missing=.20"])
def test_a_task_is_asked_for_once(again):
    with pytest.raises(SettingsError, match=r"is asked for twice\. Name each task once"):
        planned(f"tasks=[bundled/iris,'bundled/wine~missing=.2','{again}']")

"""Findings are stored once, by a run or by hand, and a strict run refuses faults."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import tabbench.runner.findings as findings_module
from tabbench.cli.main import main
from tabbench.data.bundled import read_table
from tabbench.data.catalog import describe_task
from tabbench.data.checks import check_task
from tabbench.data.frames import add_frame
from tabbench.errors import DataError
from tabbench.runner.compose import compose_settings
from tabbench.runner.findings import check_and_store, check_plan, finding_rows
from tabbench.runner.launch import launch, plan_run
from tabbench.store.database import open_database
from tabbench.store.layout import Store

ASKED = ("models=[constant]", "protocol.n_trials=1", "executor.n_workers=1", "folds=[0]")


@pytest.fixture(autouse=True, scope="module")
def _with_equal_rows(tmp_path_factory):
    """`frame/concrete`: the bundled table with equal rows in train and test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TABBENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        add_frame(read_table("concrete.parquet"), "compressive_strength", "concrete")
        yield


def stored(root):
    with open_database(Store(root)) as con:
        return con.sql("select * from findings order by task, check_name").fetchall()


def run(tmp_path, *asked):
    settings = compose_settings([*ASKED, f"store='{tmp_path}'", *asked])
    return launch(settings, plan_run(settings))


@pytest.mark.slow
def test_a_run_stores_what_a_check_finds(tmp_path):
    run(tmp_path, "tasks=[bundled/rodents,bundled/iris]")
    expected = finding_rows(describe_task("bundled/rodents"), check_task("bundled/rodents"))
    found = stored(tmp_path)
    assert [(row[3], row[4], row[6]) for row in found] == [(r.task, r.check_name, r.message) for r in expected]
    assert tuple(found[0][8]) == expected[0].rows_at_fault != ()
    assert tuple(found[1][7]) == expected[1].columns_at_fault == ("plot_id",)


def test_a_task_is_checked_once_and_never_again(tmp_path, monkeypatch):
    store, tasks = Store(tmp_path).create(), [describe_task("frame/concrete"), describe_task("bundled/iris")]
    first = [check_and_store(store, task) for task in tasks]
    assert [[row.check_name for row in found] for found in first] == [["duplicate_rows", "same_content"], []]
    monkeypatch.setattr(findings_module, "load_task", None)
    assert [check_and_store(store, task) for task in tasks] == first
    monkeypatch.undo()
    for file in (tmp_path / "documents" / "findings").glob("*.json"):
        file.write_bytes(b"[{")  # torn
    assert [check_and_store(store, task) for task in tasks] == first


def test_other_splits_are_another_question(tmp_path):
    store, task = Store(tmp_path).create(), describe_task("frame/concrete")
    check_and_store(store, task)
    check_and_store(store, task.with_splits(replace(task.split_rule, seed=1)))
    assert len({row[1] for row in stored(tmp_path)}) == 2


@pytest.mark.slow
def test_findings_are_those_of_the_splits_that_a_protocol_asks_for(tmp_path):
    run(tmp_path, "tasks=[frame/concrete]", "protocol.splits=grinsztajn")
    found = next(row for row in stored(tmp_path) if row[4] == "duplicate_rows")
    with open_database(Store(tmp_path)) as con:
        assert con.sql("select splits_hash from tasks").fetchall() == [(found[1],)]
    assert found[6] != check_task("frame/concrete")[0].told


@pytest.mark.slow
def test_a_strict_run_refuses_faults_and_writes_no_trial(tmp_path):
    with pytest.raises(DataError, match=r"refuses 1 task with faults\. frame/concrete: duplicate_rows\. See"):
        run(tmp_path, "tasks=[frame/concrete,bundled/rodents]", "strict=true")
    assert not Store(tmp_path).exists
    assert run(tmp_path, "tasks=[bundled/rodents]", "strict=true").statuses == {"ok": 1}  # warnings are no faults


def test_a_strict_dry_run_refuses_faults_and_writes_nothing(tmp_path, capsys):
    asked = ["run", "tasks=[frame/concrete]", *ASKED, f"store='{tmp_path}'", "dry_run=true"]
    assert main(asked) == 0
    assert main([*asked, "strict=true"]) == 2
    assert "frame/concrete: duplicate_rows" in capsys.readouterr().err
    assert main([*asked, "strict=true", "tasks=[bundled/concrete]"]) == 0  # keeps equal rows in one part
    assert not any(tmp_path.iterdir())


def test_a_table_that_cannot_be_used_stops_a_strict_run_alone(tmp_path, monkeypatch):
    def broken(name):
        raise DataError(f"{name} is broken")

    monkeypatch.setattr(findings_module, "load_task", broken)
    store, task = Store(tmp_path).create(), describe_task("bundled/iris")
    check_plan(store, [task], is_strict=False)
    with pytest.raises(DataError, match="bundled/iris is broken"):
        check_plan(store, [task], is_strict=True)
    assert stored(tmp_path) == []


def test_data_check_stores_where_it_is_asked_to(tmp_path, capsys):
    assert main(["data", "check", "quickstart", "--where", "is_grouped", "--store", str(tmp_path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [*printed] == ["bundled/fuel_economy"]
    assert {row[4] for row in stored(tmp_path)} == {finding["check"] for finding in printed["bundled/fuel_economy"]}

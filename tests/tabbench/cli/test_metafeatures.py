"""`tabbench metafeatures`, as its user calls it."""

from __future__ import annotations

import pytest

from tabbench.cli.main import main
from tabbench.runner.metafeature_launch import profile_task
from tabbench.store.database import open_database
from tabbench.store.layout import Store

GROUPS = "groups=[general,imbalance,drift]"


def rows(folder):
    with open_database(Store(folder)) as con:
        return con.execute(
            "select task, fold, feature, value, status, reason, rows_hash from metafeatures order by all"
        ).fetchall()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("metafeatures") / "store"
    assert compute(folder, "folds=[0,1]") == 0
    return folder


def compute(folder, *more):
    return main(["metafeatures", "tasks=[bundled/penguins]", GROUPS, f"store={folder}", *more])


def test_values_are_stored_of_the_train_part_alone(store):
    found = {(fold, feature): value for _, fold, feature, value, *_ in rows(store)}
    assert found[0, "general.nr_class"] == 3
    with open_database(Store(store)) as con:
        n_train, n_rows = con.execute(
            "select any_value(n_train), any_value(k.n_rows) from metafeatures join tasks k using (task_hash)"
        ).fetchall()[0]
        reads = con.execute("select distinct feature_group from metafeatures where reads_test").fetchall()
    assert found[0, "general.nr_inst"] == n_train < n_rows
    assert reads == [("drift",)]


def test_what_is_stored_is_not_computed_again(store, capsys):
    assert compute(store, "folds=[0,1]") == 0
    assert "Nothing to do" in capsys.readouterr().err
    assert compute(store, "folds=[0,1]", "dry_run=true", "seed=1") == 0
    assert capsys.readouterr().out.startswith("6 to compute: 3 groups on 2 splits of 1 task; 0 are stored")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_whatever_the_workers(store, tmp_path):
    assert compute(tmp_path / "again", "folds=[0,1]", "executor.n_workers=1") == 0
    assert rows(tmp_path / "again") == rows(store)


@pytest.mark.slow
def test_a_spent_limit_is_told_and_a_higher_one_computes_it_again(tmp_path, capsys):
    folder = tmp_path / "store"
    command = ["metafeatures", "tasks=[bundled/penguins]", "groups=[landmarking]", "folds=[0]", f"store={folder}"]
    assert main([*command, "seconds=0.05"]) == 1
    assert "have no value" in capsys.readouterr().err
    assert {status for *_, status, _, _ in rows(folder)} >= {"timeout"}
    assert main([*command, "seconds=0.01"]) == 0
    assert "Nothing to do" in capsys.readouterr().err
    assert main([*command, "seconds=100"]) == 0
    assert "timeout" not in {status for *_, status, _, _ in rows(folder)}


@pytest.mark.slow
def test_a_table_is_profiled_without_leaving_anything():
    profile = profile_task("bundled/concrete", ["general", "regression"])
    assert list(profile.index) == ["bundled/concrete"]
    assert profile.loc["bundled/concrete", "general.nr_attr"] == 8


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("groups=[statistcal]", "Did you mean statistical"),
        ("groups=[relativ]", "Did you mean relative"),
        ("second=5", "Did you mean seconds"),
        ("seconds=0", "must be above 0"),
        ("max_rows=3", "at least 20"),
        ("retry=[ok]", "Known: error, memory, timeout"),
        ("executor.n_workers=0", "at least 1"),
        ("tasks=[bundled/pengins]", "Did you mean bundled/penguins"),
        ("folds=[9]", "folds 0 to"),
        ("seed=-1", "0 or more"),
        ("suite=nothing", "Unknown suite"),
    ],
)
def test_wrong_input_is_told(setting, message, tmp_path, capsys):
    folder = tmp_path / "store"
    tasks = [] if setting.startswith(("suite", "tasks")) else ["tasks=[bundled/penguins]"]
    assert main(["metafeatures", *tasks, setting, f"store={folder}"]) == 2
    assert message in capsys.readouterr().err
    assert not folder.exists()

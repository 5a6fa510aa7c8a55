"""Each fault planted in a clean table is found, where it was planted; the clean table has none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tabbench.data.bundled import read_table
from tabbench.data.card_writing import add_card
from tabbench.data.catalog import load_task
from tabbench.data.checks import check_data, check_task
from tabbench.data.splits import make_split
from tabbench.task import Role, SplitKind, SplitRule, TaskData

N_ROWS = 300


@pytest.fixture
def clean():
    """Numbers, a category and a target that depends a little on them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N_ROWS, 2))
    label = np.where(x[:, 0] + rng.normal(size=N_ROWS) > 0, "yes", "no")
    return pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "colour": rng.choice(["red", "blue"], N_ROWS), "y": label})


def found_in(frame, tmp_path, target="y"):
    """Findings by the name of their check."""
    frame.to_parquet(tmp_path / "t.parquet")
    return {finding.check: finding for finding in check_task(f"file:{tmp_path}/t.parquet::{target}")}


def test_a_clean_table_has_no_finding(clean, tmp_path):
    assert found_in(clean, tmp_path) == {}


def test_twins_across_parts_are_those_of_pandas(clean, tmp_path):
    frame = pd.concat([clean, clean.iloc[:9]], ignore_index=True)
    finding = found_in(frame, tmp_path)["duplicate_rows"]
    data = load_task(f"file:{tmp_path}/t.parquet::y")
    expected = set()
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        merged = frame.iloc[split.test].reset_index().merge(frame.iloc[split.train].drop_duplicates(), how="inner")
        expected |= set(merged["index"])
    assert set(finding.rows) == expected
    assert expected
    assert f"{len(expected)} of 309 test rows" in finding.told


def test_twins_with_gaps_are_twins_and_those_of_another_class_are_not(clean, tmp_path):
    holed = clean.assign(a=clean["a"].where(clean["a"] > 0))
    others = holed.assign(y=holed["y"].map({"yes": "no", "no": "yes"}))
    assert "duplicate_rows" in found_in(pd.concat([holed] * 2), tmp_path)
    assert "duplicate_rows" not in found_in(pd.concat([clean, others]), tmp_path)


@pytest.mark.parametrize(
    ("check", "severity", "column"),
    [
        ("id_column", "fault", lambda n: [f"row {i}" for i in range(n)]),
        ("id_column", "fault", lambda n: np.arange(n) + 1000),
        ("id_column", "fault", lambda n: np.random.default_rng(0).permutation(n)),
        ("missing_column", "warning", lambda n: [np.nan] * n),
        ("constant_column", "warning", lambda n: ["x"] * n),
        ("constant_column", "warning", lambda n: [3.0] * n),
        ("missing_as_level", "fault", lambda n: ["x", "?", "z"] * (n // 3)),
        ("missing_as_level", "fault", lambda n: ["x", " N/A ", "z"] * (n // 3)),
        ("missing_as_level", "warning", lambda n: ["x", "Unknown", "z"] * (n // 3)),
        ("sentinel_number", "warning", lambda n: [*np.linspace(0, 50, n - 9), *[-999] * 9]),
        ("sentinel_number", "warning", lambda n: [*np.linspace(0, 50, n - 9), *[9999] * 9]),
        ("numbers_as_text", "warning", lambda n: ["odd", *[str(i / 4) for i in range(n // 4)] * 4][:n]),
        ("numbers_as_text", "note", lambda n: [str(i) for i in range(n // 4)] * 4),
        ("dates_as_text", "warning", lambda n: [f"2024-01-{i % 28 + 1:02}" for i in range(n)]),
        ("dates_as_text", "warning", lambda n: [f"{i % 28 + 1}.1.2024" for i in range(n)]),
        ("few_numbers", "note", lambda n: np.arange(n) % 5),
        ("dated_table", "warning", lambda n: pd.date_range("2024-01-01", periods=n)),
    ],
)
def test_a_column_at_fault_is_named(clean, tmp_path, check, severity, column):
    finding = found_in(clean.assign(planted=column(N_ROWS)), tmp_path)[check]
    assert (finding.severity, finding.columns) == (severity, ("planted",))


@pytest.mark.parametrize(
    ("check", "name"),
    [("codes_as_numbers", "ZIP code"), ("part_column", "Train or test"), ("grouped_table", "patient_no"),
     ("dated_table", "year")],
)  # fmt: skip
def test_a_name_that_tells_is_noticed(clean, tmp_path, check, name):
    planted = np.random.default_rng(0).integers(0, 40, N_ROWS) * 7
    assert found_in(clean.assign(**{name: planted}), tmp_path)[check].columns == (name,)


@pytest.mark.parametrize(
    "column",
    [
        lambda n: [*np.linspace(0, 9999, n - 9), *[9999] * 9],  # reached by steps
        lambda n: [*np.linspace(0, 50, n - 1), -999],  # once
        lambda n: [*np.linspace(0, 50, n - 9), *[-500] * 9],  # no such habit
    ],
)
def test_numbers_that_only_resemble_a_sentinel_pass(clean, tmp_path, column):
    assert "sentinel_number" not in found_in(clean.assign(planted=column(N_ROWS)), tmp_path)


def test_rows_of_a_hidden_gap_are_counted_from_zero(clean, tmp_path):
    colour = clean["colour"].astype(object)
    colour.iloc[[0, 7]] = "?"
    finding = found_in(clean.assign(colour=colour), tmp_path)["missing_as_level"]
    assert finding.rows == (0, 7)
    assert "2 cells in 1 columns hold '?'" in finding.told


def test_a_copy_of_the_target_is_found_among_classes_and_numbers(clean, tmp_path):
    copied = clean.assign(code=clean["y"].map({"yes": 7.0, "no": 3.0}), level=clean["y"] + "!")
    assert found_in(copied.drop(columns="level"), tmp_path)["gives_target"].columns == ("code",)
    assert found_in(copied.drop(columns="code"), tmp_path)["gives_target"].columns == ("level",)
    big = pd.concat([clean] * 5, ignore_index=True)
    big["a"] = np.random.default_rng(1).normal(size=len(big))
    finding = found_in(big.assign(exp=np.exp(big["a"])), tmp_path, "a")["gives_target"]
    assert (finding.columns, finding.severity) == (("exp",), "warning")


def test_a_sum_that_is_the_target_is_found_with_its_parts(clean, tmp_path):
    frame = clean.assign(total=3 * clean["a"] - clean["b"] + 2, c=np.random.default_rng(2).normal(size=N_ROWS))
    assert found_in(frame, tmp_path, "total")["sum_gives_target"].columns == ("a", "b")
    noisy = frame.assign(total=frame["total"] + frame["c"] ** 2)
    assert "sum_gives_target" not in found_in(noisy, tmp_path, "total")


def test_more_columns_than_rows_prove_nothing(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 60))).set_axis([f"x{i}" for i in range(60)], axis=1)
    assert "sum_gives_target" not in found_in(frame.assign(y=rng.normal(size=40)), tmp_path)


def test_small_classes_are_named_with_their_rows(clean, tmp_path):
    label = clean["y"].copy()
    label.iloc[[3, 5]] = "maybe"
    finding = found_in(clean.assign(y=label), tmp_path)["small_class"]
    assert (finding.severity, finding.rows) == ("fault", (3, 5))
    assert "'maybe' (2)" in finding.told


@pytest.mark.parametrize(("offset", "is_told"), [(0.0, False), (1e4, False), (1e5, True), (1e8, True)])
def test_a_target_that_float32_rounds_coarsely_is_told(clean, tmp_path, offset, is_told):
    y = offset + np.random.default_rng(0).normal(size=len(clean))
    error = np.sqrt(np.mean((y - y.astype(np.float32)) ** 2))
    assert (error > 1e-3) == is_told
    found = found_in(clean.assign(y=y), tmp_path)
    assert [found[check].severity for check in found if check == "far_from_zero"] == ["warning"] * is_told


def test_rows_without_a_target_are_told_and_the_other_rows_keep_their_numbers(clean, tmp_path):
    label, colour = clean["y"].copy(), clean["colour"].astype(object)
    label.iloc[[0, 2]] = None
    colour.iloc[4] = "?"
    found = found_in(clean.assign(y=label, colour=colour), tmp_path)
    assert (found["target_missing"].severity, found["target_missing"].rows) == ("fault", (0, 2))
    assert found["missing_as_level"].rows == (4,)


def crossing(clean, tmp_path, role):
    """The task with a role, and the same under splits that don't mind it."""
    clean.assign(planted=np.arange(N_ROWS) // 10).to_parquet(tmp_path / "t.parquet")
    add_card(f"{tmp_path}/t.parquet", "y", {"planted": role})
    data = load_task(f"file:{tmp_path}/t.parquet")
    return data, TaskData(data.task.with_splits(SplitRule()), data.X, data.y, data.time, data.group)


@pytest.mark.parametrize(("role", "check"), [(Role.TIME, "time_backwards"), (Role.GROUP, "group_leaks")])
def test_time_and_groups_that_cross_are_faults(clean, tmp_path, role, check):
    kept, crossed = crossing(clean, tmp_path, role)
    assert check not in {finding.check for finding in check_data(kept)}
    finding = next(finding for finding in check_data(crossed) if finding.check == check)
    assert finding.severity == "fault"
    assert finding.rows


def test_the_worst_comes_first(clean, tmp_path):
    frame = clean.assign(five=np.arange(N_ROWS) % 5, same=1.0, row=np.arange(N_ROWS))
    frame.to_parquet(tmp_path / "t.parquet")
    assert [f.severity for f in check_task(f"file:{tmp_path}/t.parquet::y")] == ["fault", "warning", "note"]


@pytest.mark.parametrize("name", ["bundled/iris", "bundled/flights", "bundled/fuel_economy"])
def test_bundled_tasks_can_be_checked(name):
    assert {"target_missing", "time_backwards", "group_leaks"}.isdisjoint(f.check for f in check_task(name))


def test_a_table_under_another_name_is_found(clean, tmp_path):
    read_table("penguins.parquet").to_parquet(tmp_path / "p.parquet")
    found = {finding.check: finding for finding in check_task(f"file:{tmp_path}/p.parquet::species")}
    assert "at hand as bundled/penguins: results" in found["same_content"].told
    for name in ("one", "two"):
        clean.to_csv(tmp_path / f"{name}.csv", index=False)
    load_task(f"file:{tmp_path}/one.csv::y")  # is put into the cache
    load_task(f"file:{tmp_path}/one.csv::colour")  # another target of the same file
    assert "same_content" not in {finding.check for finding in check_task(f"file:{tmp_path}/one.csv::y")}
    found = {finding.check: finding for finding in check_task(f"file:{tmp_path}/two.csv::y")}
    assert f"file:{tmp_path}/one.csv::y" in found["same_content"].told


def test_suite_cards_tell_of_tasks_on_the_same_table():
    data = load_task("bundled/iris")
    known = replace(data, task=replace(data.task, name="openml/361060"))
    finding = next(finding for finding in check_data(known) if finding.check == "same_table")
    assert "openml/219 (cc18, tabzilla, tabzilla_hard)" in finding.told
    assert "openml/361110 (grinsztajn_categorical_classification)" in finding.told


def test_a_class_of_one_row_is_small_for_a_holdout(clean, tmp_path):
    label = clean["y"].copy()
    label.iloc[3] = "maybe"
    clean.assign(y=label).to_parquet(tmp_path / "t.parquet")
    data = load_task(f"file:{tmp_path}/t.parquet::y")
    held = replace(data, task=data.task.with_splits(SplitRule(SplitKind.HOLDOUT, n_folds=1)))
    assert "'maybe' (1)" in next(f for f in check_data(held) if f.check == "small_class").told

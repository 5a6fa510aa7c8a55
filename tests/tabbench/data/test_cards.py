"""Cards: complete, true to their tables, and strict with what a person writes."""

import copy
from pathlib import Path

import pytest

from tabbench.data.bundled import read_table
from tabbench.data.cards import (
    card_names,
    datasets_folder,
    parse_dataset_card,
    read_dataset_card,
    read_yaml,
)
from tabbench.data.catalog import load_suite
from tabbench.data.tables import content_hash, typed_frame
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import ColumnKind, Origin, Role, TaskType

NAMES = card_names("cards")
MAX_BYTES = 4_000_000


def penguins() -> dict:
    return copy.deepcopy(dict(read_yaml(datasets_folder() / "cards" / "penguins.yaml")))


@pytest.mark.parametrize("name", NAMES)
def test_a_card_tells_the_truth_about_its_table(name):
    bundled = read_dataset_card(name)
    card = bundled.task.dataset
    table = typed_frame(read_table(bundled.table))
    assert [*table.columns] == [column.name for column in card.columns]
    assert len(table) == card.n_rows
    assert content_hash(table) == card.content_hash
    for column in card.columns:
        values = table[column.name]
        assert values.isna().sum() == column.n_missing
        levels = len(values.cat.categories) if column.kind is ColumnKind.CATEGORICAL else 0
        assert levels == column.n_levels


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_complete(name):
    task = read_dataset_card(name).task
    card = task.dataset
    assert card.name == name
    assert card.version >= 1
    for text in (card.title, card.source, card.licence, card.family, card.citation):
        assert len(text) > 3
    assert card.traps
    assert all(trap.endswith(".") for trap in card.traps)
    assert card.origin is Origin.REAL
    assert task.features
    assert (len(task.classes) == 2) == (task.type is TaskType.BINARY)


def test_tables_and_cards_are_the_same_set_and_small():
    files = list(datasets_folder().glob("*.parquet"))
    assert {file.name for file in files} == {
        table for name in NAMES if (table := read_dataset_card(name).table).endswith(".parquet")
    }
    assert sum(file.stat().st_size for file in files) < MAX_BYTES


def test_families_are_told_apart():
    families = [read_dataset_card(name).task.dataset.family for name in NAMES]
    assert len(set(families)) == len(families)


@pytest.mark.parametrize("suite", ["bundled", "quickstart"])
def test_a_suite_names_tasks_that_exist(suite):
    card = load_suite(suite)
    assert card.name == suite
    assert {task.removeprefix("bundled/") for task in card.tasks} <= set(NAMES)
    assert len(set(card.tasks)) == len(card.tasks)


def test_bundled_holds_every_task_and_does_not_rank_the_easy_ones():
    suite = load_suite("bundled")
    assert set(suite.tasks) == {f"bundled/{name}" for name in NAMES}
    assert set(suite.smoke) == {f"bundled/{name}" for name in ("iris", "wine", "digits", "breast_cancer")}


def test_quickstart_covers_what_real_tables_are_like():
    tasks = [read_dataset_card(name.removeprefix("bundled/")).task for name in load_suite("quickstart").tasks]
    types = [task.type for task in tasks]
    assert [types.count(t) for t in TaskType] == [3, 2, 3]
    features = [column for task in tasks for column in task.features]
    assert any(column.kind is ColumnKind.DATE for column in features)
    assert max(column.n_levels for column in features) > 1000
    assert sum(any(column.n_missing for column in task.features) for task in tasks) >= 4
    assert {str(task.split_rule.kind) for task in tasks} == {"kfold", "temporal", "grouped"}
    assert all(300 <= task.dataset.n_rows <= 6000 and len(task.features) <= 30 for task in tasks)


def test_a_misspelt_key_names_the_right_one():
    card = penguins()
    card["license"] = card.pop("licence")
    with pytest.raises(UnknownNameError, match=r"'license' \(here\)\. Did you mean licence"):
        parse_dataset_card(card, "here")


def test_an_absent_key_is_named():
    card = penguins()
    del card["source"]
    with pytest.raises(DataError, match="here: source must be given"):
        parse_dataset_card(card, "here")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda card: card.update(origin="fake"), "Unknown Origin 'fake'"),
        (lambda card: card["task"].update(type="regresion"), "Did you mean regression"),
        (lambda card: card["task"].update(type="regression"), "does not fit a regression task"),
        (lambda card: card["task"].update(target="sex"), "the target is 'sex'"),
        (lambda card: card["task"].update(split={"kind": "temporal"}), "one column with the role time"),
        (lambda card: card["task"].update(split={"kind": "grouped"}), "one column with the role group"),
        (lambda card: card["task"].update(split={"n_fold": 3}), "Did you mean n_folds"),
        (lambda card: card["task"].update(split={"n_folds": 1}), "n_folds must be a whole number of at least 2"),
        (lambda card: card["task"].update(split={"n_repeats": "two"}), "n_repeats must be a whole number"),
        (lambda card: card["columns"][0].update(kind="number"), "Unknown ColumnKind 'number'"),
        (lambda card: card["columns"][0].pop("role"), "a column: role must be given"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(change, words):
    card = penguins()
    change(card)
    with pytest.raises((DataError, UnknownNameError), match=words):
        parse_dataset_card(card, "here")


def test_a_card_that_is_no_mapping_is_refused(tmp_path: Path):
    file = tmp_path / "card.yaml"
    file.write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(DataError, match="must be a mapping"):
        read_yaml(file)
    file.write_text("a: [b\n", encoding="utf-8")
    with pytest.raises(DataError, match="is not YAML"):
        read_yaml(file)


def test_time_and_group_columns_are_no_features():
    for name in NAMES:
        task = read_dataset_card(name).task
        assert {column.role for column in task.features} == {Role.FEATURE}
        assert task.target not in {column.name for column in task.features}

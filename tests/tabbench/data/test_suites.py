"""Suite cards: published counts, tables that stand twice, and cards that contradict themselves."""

import pytest

from tabbench.data.catalog import known_suites, load_suite
from tabbench.data.modifiers.names import split_name
from tabbench.data.suites import parse_suite_card, same_table, suites_of, tables_twice
from tabbench.errors import DataError, UnknownNameError
from tabbench.suite import SplitsRun

PUBLISHED = {
    "cc18": 72,  # Bischl and others, 2021, title of section 4
    "ctr23": 35,  # Fischer and others, 2023, abstract
    "grinsztajn_categorical_classification": 7,
    "grinsztajn_categorical_regression": 17,
    "grinsztajn_numerical_regression": 19,
    "grinsztajn_numerical_classification": 16,
    "amlb_classification": 71,  # Gijsbers and others, 2024, abstract: 71 and 33
    "amlb_regression": 33,
    "tabzilla": 176,  # McElfresh and others, 2023, abstract
    "tabzilla_hard": 36,
    "tabarena": 51,  # Erickson and others, 2025, section 3
    "tabarena_lite": 51,
}


@pytest.mark.parametrize(("name", "n_tasks"), PUBLISHED.items())
def test_a_published_suite_has_its_published_number_of_tasks(name, n_tasks):
    suite = load_suite(name)
    assert len(suite.tasks) == len(set(suite.tasks)) == len(suite.datasets) == n_tasks
    assert all(task.startswith("openml/") for task in suite.tasks)
    assert suite.citation
    assert suite.licence


@pytest.mark.parametrize("name", ["beyond_temporal", "beyond_grouped"])
def test_a_part_of_a_suite_says_so_and_its_tasks_name_the_column_they_are_split_by(name):
    suite = load_suite(name)
    assert "published tasks" in suite.notes[0]
    for task in suite.tasks:
        base, modifiers = split_name(task)
        assert base.startswith("openml/")
        assert [modifier.name for modifier in modifiers] == [
            {"beyond_temporal": "time", "beyond_grouped": "group"}[name]
        ]


def test_lite_is_the_first_split_of_the_same_tasks():
    whole, lite = load_suite("tabarena"), load_suite("tabarena_lite")
    assert lite.tasks == whole.tasks
    assert (whole.splits, lite.splits) == (SplitsRun.ALL, SplitsRun.FIRST)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("openml/10101", "openml/145836"),  # TabZilla issue 100: both are dataset 1464
        ("openml/25", "openml/27"),  # colic in two versions
        ("openml/3953", "openml/7592"),  # adult-census and adult
        ("openml/361060", "openml/361110"),  # Grinsztajn's electricity, numerical and categorical
        ("openml/361070", "openml/361111"),  # and eye_movements
        ("openml/361062", "openml/361073"),  # pol as classes and as a number
        ("openml/361255", "openml/363678"),  # california_housing and houses
        ("openml/361250", "openml/363708"),  # the red part of wine_quality
        ("openml/31", "openml/d/31"),
    ],
)
def test_tasks_on_one_table_know_of_each_other(one, other):
    assert other in same_table(one)
    assert one in same_table(other)
    assert tables_twice((one, "openml/11", other))[0].tasks == (one, other)


def test_tasks_on_tables_of_their_own_are_no_duplicates():
    assert tables_twice(("openml/3", "openml/6", "bundled/iris", "openml/363707")) == ()
    assert same_table("openml/6") == same_table("bundled/iris") == ()


@pytest.mark.slow
def test_a_group_of_duplicates_is_the_same_on_every_card():
    for name in known_suites():
        for group in load_suite(name).duplicates:
            assert len(set(group.tasks)) == len(group.tasks) > 1
            for task in group.tasks:
                assert set(same_table(task)) == set(group.tasks) - {task}
                assert suites_of(task)


def test_suites_of_a_task_are_found():
    assert suites_of("openml/31") == ("cc18", "tabzilla", "tabzilla_hard")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"task": []}, "Did you mean tasks"),
        ({"tasks": "openml/3"}, "tasks must be a list of texts"),
        ({"tasks": ["openml/3", "openml/3"]}, "stand twice"),
        ({"notes": [3]}, "notes must be a list of texts"),
        ({"splits": "frist"}, "Did you mean first"),
        ({"datasets": ["a"]}, "1 datasets are named for 2 tasks"),
        ({"duplicates": [{"table": "t", "tasks": ["openml/3"]}]}, "at least two tasks"),
        ({"duplicates": [{"table": "t", "tasks": ["openml/7", "openml/8"]}]}, "one of them of this suite"),
        ({"duplicates": [{"tabel": "t", "tasks": []}]}, "Did you mean table"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(change, words):
    card = {"name": "s", "version": 1, "title": "t", "tasks": ["openml/3", "openml/6"], **change}
    with pytest.raises((DataError, UnknownNameError), match=words):
        parse_suite_card(card, "here")


def test_smoke_tasks_must_be_in_the_suite():
    suite = {"name": "s", "version": 1, "title": "t", "tasks": ["bundled/iris"], "smoke": ["bundled/wine"]}
    with pytest.raises(DataError, match=r"\['bundled/wine'\] are not among the tasks"):
        parse_suite_card(suite, "here")

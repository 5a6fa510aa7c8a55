"""`tabbench data list` and `tabbench data show`."""

import json

import pytest

from tabbench.cli.data import main
from tabbench.cli.main import main as tabbench
from tabbench.data.catalog import known_suites, known_tasks
from tabbench.errors import UnknownNameError


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")


def test_list_names_every_task_and_suite(capsys):
    assert main(["list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*known_tasks(), *known_suites()))


@pytest.mark.parametrize("asked", [["list"], ["show", "cc18"], ["show", "beyond_grouped"]])
def test_lists_fit_in_eighty_columns(capsys, monkeypatch, asked):
    monkeypatch.setenv("COLUMNS", "80")
    main(asked)
    printed = capsys.readouterr().out
    assert "…" not in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_show_tells_notes_tasks_and_duplicates_of_a_suite(capsys):
    main(["show", "quickstart"])
    assert "a demonstration, not evidence" in capsys.readouterr().out
    main(["show", "tabzilla"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "176 tasks, 0 of them here" in printed
    assert "openml/31 credit-g" in printed
    assert "McElfresh" in printed
    inside, _, across = printed.partition("Tables that other suites hold")
    assert "blood-transfusion-service-center: openml/10101 (cc18, tabzilla), openml/145836 (tabzilla)" in inside
    assert "credit-g: openml/31 (cc18, tabzilla, tabzilla_hard), openml/363626" in across


def test_show_prints_a_suite_as_json(capsys):
    main(["show", "tabarena_lite", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert (shown["name"], shown["splits"], len(shown["tasks"])) == ("tabarena_lite", "first", 51)


def test_list_prints_json_and_nothing_else(capsys):
    assert main(["list", "--json"]) == 0
    printed = capsys.readouterr()
    listed = json.loads(printed.out)
    assert [task["task"] for task in listed["tasks"]] == known_tasks()
    assert [suite["name"] for suite in listed["suites"]] == known_suites()
    assert printed.err == ""


@pytest.mark.parametrize("name", known_tasks())
def test_show_tells_columns_target_splits_licence_and_traps(capsys, name):
    assert main(["show", name]) == 0
    printed = capsys.readouterr().out
    main(["show", name, "--json"])
    shown = json.loads(capsys.readouterr().out)
    for column in shown["columns"]:
        assert column["name"] in printed
    assert shown["content_hash"] in printed
    assert shown["traps"][0][:30] in printed
    assert len(shown["split_sizes"]) == shown["n_splits"] == 3
    assert all(split["n_train"] + split["n_test"] <= shown["n_rows"] for split in shown["split_sizes"])
    assert all(f"{split['n_train']:,} train" in " ".join(printed.split()) for split in shown["split_sizes"])


def test_show_counts_classes(capsys):
    main(["show", "bundled/penguins", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["target_distribution"] == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}  # Horst and others, 2020


def test_an_unknown_task_ends_with_two_and_the_nearest_name(capsys):
    assert tabbench(["data", "show", "bundled/pengin"]) == 2
    assert "Did you mean bundled/penguins" in capsys.readouterr().err


def test_an_unknown_verb_gets_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean show"):
        main(["shwo"])


def test_a_modified_task_is_shown_with_its_changes(capsys):
    assert tabbench(["data", "show", "bundled/diamonds~rows=1000~rotate"]) == 0
    told = capsys.readouterr().out
    assert "1,000" in told
    assert "rows=1000; rotate (on each split, not shown below)" in " ".join(told.split())
    assert tabbench(["data", "show", "bundled/diamonds~rows=1000~rotate", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["n_rows"], shown["modifiers"]) == (1000, ["rows=1000", "rotate"])


def test_a_modified_file_is_checked(tmp_path, capsys):
    file = tmp_path / "t.csv"
    file.write_text("x,y\n" + "".join(f"{i}.5,{i % 7}.25\n" for i in range(90)))
    assert tabbench(["data", "check", f"file:{file}::y~rows=60"]) == 0
    assert "rows=60" in capsys.readouterr().out

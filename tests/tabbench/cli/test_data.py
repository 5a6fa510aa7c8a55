"""`tabbench data list` and `tabbench data show`."""

import json

import numpy as np
import pandas as pd
import pytest

from tabbench.cli.data import main
from tabbench.cli.main import main as tabbench
from tabbench.data.catalog import known_suites, known_tasks
from tabbench.errors import UnknownNameError


@pytest.fixture(autouse=True)
def _wide_terminal_and_empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))


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


@pytest.mark.parametrize("name", ["bundled/flights", "bundled/credit", "bundled/fuel_economy", "bundled/iris"])
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


@pytest.mark.slow
@pytest.mark.parametrize(("n_columns", "n_classes", "width"), [(3, 2, 120), (300, 60, 80), (99, 0, 80), (99, 0, 120)])
def test_show_is_readable_at_any_width_of_table_and_terminal(
    capsys, monkeypatch, tmp_path, width, n_columns, n_classes
):
    monkeypatch.setenv("COLUMNS", str(width))
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(240, n_columns))).set_axis([f"number_{i}" for i in range(n_columns)], axis=1)
    levels = ["a level with a name that is far too long for a line " + letter for letter in "abc"]
    y = [f"class {i % n_classes}" for i in range(240)] if n_classes else rng.normal(size=240) * 1e5
    frame.assign(**{"a name of forty letters, or nearly so, x": rng.choice(levels, 240), "y": y}).to_parquet(
        tmp_path / "t.parquet"
    )
    main(["show", f"file:{tmp_path}/t.parquet::y"])
    printed = capsys.readouterr().out.splitlines()
    assert max(map(len, printed)) <= width
    rows = [line.split() for line in printed if line.startswith("number_")]
    assert len(rows) == (40 if n_columns > 100 else n_columns)
    assert all(row[1] == "numeric" and row[3] == "to" for row in rows)  # each on a line of its own
    assert len(printed) < 140
    text = " ".join(printed)
    if n_columns > 100:
        assert "… 261 more columns: 260 numeric, 1 categorical" in text
    if n_classes > 40:
        assert "… 20 more" in text
    if not n_classes:
        assert "from least to most: " in text


def test_show_tells_findings(capsys):
    main(["show", "bundled/rodents"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "Findings - warning duplicate_rows: 10 of 1,501 test rows" in printed
    main(["show", "bundled/rodents", "--json"])
    assert [f["check"] for f in json.loads(capsys.readouterr().out)["findings"]] == [
        "duplicate_rows",
        "numbers_as_text",
    ]

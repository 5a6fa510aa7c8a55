"""What is exported, and what is left out and told."""

from __future__ import annotations

import json
import zipfile

import pytest
from synthetic_store import make_store

from tabbench.cli import main as tabbench


def export(*arguments):
    return tabbench.main(["submit", "export", *map(str, arguments)])


def test_the_same_store_gives_the_same_bundle(store, plugin, bundle, tmp_path):
    again = tmp_path / "again.zip"
    assert export(plugin, "--store", store.root, "-o", again) == 0
    assert again.read_bytes() == bundle.read_bytes()


def test_a_bundle_says_no_host_name(bundle):
    with zipfile.ZipFile(bundle) as archive:
        workers = [json.loads(line) for line in archive.read("documents/workers.jsonl").splitlines()]
    assert [row["host"] for row in workers] == [""] * len(workers)


def test_rows_of_another_source_are_left_out(store, plugin, tmp_path, capsys):
    edited = tmp_path / "prior.py"
    edited.write_text(plugin.read_text() + "# edited\n")
    assert export(edited, "--store", store.root, "-o", tmp_path / "b.zip") == 2
    assert "another source" in capsys.readouterr().err
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lineer",), "Did you mean linear?"),
        (("linear",), "holds no trial of linear"),
        (("absent.py",), "absent.py"),
    ],
)
def test_a_model_without_rows_is_told(arguments, told, store, tmp_path, capsys):
    assert export(*arguments, "--store", store.root, "-o", tmp_path / "b.zip") == 2
    err = capsys.readouterr().err
    assert told in err
    assert ("tabbench status" in err) == (f"tabbench status --store {store.root}" in err)


def test_an_unknown_suite_is_told(store, plugin, tmp_path, capsys):
    assert export(plugin, "--store", store.root, "--suite", "bundeld", "-o", tmp_path / "b.zip") == 2
    assert "Did you mean bundled?" in capsys.readouterr().err


def test_a_store_that_is_not_there_is_told(tmp_path, capsys):
    assert export("linear", "--store", tmp_path / "none", "-o", tmp_path / "b.zip") == 2
    assert "no store" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(store, plugin, tmp_path, capsys):
    assert export(plugin, "--store", store.root, "-o", tmp_path / "absent" / "b.zip") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_invented_rows_are_exported_and_not_verified(tmp_path, capsys):
    """Rows of a store that no run made: each is told for what it is not."""
    store = make_store(tmp_path / "store", models=("constant",), tasks=("bundled/iris",), n_folds=1)
    assert export("constant", "--store", store.root, "-o", tmp_path / "b.zip") == 2
    assert "another source" in capsys.readouterr().err

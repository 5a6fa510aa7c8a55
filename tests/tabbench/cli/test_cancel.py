"""Cancelling needs a store and a launch; what it does on a cluster is tried on one (runner/executors/test_slurm.py)."""

from __future__ import annotations

import pytest

from tabbench.cli.main import main
from tabbench.store.layout import Store


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--store", "nowhere"], "There is no store at nowhere"),
        (["20260101-000000-abcdef", "--store", "store"], "Unknown launch '20260101-000000-abcdef'"),
    ],
)
def test_wrong_store_or_launch_is_told(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Store(tmp_path / "store").create()
    assert main(["cancel", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_store_without_launches_has_nothing_to_cancel(tmp_path, capsys):
    Store(tmp_path).create()
    assert main(["cancel", "--store", str(tmp_path)]) == 0
    assert "Nothing is queued or running" in capsys.readouterr().out


def test_machine_without_slurm_is_told_to_run_here(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    arguments = ["tasks=[bundled/iris]", "models=[constant]", "executor=slurm", f"store={tmp_path / 'store'}"]
    assert main(["run", *arguments]) == 2
    assert "executor=local" in capsys.readouterr().err

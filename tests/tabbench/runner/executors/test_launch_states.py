"""How far a launch is, as its records say where the engine cannot be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main
from tabbench.runner.executors.launch_states import launch_states
from tabbench.store.launches import BundleEnd, FailedJob, Launch, launch_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.store.layout import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a launch of three bundles, two of which have ended."""
    store = make_store(tmp_path / "store", n_folds=1, n_trials=1)
    folder = launch_folder(store, "20260102-030405-abcdef")
    folder.write(Launch("20260102-030405-abcdef", "slurm", "77", 3, 9, 9, "login", "2026-01-02T03:04:05+00:00"))
    end(store, 0)
    end(store, 1, FailedJob("j", "knn", "bundled/iris", "the table has changed"))
    return store


def end(store: Store, number: int, *failures: FailedJob) -> None:
    when = "2026-01-02T04:04:05+00:00"
    launch_folder(store, "20260102-030405-abcdef").write_end(BundleEnd(number, 3, 0, failures, "n1", "77_0", when))


def test_bundles_that_nobody_can_tell_of_are_unknown_and_not_dead(store, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    (state,) = launch_states(store)
    assert state.states == {"ended": 2, "unknown": 1}
    assert state.died == ()
    assert state.is_under_way
    assert state.failures == {"the table has changed": 1}
    assert main(["status", "--store", str(store.root)]) == 0
    told = capsys.readouterr().out
    assert "SLURM was not asked" in told
    assert "the table has changed" in told


def test_bundles_that_were_cancelled_have_not_died(store, monkeypatch, capsys):
    monkeypatch.setattr("tabbench.runner.executors.launch_states.element_states", lambda _: {2: "CANCELLED"})
    (state,) = launch_states(store)
    assert state.states == {"cancelled": 1, "ended": 2}
    assert state.died == ()
    assert not state.is_under_way
    assert main(["status", "--store", str(store.root)]) == 0
    assert "1 cancelled, 2 ended" in capsys.readouterr().out


def test_trials_that_are_left_are_those_of_the_launch_less_those_since(store, monkeypatch, capsys):
    monkeypatch.setattr("tabbench.runner.executors.launch_states.element_states", lambda _: {2: "RUNNING"})
    assert main(["status", "--store", str(store.root), "--json"]) == 0
    (launch,) = json.loads(capsys.readouterr().out)["launches"]
    assert launch["is_under_way"]
    assert launch["trials_left"] == 0  # 9 are stored, begun a second after the launch


def test_launch_whose_bundles_have_all_ended_asks_nobody(store, monkeypatch, capsys):
    end(store, 2)
    monkeypatch.setenv("PATH", "")
    (state,) = launch_states(store)
    assert state.states == {"ended": 3}
    assert not state.is_under_way
    assert main(["status", "--store", str(store.root), "--watch", "--json"]) == 0
    (launch,) = json.loads(capsys.readouterr().out)["launches"]
    assert launch["states"] == {"ended": 3}

"""A model that cannot run here, or not on a task: which row says so, and when the same command tries again."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from stored_rows import all_trials

from tabbench.runner.compose import compose_settings
from tabbench.runner.lacking import is_held
from tabbench.runner.launch import plan_run
from tabbench.store.layout import Store

pytestmark = pytest.mark.usefixtures("in_process")

NEEDS_A_FILE = """
@staticmethod
def unavailable(task_type):
    from pathlib import Path
    return None if Path({path!r}).exists() else "no weights: touch {path}"
"""


def ends(folder):
    """How each trial ended, and why."""
    return [(done.trial.status.value, done.trial.reason) for done in all_trials(folder / "store")]


def plan(folder, *settings):
    return plan_run(compose_settings([f"store={folder / 'store'}", "folds=[0]", "protocol.n_trials=3", *settings]))


@pytest.mark.slow
def test_a_model_whose_weights_are_missing_is_fitted_once_they_are_there(tmp_path, write_plugin, run):
    weights, store = tmp_path / "weights", Store(tmp_path / "store")
    plugin = f"models=[{write_plugin('heavy', more=NEEDS_A_FILE.format(path=str(weights)))}]"
    (job,) = run(plugin).plan.jobs
    assert ends(tmp_path) == [("unavailable", f"no weights: touch {weights}")]
    again = plan(tmp_path, plugin, "tasks=[bundled/iris]")
    assert (len(again.jobs), again.n_held) == (0, 1)
    assert is_held(store, job)
    weights.touch()
    assert not is_held(store, job)
    assert run(plugin).plan.n_trials == 3
    assert ends(tmp_path) == [("ok", None)] * 3
    assert not plan(tmp_path, plugin, "tasks=[bundled/iris]").jobs


@pytest.mark.slow
def test_weights_are_asked_for_by_type_of_task(tmp_path, write_plugin, run):
    lacks = '@staticmethod\ndef unavailable(task_type):\n    return "none" if task_type is REGRESSION else None'
    settings = (f"models=[{write_plugin('half', more=lacks)}]", "tasks=[bundled/iris,bundled/diabetes]")
    run(*settings, "protocol.n_trials=1")
    assert sorted(status for status, _ in ends(tmp_path)) == ["ok", "unavailable"]
    assert not plan(tmp_path, *settings, "protocol.n_trials=1").jobs


def test_a_task_beyond_the_limits_is_skipped_whatever_weights_are_here(tmp_path, write_plugin, run):
    more = NEEDS_A_FILE.format(path=str(tmp_path / "weights"))
    run(f"models=[{write_plugin('small', card=', max_rows=50', more=more)}]")
    assert ends(tmp_path) == [("skipped", "80 rows; small takes at most 50")]


@pytest.mark.parametrize(
    ("most", "ended"), [(7, ("ok", None)), (6, ("skipped", "7 columns as prepared from 2; narrow takes at most 6"))]
)
def test_columns_are_counted_as_the_model_reads_them(most, ended, tmp_path, write_plugin, run):
    days = pd.date_range("2020-01-01", periods=60, freq="D")
    table = pd.DataFrame({"day": days, "x": np.arange(60.0), "y": np.arange(60) % 2})
    table.to_parquet(tmp_path / "dated.parquet")
    task = f"tasks=['file:{tmp_path / 'dated.parquet'}::y']"
    run(f"models=[{write_plugin('narrow', card=f', max_columns={most}')}]", task, "protocol.n_trials=1")
    assert ends(tmp_path) == [ended]


@pytest.mark.parametrize(("max_rows", "status"), [(99, "skipped"), (100, "ok")])
def test_limits_hold_for_a_refit_too(max_rows, status, tmp_path, write_plugin, run):
    plugin = write_plugin("small", card=f", max_rows={max_rows}")
    settings = (f"models=[{plugin}]", "tasks=[bundled/iris]", "folds=[0]", "protocol.n_trials=1")
    run(*settings, "protocol.refit=true", "protocol.valid=holdout")  # fitted on 80 rows, then on 100
    assert ends(tmp_path) == [(status, None if status == "ok" else "100 rows; small takes at most 99")]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "mend"), [("tabpfn_v1", "pip install 'tabpfn==0.1.11'"), ("tabpfn_v2", "curl -L")])
def test_tabpfn_of_another_version_or_without_weights_is_unavailable(name, mend, tmp_path, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "tabpfn", ModuleType("tabpfn"))
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.2.0")
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path / "nothing"))
    run(f"models=[{name}]")
    ((status, reason),) = ends(tmp_path)
    assert status == "unavailable"
    assert mend in reason
    assert not plan(tmp_path, f"models=[{name}]", "tasks=[bundled/iris]").jobs
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.1.11")
    monkeypatch.setattr(f"tabbench_models.{name}.missing_weights", lambda *_: None)
    assert plan(tmp_path, f"models=[{name}]", "tasks=[bundled/iris]").jobs

"""The timing pass: chosen configurations, alone, several times, and only once."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from tabbench.cli import main as tabbench
from tabbench.errors import StoreError, UnknownNameError
from tabbench.runner.launch import store_lock
from tabbench.runner.timing import rows_for_warming_up
from tabbench.runner.timing_plan import plan_timings
from tabbench.store.database import open_database
from tabbench.store.layout import Store

WORK = """
import time
time.sleep(0.02 + max(self.shift, 0) / 10)
self.weights = np.ones(1000)
"""
FIT_BOUNDS = 0.02, 0.6


@pytest.fixture
def store(tmp_path, write_plugin, run):
    """Three trials of one model on one fold of a ranked task."""
    plugin = write_plugin("steady", fit=WORK, more="\ndef __getstate__(self):\n    return self.weights\n")
    run(f"models=[{plugin}]", "tasks=[bundled/concrete]", "folds=[1]", "protocol.n_trials=4")
    return Store(tmp_path / "store")


def timings(store):
    with open_database(store) as connection:
        frame = connection.execute("select * from timings order by job_id, trial").df()
    return frame.to_dict("records")


def time_it(store, *more):
    return tabbench.main(["time", "--store", str(store.root), "--models", str(store.root.parent / "steady.py"), *more])


@pytest.mark.slow
def test_what_each_regime_reads_is_timed_alone_in_fresh_processes_and_only_once(store, capsys):
    assert time_it(store) == 0
    rows = timings(store)
    with open_database(store) as connection:
        stored = connection.execute("select trial, any_value(valid_error) from best_trials group by trial").fetchall()
    assert {(row["trial"], row["valid_error"]) for row in rows} == set(stored)
    for row in rows:
        assert (row["status"], row["n_repeats"], row["n_fits"], row["n_beside"]) == ("ok", 3, 1, 1)
        assert FIT_BOUNDS[0] <= row["fit_seconds"] <= FIT_BOUNDS[1]
        assert row["fit_seconds"] == sorted(row["fit_seconds_each"])[1]
        assert 0 < row["predict_row_seconds"] < 1
        assert 8_000 < row["model_bytes"] < 9_000
        assert row["peak_memory_mib"] > 10
    assert time_it(store) == 0
    assert f"{len(rows)} were timed already" in capsys.readouterr().err
    assert len(timings(store)) == len(rows)


@pytest.mark.slow
def test_a_model_that_cannot_be_pickled_says_why(tmp_path, write_plugin, run):
    plugin = write_plugin("steady", fit="self.f = lambda: 0")
    run(f"models=[{plugin}]", "tasks=[bundled/concrete]", "protocol.n_trials=1")
    store = Store(tmp_path / "store")
    assert time_it(store, "--repeats", "1", "--regime", "default") == 0
    (row,) = timings(store)
    assert row["no_model_bytes"].startswith(("AttributeError", "PicklingError"))
    assert row["status"] == "ok"


@pytest.mark.usefixtures("in_process")
def test_plan_takes_the_first_split_and_names_what_cannot_be_timed(store, write_plugin):
    (job,) = plan_timings(store, models=[str(store.root.parent / "steady.py")], regimes=("default",)).jobs
    assert (job.repeat, job.fold, [t.number for t in job.timed]) == (0, 1, [0])
    assert json.loads(job.timed[0].config) == {"shift": 0.0}
    plan = plan_timings(store)
    assert plan.jobs == ()
    assert "--models steady.py" in plan.notices[0]
    changed = write_plugin("steady", fit="pass")
    assert "another source" in plan_timings(store, models=[str(changed)]).notices[0]


@pytest.mark.usefixtures("in_process")
def test_wrong_names_are_refused_and_no_store_is_made(store, tmp_path):
    with pytest.raises(UnknownNameError, match="suite"):
        plan_timings(store, suite="quikstart")
    with pytest.raises(UnknownNameError, match="among those in this store"):
        plan_timings(store, models=["linear"])
    with pytest.raises(StoreError, match="There is no store"):
        plan_timings(Store(tmp_path / "absent"))
    assert tabbench.main(["time", "--store", str(tmp_path / "absent")]) == 2
    assert not (tmp_path / "absent").exists()


@pytest.mark.usefixtures("in_process")
def test_timing_waits_for_no_run(store, capsys):
    with store_lock(store.root):
        start = time.monotonic()
        assert time_it(store) == 2
    assert time.monotonic() - start < 10
    assert "Another run is working in the store" in capsys.readouterr().err


@pytest.mark.parametrize("y", [np.repeat([0, 1, 2], 1000), np.r_[np.zeros(5000), 1.0], np.array([3.0])])
def test_a_warm_up_sees_what_a_fit_would_whatever_the_order_of_rows(y):
    rows = rows_for_warming_up(y)
    assert set(y[rows]) == set(y)
    assert len(rows) <= 200
    assert (np.diff(rows) > 0).all()

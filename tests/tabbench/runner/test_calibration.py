"""How fast a host is, is measured once an hour, kept beside the rows, and turns seconds into units of its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tabbench.environment import environment_row, worker_row
from tabbench.runner import calibration
from tabbench.runner.calibration import calibrate_if_due, workload_seconds
from tabbench.store.database import open_database
from tabbench.store.documents import write_document
from tabbench.store.layout import Store

WORKLOADS = ["matrix_product", "memory_copy", "tree_fit"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    return Store(tmp_path / "store").create()


def answer(store, query):
    with open_database(store) as connection:
        return connection.execute(query).fetchall()


def test_the_workload_is_short():
    seconds = workload_seconds()
    assert sorted(seconds) == WORKLOADS
    assert all(0.001 < took < 3 for took in seconds.values())


def test_workers_of_a_host_share_one_measurement_an_hour(store, monkeypatch):
    monkeypatch.setattr(calibration, "workload_seconds", lambda: dict.fromkeys(WORKLOADS, 0.5))
    workers = [worker_row("local"), worker_row("local")]
    write_document(store, "environments", environment_row())
    for worker in workers:
        write_document(store, "workers", worker)
        calibrate_if_due(worker, store)
        calibrate_if_due(worker, store)
    assert answer(store, "select workload, count(*), min(seconds) from calibrations group by all order by all") == [
        (name, 2, 0.5) for name in WORKLOADS
    ]
    assert answer(store, "select tree_fit_seconds, n_calibrations from machines") == [(0.5, 1)]


def test_a_cache_that_cannot_be_used_costs_the_calibration_and_not_the_run(store, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder")
    calibrate_if_due(worker_row("local"), store)
    assert answer(store, "select * from calibrations") == []


def test_times_are_told_in_units_of_the_machine(store, write_plugin, run, in_process, monkeypatch):
    monkeypatch.setattr(calibration, "workload_seconds", lambda: dict.fromkeys(WORKLOADS, 0.25))
    run(f"models=[{write_plugin('plain')}]", "protocol.n_trials=2")
    ((worker,), *_) = answer(store, "select distinct worker_id from trials")
    row = replace(worker_row("local"), worker_id=worker)
    write_document(store, "environments", environment_row())
    write_document(store, "workers", row)
    calibrate_if_due(row, store)
    for fit, relative in answer(
        store, "select t.fit_seconds, r.fit_in_trees from trials t join relative_times r using (job_id, trial)"
    ):
        assert relative == pytest.approx(fit / 0.25)

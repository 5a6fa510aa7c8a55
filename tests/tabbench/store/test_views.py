"""What the views compute."""

from __future__ import annotations

import duckdb
import pytest

from tabbench.store.views import THREAD_EXCESS


@pytest.mark.parametrize(
    ("n_threads", "cpu_seconds", "wall_seconds", "threads_used"),
    [(1, 3.8, 2.0, 1.9), (2, 3.8, 2.0, None), (1, 2.1, 2.0, None), (1, 0.9, 0.3, None), (1, None, 2.0, None)],
)
def test_fits_that_use_more_threads_than_told_are_seen(n_threads, cpu_seconds, wall_seconds, threads_used):
    con = duckdb.connect()
    con.execute("create table trials as select 'j' as job_id, 0 as trial, 1 as attempt, 'm' as model, 't' as task")
    con.execute(
        "create table fits as select 'j' as job_id, 0 as trial, 1 as attempt, 0 as inner_fold, $threads as n_threads, "
        "$cpu::double as cpu_seconds, $wall - 0.5 as fit_seconds, 0.25 as predict_valid_seconds, "
        "0.25 as predict_test_seconds",
        {"threads": n_threads, "cpu": cpu_seconds, "wall": wall_seconds},
    )
    found = con.execute(f"select threads_used from ({THREAD_EXCESS.sql})").fetchall()
    assert found == ([] if threads_used is None else [(pytest.approx(threads_used),)])

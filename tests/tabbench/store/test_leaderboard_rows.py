from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from synthetic_store import make_store, write_job

from tabbench.errors import DataError, UnknownNameError
from tabbench.metrics import METRICS
from tabbench.ranking.leaderboard import leaderboard
from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.leaderboard_rows import read_errors

KEY = ["model", "task", "repeat", "fold"]


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The synthetic store's tables, in memory so that a test may change its own copy."""
    store = make_store(tmp_path_factory.mktemp("store"))
    with open_database(store) as stored:
        tables = {
            name: stored.sql(f"select * from {name}").to_arrow_table()
            for name in ("trials", "tasks", "models", "suites", "ensembles", "new_scores")
        }
    memory = duckdb.connect()
    for name, frame in tables.items():
        memory.register("frame", frame)
        memory.execute(f"create table {name} as select * from frame")
    return memory


@pytest.fixture
def changed(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same tables, put back after the test."""
    cursor = connection.cursor()
    cursor.execute("begin")
    yield cursor
    cursor.execute("rollback")


def expected(connection: duckdb.DuckDBPyConnection, regime: str) -> pd.DataFrame:
    """Each regime by plain loops over all trials."""
    rows = []
    for _, job in connection.execute("select * from trials").df().groupby("job_id"):
        finished = job[job["status"] == "ok"].sort_values(["valid_error", "trial"])
        if regime == "default":
            chosen = finished[finished["trial"] == 0]
        else:
            chosen = finished[:1] if len(finished) > 1 or job["model"].iloc[0] == "constant" else finished[:0]
        error = chosen["test_error"].iloc[0] if len(chosen) else float("nan")
        search = job["total_seconds"].sum() if regime == "tuned" else job.loc[job["trial"] == 0, "total_seconds"].sum()
        rows.append([*job[KEY].iloc[0], error, search])
    return pd.DataFrame(rows, columns=[*KEY, "error", "search_seconds"]).sort_values(KEY, ignore_index=True)


@pytest.mark.parametrize("regime", ["default", "tuned"])
def test_each_regime_reads_a_job_as_plain_loops_do(connection: duckdb.DuckDBPyConnection, regime: str) -> None:
    errors = read_errors(connection).errors
    got = errors[errors["regime"] == regime].sort_values(KEY, ignore_index=True)
    pd.testing.assert_frame_equal(
        got[[*KEY, "error", "search_seconds"]], expected(connection, regime), check_dtype=False
    )
    assert got["error"].notna().sum() > 20


def test_test_errors_choose_nothing(changed: duckdb.DuckDBPyConnection) -> None:
    best = """select arg_min(trial, (valid_error, trial)) from trials where status = 'ok'
        group by job_id having count(*) > 1 or any_value(model) = 'constant'"""
    changed.execute("update trials set test_error = trial * 1000.0 where status = 'ok'")
    errors = read_errors(changed).errors
    tuned = errors[(errors["regime"] == "tuned") & errors["error"].notna()]
    assert sorted(tuned["error"]) == sorted(row[0] * 1000.0 for row in changed.execute(best).fetchall())


def test_the_lowest_trial_wins_a_tie(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update trials set status = 'timeout' where trial = 0 and model <> 'constant'")
    changed.execute("update trials set valid_error = 0.5, test_error = trial where status = 'ok'")
    errors = read_errors(changed).errors
    lowest = """select min(trial) from trials where status = 'ok' and model <> 'constant'
        group by job_id having count(*) > 1"""
    tuned = errors[(errors["regime"] == "tuned") & (errors["model"] != "constant")]["error"].dropna()
    assert sorted(tuned) == sorted(float(row[0]) for row in changed.execute(lowest).fetchall())
    assert min(tuned) == 1


def test_one_finished_trial_is_not_tuned(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update trials set status = 'timeout' where model = 'trees' and fold = 0 and trial > 0")
    changed.execute("update trials set status = 'ok', test_error = 0.5 where model = 'trees' and trial = 0")
    changed.execute("delete from trials where model = 'ridge'")
    rows = read_errors(changed)
    tuned = rows.errors[(rows.errors["regime"] == "tuned") & (rows.errors["model"] == "trees")]
    assert tuned.loc[tuned["fold"] == 0, "error"].isna().all()
    assert "Jobs with one finished trial are not tuned, so missing under tuned: 3 of trees." in rows.notices


def test_a_store_of_defaults_has_no_tuned_regime(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("delete from trials where trial > 0")
    assert set(read_errors(changed).errors["regime"]) == {"default"}


def test_a_model_that_was_not_tuned_stands_under_default_only(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("delete from trials where trial > 0 and model = 'trees'")
    errors = read_errors(changed).errors
    assert set(errors.loc[errors["regime"] == "tuned", "model"]) == {"constant", "ridge"}


def test_a_missing_library_leaves_no_row(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update trials set status = 'unavailable' where model = 'trees'")
    assert "trees" not in set(read_errors(changed).errors["model"])


def test_another_metric_ranks_where_it_fits_and_says_what_chose(connection: duckdb.DuckDBPyConnection) -> None:
    rows = read_errors(connection, metric=METRICS["log_loss"])
    assert set(rows.errors["task"]) == {"bundled/alpha", "bundled/beta"}
    assert "Log loss does not fit 1 task: bundled/gamma." in rows.notices
    query = "select 1 - test_roc_auc from trials where model = 'ridge' and trial = 0 and status = 'ok'"
    auc = read_errors(connection, metric=METRICS["roc_auc"])
    default = auc.errors[(auc.errors["regime"] == "default") & (auc.errors["model"] == "ridge")]
    in_store = [row[0] for row in connection.execute(query).fetchall() if row[0] is not None]
    assert sorted(default["error"].dropna()) == sorted(in_store)
    assert "Ranked by roc_auc; configurations were chosen by log_loss." in auc.notices


def test_smoke_tasks_are_never_ranked(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update suites set is_ranked = (task <> 'bundled/beta')")
    for suite in (None, changed.execute("select any_value(suite) from suites").fetchall()[0][0]):
        rows = read_errors(changed, suite=suite)
        assert set(rows.errors["task"]) == {"bundled/alpha", "bundled/gamma"}
    assert "Smoke tasks are never ranked: bundled/beta." in read_errors(changed).notices


def test_an_unknown_suite_or_protocol_is_refused_with_the_nearest(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean synthetic"):
        read_errors(connection, protocol="syntetic")
    with pytest.raises(UnknownNameError, match="Known: "):
        read_errors(connection, suite="nothing-like-it")
    assert len(read_errors(connection, protocol="synthetic").errors) == len(read_errors(connection).errors)


def test_tasks_of_the_suite_without_rows_are_named(changed: duckdb.DuckDBPyConnection) -> None:
    suite = changed.execute("select any_value(suite) from suites").fetchall()[0][0]
    changed.execute("delete from tasks where task = 'bundled/beta'")
    assert f"1 of 3 tasks of suite {suite} have no rows: bundled/beta." in read_errors(changed, suite=suite).notices


@pytest.mark.parametrize("column", ["source_hash", "splits_hash", "task_hash", "protocol_id"])
def test_older_rows_are_pooled_only_by_choice(changed: duckdb.DuckDBPyConnection, column: str) -> None:
    changed.execute(
        f"insert into trials by name select * replace ('older' as {column}, 'old' || job_id as job_id, "
        "started_at - interval 1 day as started_at) from trials where task = 'bundled/alpha'"
    )
    with pytest.raises(DataError, match=rf"different {column}.*older"):
        leaderboard(read_errors(changed).errors)
    latest = leaderboard(read_errors(changed, latest=True).errors)
    changed.execute(f"delete from trials where {column} = 'older'")
    pd.testing.assert_frame_equal(latest.table, leaderboard(read_errors(changed).errors).table)


def test_two_sources_in_one_job_are_refused(changed: duckdb.DuckDBPyConnection) -> None:
    changed.execute("update trials set source_hash = 'edited' where model = 'trees' and trial = 3")
    with pytest.raises(DataError, match=r"different source_hash.*edited"):
        leaderboard(read_errors(changed).errors)


def test_the_last_attempt_counts(tmp_path: Path) -> None:
    store = make_store(tmp_path, models=("constant", "ridge"), tasks=("bundled/alpha",), n_folds=1)
    write_job(store, "ridge", "bundled/alpha", 0, range(4), attempt=2, status=Status.ERROR)
    with open_database(store) as connection:
        errors = read_errors(connection).errors
    assert errors.loc[errors["model"] == "ridge", "error"].isna().all()
    assert errors.loc[errors["model"] == "constant", "error"].notna().all()

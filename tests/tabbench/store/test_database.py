"""The database equals the files, whatever happened to them and whoever else is there."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic_store import finished_trial, job_id_of, make_store, write_documents, write_job

from tabbench.errors import StoreError
from tabbench.results import SCHEMA_VERSION, Status
from tabbench.store.database import open_database
from tabbench.store.history import finish_job, read_job
from tabbench.store.layout import Store
from tabbench.store.leaderboard_rows import read_errors
from tabbench.store.records import json_text, trial_record
from tabbench.store.shards import read_shard, write_shard

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB = job_id_of("ridge", "bundled/alpha", 0)
TABLES = (
    "all_trials",
    "all_fits",
    "trials",
    "fits",
    "jobs",
    "best_trials",
    "leaderboard",
    "tasks",
    "suites",
    "workers",
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = make_store(tmp_path_factory.mktemp("template") / "store", n_folds=2, n_trials=3)
    open_database(store).close()
    return store


@pytest.fixture
def store(template: Store, tmp_path: Path) -> Store:
    """Jobs of three models on three tasks and two folds with their database, ours to spoil."""
    shutil.copytree(template.root, tmp_path / "store")
    return Store(tmp_path / "store")


def ask(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with open_database(store) as con:
        return con.execute(sql).fetchall()


def rounded(row: tuple[Any, ...]) -> str:
    """A sum of floats may differ in its last bit with the order of rows."""
    return repr(tuple(round(v, 9) if isinstance(v, float) else v for v in row))


def content(store: Store) -> dict[str, list[str]]:
    with open_database(store) as con:
        return {t: sorted(map(rounded, con.execute(f"SELECT * FROM {t}").fetchall())) for t in TABLES}


def test_rows_equal_what_was_written(store: Store) -> None:
    with open_database(store) as con:
        cursor = con.execute(f"SELECT * FROM trials WHERE job_id = '{JOB}' AND trial = 2")
        row = dict(zip([d[0] for d in cursor.description], cursor.fetchone() or (), strict=True))
    expected = finished_trial(trial=2).trial
    assert row["valid_log_loss"] == expected.valid.log_loss
    assert row["started_at"] == expected.started_at.replace(tzinfo=None)
    assert row["config"] == expected.config
    assert row["limit_job_seconds"] is None
    assert ask(store, "SELECT count(*) FROM fits") == ask(store, "SELECT count(*) FROM trials") == [(42,)]


def test_predictions_are_there(store: Store) -> None:
    (row,) = ask(store, f"SELECT rows, values FROM predictions WHERE job_id = '{JOB}' AND trial = 0 AND part = 'test'")
    expected = finished_trial().predictions[1]
    assert row[0] == expected.rows.tolist()
    assert row[1] == expected.values.ravel().tolist()


def test_store_without_predictions_has_an_empty_view(tmp_path: Path) -> None:
    assert ask(Store(tmp_path).create(), "SELECT * FROM predictions") == []


def test_second_look_reads_nothing(store: Store) -> None:
    open_database(store).close()
    before = store.database.stat().st_mtime_ns
    open_database(store).close()
    assert store.database.stat().st_mtime_ns == before


def test_views_show_the_last_attempt_and_tables_all(store: Store) -> None:
    write_job(store, trials=[1], attempt=2, status=Status.ERROR)
    assert ask(store, f"SELECT attempt, status FROM trials WHERE job_id = '{JOB}' AND trial = 1") == [(2, "error")]
    assert ask(store, f"SELECT count(*) FROM all_trials WHERE job_id = '{JOB}' AND trial = 1") == [(2,)]
    assert ask(store, f"SELECT attempt FROM fits WHERE job_id = '{JOB}' AND trial = 1") == [(2,)]


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["journal", "finish", "look"]),
        st.integers(0, 3),
        st.integers(1, 2),
        st.sampled_from(["a", "b"]),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTIONS)
def test_building_again_equals_reading_bit_by_bit(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int, int, str]]
) -> None:
    store = Store(tmp_path_factory.mktemp("steps")).create()
    for action, trial, attempt, worker in actions:
        if action == "journal":
            write_job(store, trials=[trial], attempt=attempt, worker_id=worker, is_finished=False)
        elif action == "finish":
            finish_job(store, JOB, worker)
        else:
            open_database(store).close()
    written = {(trial, attempt) for action, trial, attempt, _ in actions if action == "journal"}
    assert set(ask(store, "SELECT trial, attempt FROM all_trials")) == written
    assert set(ask(store, "SELECT trial, attempt FROM all_fits")) == written
    step_by_step = content(store)
    store.database.unlink(missing_ok=True)
    assert content(store) == step_by_step


def test_crash_between_shard_and_removal_shows_no_row_twice(store: Store) -> None:
    class KilledError(BaseException):
        pass

    def die(step: str) -> None:
        if step == "shard":
            raise KilledError

    job = write_job(store, fold=7, trials=range(3), is_finished=False)
    open_database(store).close()
    with pytest.raises(KilledError):
        finish_job(store, job, "w1", reached=die)
    assert ask(store, f"SELECT count(*), count(DISTINCT trial) FROM all_trials WHERE job_id = '{job}'") == [(3, 3)]
    assert ask(store, f"SELECT count(*) FROM all_fits WHERE job_id = '{job}'") == [(3,)]
    finish_job(store, job, "w1")
    assert ask(store, f"SELECT count(*) FROM all_trials WHERE job_id = '{job}'") == [(3,)]


def test_shard_that_vanished_takes_its_rows_with_it(store: Store) -> None:
    open_database(store).close()
    store.shard(JOB, 1).unlink()
    assert ask(store, f"SELECT count(*) FROM all_trials WHERE job_id = '{JOB}'") == [(0,)]


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"x" * 3000])
def test_broken_shard_is_named_and_the_rest_is_read(
    store: Store, damage: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    shard = store.shard(JOB, 1)
    shard.write_bytes(damage)
    assert ask(store, "SELECT count(*) FROM trials") == [(39,)]
    assert shard.name in capfd.readouterr().err
    assert (store.broken / shard.name).exists()
    open_database(store).close()
    assert capfd.readouterr().err == ""


def test_broken_document_is_named_and_the_rest_is_read(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    path = store.document("tasks", "f" * 16)
    path.write_text('{"task": [1')
    assert ask(store, "SELECT count(*) FROM tasks") == [(3,)]
    assert path.name in capfd.readouterr().err


def test_broken_database_is_built_again(store: Store) -> None:
    before = content(store)
    store.database.write_bytes(b"not a database" * 1000)
    assert content(store) == before


def rewrite_version(path: Path, version: int) -> None:
    write_shard(path, read_shard(path), {"tabbench_schema_version": str(version)})


def test_shard_of_a_newer_schema_is_refused_and_untouched(store: Store) -> None:
    rewrite_version(store.shard(JOB, 1), SCHEMA_VERSION + 1)
    before = sorted((p, p.stat().st_mtime_ns) for p in (store.root / "shards").rglob("*"))
    with pytest.raises(StoreError, match=rf"schema version {NEWER}, .* reads up to {SCHEMA_VERSION}.*[Uu]pgrade"):
        open_database(store)
    assert sorted((p, p.stat().st_mtime_ns) for p in (store.root / "shards").rglob("*")) == before
    assert not list(store.broken.iterdir())


def test_journal_of_a_newer_schema_is_refused(store: Store) -> None:
    path = store.journal(JOB, "future")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{{"schema_version":{NEWER}}}\n')
    with pytest.raises(StoreError, match=f"schema version {NEWER}"):
        open_database(store)
    assert path.exists()


def test_database_of_a_newer_schema_is_refused_and_untouched(store: Store) -> None:
    with open_database(store, read_only=False) as con:
        con.execute(f"UPDATE schema_version SET version = {NEWER}")
    before = store.database.read_bytes()
    with pytest.raises(StoreError, match=f"schema version {NEWER}"):
        open_database(store)
    assert store.database.read_bytes() == before


def test_database_of_another_layout_is_built_again(store: Store) -> None:
    before = content(store)
    with open_database(store, read_only=False) as con:
        con.execute("UPDATE schema_version SET layout = 'older'")
        con.execute("DELETE FROM all_trials")
    assert content(store) == before


def test_file_has_the_format_that_a_browser_reads(store: Store) -> None:
    open_database(store).close()
    write_job(store, fold=9)
    open_database(store).close()  # written to once more after it was closed
    with store.database.open("rb") as file:
        header = file.read(20)
    assert header[8:12] == b"DUCK"
    (version,) = struct.unpack("<Q", header[12:20])
    assert 64 <= version <= 67, "DuckDB 1.4.3 in a browser says: between 64 and 67"


@pytest.fixture
def holder(store: Store) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the database open for writing."""
    open_database(store).close()
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(store.database)!r}); print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate()


@pytest.mark.slow
def test_database_held_by_another_process_is_read_through_memory(store: Store, holder: subprocess.Popen[str]) -> None:
    write_job(store, fold=8)
    began = time.monotonic()
    assert ask(store, "SELECT count(*) FROM trials") == [(44,)]
    assert time.monotonic() - began < 5


@pytest.mark.slow
def test_database_held_by_another_process_cannot_be_opened_for_writing(
    store: Store, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(StoreError, match="held by another process"):
        open_database(store, read_only=False)


def test_reader_of_the_same_process_does_not_hinder_an_update(store: Store) -> None:
    with open_database(store) as first:
        write_job(store, fold=8)
        assert ask(store, "SELECT count(*) FROM trials") == [(44,)]
        assert first.execute("SELECT count(*) FROM trials").fetchall() == [(42,)]


@pytest.mark.parametrize("has_database", [True, False])
def test_folder_that_cannot_be_written_is_read(tmp_path: Path, has_database: bool) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    is_mounted = os.geteuid() == 0
    if is_mounted and subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("cannot mount")
    store = make_store(disk / "store", n_folds=1, n_trials=2)
    if has_database:
        open_database(store).close()
    (store.root / "shards" / JOB[:2] / f"{JOB}-9.parquet").write_bytes(b"broken")
    try:
        if is_mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        else:
            for folder in [store.root, *(p for p in store.root.rglob("*") if p.is_dir())]:
                folder.chmod(0o500)
        assert ask(store, "SELECT count(*) FROM trials") == [(15,)]
        assert store.database.exists() is has_database
        with pytest.raises(StoreError, match=r"cannot be written: .* Make the folder writable"):
            Store(disk / "store" / "deeper").create()
    finally:
        if is_mounted:
            subprocess.run(["umount", str(disk)], check=True)
        else:
            for folder in [store.root, *(p for p in store.root.rglob("*") if p.is_dir())]:
                folder.chmod(0o700)


def test_folder_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store at .*tabbench run"):
        open_database(Store(tmp_path))


def test_duckdb_file_of_a_moved_store_still_answers(store: Store, tmp_path: Path) -> None:
    open_database(store).close()
    shutil.move(store.root, tmp_path / "elsewhere")
    moved = Store(tmp_path / "elsewhere")
    assert ask(moved, "SELECT count(*) > 0 FROM predictions") == [(True,)]


NEWER = SCHEMA_VERSION + 1
FROZEN = Path(__file__).parents[2] / "data" / "shard-v1.parquet"


def test_frozen_shard_of_version_1_is_read(tmp_path: Path) -> None:
    table = read_shard(FROZEN)
    assert table.num_rows == 3
    assert set(table["valid_rule"].to_pylist()) == {"holdout"}
    for trial in table.to_pylist():
        (fit,) = trial["fits"]
        assert (fit["stop_rows_hash"], fit["n_stop"]) == (fit["valid_rows_hash"], fit["n_valid"])
        assert fit["test_error"] == trial["test_error"]
    store = Store(tmp_path).create()
    target = store.shard("frozen", 1).with_name("frozen-1.parquet")
    target.parent.mkdir(parents=True)
    shutil.copy(FROZEN, target)
    assert ask(store, "SELECT trial, model, round(valid_error, 6) FROM trials ORDER BY trial") == [
        (t, "ridge", round(e, 6))
        for t, e in zip(table["trial"].to_pylist(), table["valid_error"].to_pylist(), strict=True)
    ]


def test_journal_of_version_1_is_read(tmp_path: Path) -> None:
    """A job that an earlier tabbench left unfinished: its lines lack the columns that came later."""
    store = Store(tmp_path).create()
    done = finished_trial("ridge", "t1", 0, 0)
    entry = trial_record(done) | {"predictions_end": 0}
    for name in ("valid_rule", "n_inner_folds", "has_refit", "pruner"):
        del entry["trial"][name]
    for name in ("n_stop", "stop_rows_hash", "test_error"):
        del entry["fits"][0][name]
    path = store.journal(done.trial.job_id, "old")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"schema_version":1}\n' + json_text(entry) + "\n")
    (read,) = read_job(store, done.trial.job_id)
    assert (read.trial.valid_rule, read.trial.n_inner_folds) == ("holdout", 1)
    assert read.fits[0].stop_rows_hash == done.fits[0].valid_rows_hash
    assert read.fits[0].test_error == done.trial.test_error
    finish_job(store, done.trial.job_id, "new")
    assert ask(store, "SELECT valid_rule, trial FROM trials") == [("holdout", 0)]


def test_oracle_of_best_trials_is_plain_python(store: Store) -> None:
    with open_database(store) as con:
        rows = con.execute("SELECT job_id, trial, status, valid_error FROM trials").fetchall()
        chosen = dict(con.execute("SELECT job_id, trial FROM best_trials WHERE regime = 'tuned'").fetchall())
        default = {r[0] for r in con.execute("SELECT job_id FROM best_trials WHERE regime = 'default'").fetchall()}
    expected: dict[str, tuple[float, int]] = {}
    for job, trial, status, error in rows:
        if status == "ok":
            expected[job] = min(expected.get(job, (error, trial)), (error, trial))
    assert chosen == {job: trial for job, (_, trial) in expected.items()}
    assert default == {job for job, trial, status, _ in rows if trial == 0 and status == "ok"}


def test_one_trial_does_not_count_as_tuned(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", n_trials=1, n_folds=1)
    assert ask(store, "SELECT DISTINCT model FROM best_trials WHERE regime = 'tuned'") == [("constant",)]


def test_default_that_failed_gives_no_row(tmp_path: Path) -> None:
    store = Store(tmp_path).create()
    write_job(store, trials=[0], status=Status.ERROR)
    write_job(store, trials=[1, 2], status=Status.OK)
    assert ask(store, "SELECT DISTINCT regime FROM best_trials") == [("tuned",)]


def test_one_finished_trial_among_failures_is_not_tuned_as_it_is_not_for_a_ranking(tmp_path: Path) -> None:
    store = Store(tmp_path).create()
    write_documents(store, ["ridge", "constant"], ["bundled/alpha"], 1)
    for model in ("ridge", "constant"):
        write_job(store, model, trials=[0], status=Status.OK)
        write_job(store, model, trials=[1, 2], status=Status.ERROR)
    tuned = "WHERE regime = 'tuned'"
    assert ask(store, f"SELECT model, trial, n_ok FROM best_trials {tuned}") == [("constant", 0, 1)]
    assert ask(store, f"SELECT model FROM leaderboard {tuned}") == [("constant",)]
    with open_database(store) as con:
        ranked = read_errors(con).errors.query("regime == 'tuned' and error.notna()")
    assert set(ranked["model"]) == {"constant"}


def test_leaderboard_ranks_over_shared_tasks_only_and_ties_share_the_middle(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", models=("a", "b", "c"), tasks=("t1", "t2"), n_folds=1, n_trials=1, seed=5)
    for model, skill in (("a", 1), ("b", 1), ("c", 5)):
        write_job(store, model, "t3", 0, [0], skill=skill, status=Status.ERROR if model == "b" else Status.OK)
    with open_database(store) as con:
        rows = con.execute("SELECT model, n_tasks, n_shared_tasks, mean_rank FROM leaderboard").fetchall()
        errors = {(m, t): e for m, t, e in con.execute("SELECT model, task, test_error FROM trials").fetchall()}
    by_model = {row[0]: row[1:] for row in rows}
    assert {m: v[:2] for m, v in by_model.items()} == {"a": (3, 2), "b": (2, 2), "c": (3, 2)}
    for model in "abc":
        ranks = [1 + sum(errors[o, t] < errors[model, t] for o in "abc") for t in ("t1", "t2")]
        assert by_model[model][2] == pytest.approx(sum(ranks) / 2)

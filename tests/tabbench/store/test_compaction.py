"""Packing loses nothing, doubles nothing, and may be stopped at any moment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import synthetic_store
from stored_rows import all_trials, stable_rows
from synthetic_store import job_id_of, make_store, write_job

from tabbench.errors import StoreError
from tabbench.store.compaction import compact
from tabbench.store.database import open_database
from tabbench.store.history import read_job
from tabbench.store.layout import Store, is_pack
from tabbench.store.packs import NOTE

if TYPE_CHECKING:
    from collections.abc import Sequence

JOB = job_id_of("ridge", "bundled/alpha", 0)
COUNTS = (
    "SELECT (SELECT count(*) FROM all_trials), (SELECT count(*) FROM all_fits), (SELECT count(*) FROM predictions),"
    " (SELECT count(*) FROM superseded), (SELECT count(*) FROM workers), (SELECT count(*) FROM calibrations)"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Several shards in one folder: a job that was extended and retried, and more jobs than folders can part."""
    store = make_store(tmp_path / "store", n_folds=2, n_trials=2)
    write_job(store, trials=[2, 3])
    write_job(store, trials=[3], attempt=2)
    return store


def counts(store: Store) -> Sequence[int]:
    with open_database(store) as connection:
        return connection.execute(COUNTS).fetchall()[0]


def files(store: Store) -> list[Path]:
    return [p for p in (store.root / "shards").glob("*/*") if not p.name.startswith(".")]


@pytest.mark.slow
@pytest.mark.parametrize("has_database", [True, False])
def test_rows_predictions_and_attempts_are_as_before(store: Store, has_database: bool) -> None:
    rows, before = stable_rows(store.root), counts(store)
    if not has_database:
        store.database.unlink()
    n_files = len(files(store))
    done = compact(store)
    assert done.n_shards_before == n_files
    assert done.n_shards == len(files(store)) < n_files
    assert any(map(is_pack, files(store)))
    assert stable_rows(store.root) == rows
    assert counts(store) == before


def test_second_call_does_nothing(store: Store) -> None:
    compact(store)
    stamps = {p: p.stat().st_mtime_ns for p in files(store)}
    compact(store)
    assert {p: p.stat().st_mtime_ns for p in files(store)} == stamps


@pytest.mark.slow
def test_job_goes_on_after_packing(store: Store) -> None:
    compact(store)
    write_job(store, trials=[2, 4])  # 2 is held: its row is not written again
    assert [done.trial.trial for done in read_job(store, JOB)] == [0, 1, 2, 3, 4]
    assert read_job(store, JOB)[3].trial.attempt == 2
    before = counts(store)
    compact(store)
    assert [done.trial.trial for done in read_job(store, JOB)] == [0, 1, 2, 3, 4]
    assert all(done.predictions for done in read_job(store, JOB, with_predictions=True) if done.trial.has_predictions)
    assert counts(store) == before


def test_journals_of_dead_workers_become_shards(store: Store) -> None:
    write_job(store, "trees", "bundled/new", trials=[0, 1], is_finished=False, worker_id="dead")
    rows = stable_rows(store.root)
    compact(store)
    assert not list(store.all_journals())
    assert stable_rows(store.root) == rows


class KilledError(BaseException):
    """Stands for kill -9."""


STEPS = ("written", "noted", "named predictions", "named shards", "removed shards", "removed predictions")


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_crash_after_any_step_loses_and_doubles_nothing(store: Store, step: str) -> None:
    rows, before = stable_rows(store.root), counts(store)

    def die(reached: str) -> None:
        if reached == step:
            raise KilledError

    with pytest.raises(KilledError):
        compact(store, reached=die)
    assert counts(store) == before
    assert stable_rows(store.root) == rows
    store.database.unlink()
    assert counts(store) == before
    write_job(store, trials=[4])  # the next shard of that folder, or the next call, finishes it
    compact(store)
    assert not list((store.root / "shards").glob(f"*/{NOTE}"))
    assert not list(store.root.rglob(".pack.*"))
    assert stable_rows(store.root)[: len(rows)] != []
    assert len(stable_rows(store.root)) == len(rows) + 1


WRITER = """
import os, sys
from pathlib import Path
from synthetic_store import write_job
from tabbench.store.layout import Store

for fold in range(int(sys.argv[2]), int(sys.argv[2]) + 25):
    write_job(Store(Path(sys.argv[1])), "busy", "bundled/alpha", fold, range(3), worker_id=f"w{os.getpid()}")
"""


@pytest.mark.slow
def test_packing_while_workers_write_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store").create()
    environment = {**os.environ, "PYTHONPATH": str(Path(synthetic_store.__file__).parent)}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.root), str(25 * n)], env=environment)
        for n in range(4)
    ]
    while any(writer.poll() is None for writer in writers):
        compact(store)
        open_database(store).close()
    assert [writer.returncode for writer in writers] == [0] * 4
    compact(store)
    keys = [(done.trial.job_id, done.trial.trial) for done in all_trials(store.root)]
    assert len(keys) == len(set(keys)) == 300
    with open_database(store) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT job_id) FROM trials").fetchall() == [(300, 100)]


def test_a_store_that_cannot_be_locked_is_refused_and_stays(store: Store) -> None:
    before = counts(store)
    store.folder_lock(JOB).unlink(missing_ok=True)
    store.folder_lock(JOB).mkdir()  # nobody may write there, root neither
    with pytest.raises(StoreError, match=r"Cannot write .*\.lock: Is a directory\. Lost: nothing\."):
        compact(store)
    store.folder_lock(JOB).rmdir()
    assert counts(store) == before

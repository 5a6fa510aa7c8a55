"""Journals, shards, and what becomes of them when a process dies between two steps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic_store import finished_trial, job_id_of, write_job

from tabbench.errors import StoreError
from tabbench.results import Status
from tabbench.store.history import finish_job, read_job
from tabbench.store.journal import Journal
from tabbench.store.layout import Store, predictions_beside

JOB = job_id_of("ridge", "bundled/alpha", 0)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store").create()


def assert_holds(store: Store, trials: range) -> None:
    """Every row and every prediction equals what was written."""
    found = read_job(store, JOB, with_predictions=True)
    assert [f.trial.trial for f in found] == list(trials)
    for one in found:
        expected = finished_trial(trial=one.trial.trial, worker_id=one.trial.worker_id)
        assert one.trial == expected.trial
        assert one.fits == expected.fits
        assert [p.part for p in one.predictions] == [p.part for p in expected.predictions]
        for a, b in zip(one.predictions, expected.predictions, strict=True):
            np.testing.assert_array_equal(a.rows, b.rows)
            np.testing.assert_array_equal(a.values, b.values)
            assert a.values.dtype == np.float32


def test_journal_gives_back_what_was_appended(store: Store) -> None:
    write_job(store, trials=range(3), is_finished=False)
    assert_holds(store, range(3))


def test_shard_gives_back_what_was_appended(store: Store) -> None:
    write_job(store, trials=range(3))
    assert not list(store.all_journals())
    assert_holds(store, range(3))


def test_job_that_was_extended_has_a_second_shard(store: Store) -> None:
    write_job(store, trials=range(2))
    write_job(store, trials=range(2, 5))
    assert len(store.shards_of(JOB)) == 2
    assert_holds(store, range(5))


def test_torn_last_line_is_ignored(store: Store) -> None:
    write_job(store, trials=range(3), is_finished=False)
    journal = store.journal(JOB, "w1")
    whole = journal.read_bytes()
    second_last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in (second_last, second_last + 1, len(whole) - 1):
        journal.write_bytes(whole[:cut])
        assert_holds(store, range(2))


def test_own_torn_line_is_cut_before_going_on(store: Store) -> None:
    write_job(store, trials=range(2), is_finished=False)
    with store.journal(JOB, "w1").open("ab") as file:
        file.write(b'{"trial": {"job')
    with predictions_beside(store.journal(JOB, "w1")).open("ab") as file:
        file.write(b"half a stream")
    write_job(store, trials=range(2, 4))
    assert_holds(store, range(4))


def test_last_attempt_is_what_counts(store: Store) -> None:
    write_job(store, trials=[0, 1], status=Status.ERROR)
    write_job(store, trials=[1], attempt=2, status=Status.OK, is_finished=False)
    found = read_job(store, JOB)
    assert [(f.trial.trial, f.trial.attempt, f.trial.status) for f in found] == [(0, 1, "error"), (1, 2, "ok")]


def test_two_writers_of_one_job_give_one_set_of_rows(store: Store) -> None:
    first, second = Journal.open(store, JOB, "w1"), Journal.open(store, JOB, "w2")
    for trial in range(3):
        first.append(finished_trial(trial=trial))
        second.append(finished_trial(trial=trial, worker_id="w2"))
    first.close()
    assert finish_job(store, JOB, "w1") == 3
    assert store.journal(JOB, "w2").exists(), "the journal of a living writer stays"
    second.append(finished_trial(trial=3, worker_id="w2"))
    second.close()
    assert finish_job(store, JOB, "w2") == 1
    assert not list(store.all_journals())
    assert_holds(store, range(4))


def test_second_process_with_the_same_worker_id_is_refused(store: Store) -> None:
    with Journal.open(store, JOB, "w1"), pytest.raises(StoreError, match="written by another process"):
        Journal.open(store, JOB, "w1")


def test_journal_of_a_killed_writer_is_finished_by_the_next(store: Store) -> None:
    code = (
        "import sys, os, signal\n"
        "from pathlib import Path\n"
        "from tabbench.store.journal import Journal\n"
        "from tabbench.store.layout import Store\n"
        f"journal = Journal.open(Store(Path({str(store.root)!r})), {JOB!r}, 'dead')\n"
        "os.write(journal._lines, b'{\"trial\": ')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    write_job(store, trials=range(2))
    assert not list(store.all_journals())
    assert_holds(store, range(2))


class KilledError(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


STEPS = ("predictions", "shard", f"removed {JOB}.w1.arrows", f"removed {JOB}.w1.jsonl", f"removed {JOB}.w2.arrows")


@pytest.mark.parametrize("step", STEPS)
def test_crash_after_any_step_loses_nothing_and_the_next_call_goes_on(store: Store, step: str) -> None:
    write_job(store, trials=range(2), is_finished=False)
    write_job(store, trials=range(1, 4), worker_id="w2", is_finished=False)

    def die(reached: str) -> None:
        if reached == step:
            raise KilledError

    with pytest.raises(KilledError):
        finish_job(store, JOB, "w1", reached=die)
    assert_holds(store, range(4))
    finish_job(store, JOB, "w1")
    assert not [p for p in (store.root / "journals").rglob("*") if p.is_file() and p.suffix != ".lock"]
    assert len(store.shards_of(JOB)) == 1
    assert_holds(store, range(4))


def test_shard_that_cannot_be_read_is_named_and_set_aside(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    write_job(store, trials=range(2))
    write_job(store, trials=range(2, 4))
    shard = store.shard(JOB, 1)
    shard.write_bytes(shard.read_bytes()[:100])
    assert [f.trial.trial for f in read_job(store, JOB)] == [2, 3]
    assert shard.name in capfd.readouterr().err
    assert (store.broken / shard.name).exists()
    assert not shard.exists()


def test_journal_that_cannot_be_read_is_named_and_set_aside(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    write_job(store, trials=range(2))
    write_job(store, trials=range(2, 4), is_finished=False)
    journal = store.journal(JOB, "w1")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\x00\x01 not JSON\n" + lines[2])
    finish_job(store, JOB, "w3")
    assert [f.trial.trial for f in read_job(store, JOB)] == [0, 1]
    assert journal.name in capfd.readouterr().err
    assert (store.broken / journal.name).exists()


def test_full_disk_costs_the_current_trial_and_nothing_else(store: Store) -> None:
    code = (
        "import resource, runpy, sys\n"
        "from pathlib import Path\n"
        "finished_trial = runpy.run_path(sys.argv[1])['finished_trial']\n"
        "from tabbench.errors import StoreError\n"
        "from tabbench.store.journal import Journal\n"
        "from tabbench.store.layout import Store\n"
        f"journal = Journal.open(Store(Path({str(store.root)!r})), {JOB!r}, 'w1')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (11000, 11000))\n"
        "try:\n"
        "    for trial in range(100): journal.append(finished_trial(trial=trial))\n"
        "except StoreError as error: print(trial, error)\n"
    )
    builder = Path(__file__).parents[2] / "synthetic_store.py"
    command = [sys.executable, "-c", code, str(builder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=store.root)
    reached = int(done.stdout.split()[0])
    assert reached > 0
    assert f"trial {reached} of job {JOB}" in done.stdout
    assert "all earlier trials are safe" in done.stdout
    assert store.journal(JOB, "w1").read_bytes().endswith(b"\n"), "the torn tail is cut"
    assert_holds(store, range(reached))


def append_for_ever(journal: Journal, safe: list[int]) -> None:
    for trial in range(1000):
        journal.append(finished_trial(trial=trial))
        safe.append(trial)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_disk_that_is_really_full_says_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"cannot mount: {mounted.stderr.decode()}")
    try:
        store = Store(disk / "store").create()
        with Journal.open(store, JOB, "w1") as journal:
            safe: list[int] = []
            with pytest.raises(StoreError, match=r"the disk is full\. Lost: trial \d+ .* are safe\. Free some space"):
                append_for_ever(journal, safe)
        assert safe
        assert_holds(store, range(len(safe)))
    finally:
        subprocess.run(["umount", str(disk)], check=True)

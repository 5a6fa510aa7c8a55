"""A disk that is full or read-only ends a run with a plain word, and what was finished is kept."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager

import pytest
from stored_rows import TABBENCH, all_trials, stable_rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk: needs root"),
]


@contextmanager
def disk(folder, size):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def run(store):
    settings = ["tasks=[bundled/digits]", "models=[linear,decision_tree]", "protocol.n_trials=8", f"store={store}"]
    return subprocess.run([*TABBENCH, "run", *settings], capture_output=True, text=True, timeout=200, check=False)


def test_full_disk_loses_only_the_trial_at_hand(tmp_path):
    with disk(tmp_path / "small", "1100k") as small:
        first = run(small / "store")
        assert first.returncode in (1, 2)
        assert "disk is full" in first.stderr
        assert "Traceback" not in first.stderr
        n_kept = len(all_trials(small / "store"))
        assert n_kept > 0
        subprocess.run(["mount", "-o", "remount,size=50m", small], check=True)
        second = run(small / "store")
        assert second.returncode == 0, second.stderr
        rows = stable_rows(small / "store")
    assert run(tmp_path / "undisturbed").returncode == 0
    assert rows == stable_rows(tmp_path / "undisturbed")


def test_read_only_folder_is_refused_and_can_still_be_read(tmp_path):
    with disk(tmp_path / "small", "50m") as small:
        assert run(small / "store").returncode == 0
        subprocess.run(["mount", "-o", "remount,ro", small], check=True)
        refused = run(small / "store")
        assert refused.returncode == 2
        assert "cannot be written" in refused.stderr
        assert "Traceback" not in refused.stderr
        query = [*TABBENCH, "sql", "select count(*) as n from trials", "--csv", "--store", str(small / "store")]
        assert subprocess.run(query, capture_output=True, text=True, check=True).stdout.split() == ["n", "48"]

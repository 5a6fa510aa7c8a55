"""From an OpenML server that fails now and then to a run without a network, as a user would go."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openml_server import OpenmlServer, openml_server, served_frame

from tabbench.data.catalog import load_task
from tabbench.data.fetch import FetchOutcome, fetch_tasks
from tabbench.data.openml_client import SERVER
from tabbench.data.splits import make_split

TABBENCH = [sys.executable, "-m", "tabbench.cli.main"]
N_ROWS = 90
ARFF = "/data/v1/download/31/"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A suite of two tasks on a dataset each, and a cache and a store in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    with openml_server() as running:
        monkeypatch.setenv(SERVER, running.api)
        rng = np.random.default_rng(0)
        for number in (31, 32):
            level = pd.Categorical(rng.choice(["gut", "böse"], N_ROWS))
            frame = pd.DataFrame({"größe": rng.normal(size=N_ROWS), "stufe": pd.Categorical([*"123"] * 30), "y": level})
            running.add(served_frame(number, f"t{number}", frame, "y"))
            folds = [("TEST" if row % 3 == f else "TRAIN", row, 0, f) for f in range(3) for row in range(N_ROWS)]
            running.add_task(number - 24, number, "y", folds)
            running.files[f"/api/v1/xml/task/{number - 24}"] = running.files[f"/api/v1/xml/task/{number - 24}"].replace(
                b'"number_folds">2', b'"number_folds">3'
            )
        running.add_study(99, "suite", [7, 8])
        yield running


def tabbench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TABBENCH, *arguments], capture_output=True, text=True, check=False, timeout=120)


def entries(folder: Path) -> list[str]:
    """What the cache holds, temporary folders included."""
    return [file.name for file in (folder / "cache" / "entries").iterdir()]


def test_a_fetch_waits_as_long_as_the_server_asks_and_has_openmls_splits(server: OpenmlServer):
    server.fail("/data/features/31", status=429, headers={"Retry-After": "17"}, times=1)
    server.fail(ARFF, status=503, times=1)
    waits: list[float] = []
    [done] = fetch_tasks(["openml/7"], pause=waits.append)
    assert (done.outcome, done.reason) == (FetchOutcome.FETCHED, "")
    assert waits[0] == 17
    assert 0 < waits[1] < 17
    server.fail("/", status=500)
    data = load_task("openml/7")
    assert [make_split(data, 0, fold).test.tolist() for fold in range(3)] == [[*range(f, N_ROWS, 3)] for f in range(3)]
    assert data.X["stufe"].cat.categories.tolist() == ["1", "2", "3"]


@pytest.mark.slow
def test_a_suite_is_fetched_through_faults_and_run_when_the_server_is_gone(server: OpenmlServer, tmp_path: Path):
    server.fail("/study/", status=503, headers={"Retry-After": "1"}, times=1)
    server.fail("/data/features/31", status=429, headers={"Retry-After": "1"}, times=1)
    server.fail(ARFF, is_cut=True, times=2)  # the package itself tries twice
    server.fail("/api_splits/get/8", body=b"<html>sorry</html>", times=1)
    done = tabbench("data", "fetch", "suite=openml/s/99")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 tasks can be run without a network: 2 fetched now" in done.stdout
    assert len(entries(tmp_path)) == 2
    server.fail("/", status=500)
    n_asked = len(server.asked)
    assert "2 held" in tabbench("data", "fetch", "suite=openml/s/99").stdout
    shown = tabbench("data", "show", "openml/7")
    assert shown.returncode == 0, shown.stderr
    assert "größe" in shown.stdout
    ran = tabbench("run", "suite=openml/s/99", "models=[constant]", "protocol.n_trials=1", "store=results")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(server.asked) == n_asked, "a run asked the network"
    rows = tabbench("sql", "select task, fold, status from trials order by 1, 2", "--csv", "--store", "results").stdout
    assert rows.split()[1:] == [f"openml/{task},{fold},ok" for task in (7, 8) for fold in range(3)]


@pytest.mark.slow
def test_a_task_that_fails_for_good_is_named_and_the_other_is_kept(server: OpenmlServer, tmp_path: Path):
    server.fail(ARFF, body=server.files["/data/v1/download/31/31.arff"][:-30])
    done = tabbench("data", "fetch", "suite=openml/s/99")
    assert done.returncode == 1
    assert "openml/7: the file that" in done.stdout
    assert "has not the checksum" in done.stdout
    assert "1 failed" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert len(entries(tmp_path)) == 1
    server.faults.clear()
    assert tabbench("data", "fetch", "openml/7").returncode == 0
    assert len(entries(tmp_path)) == 2


@pytest.mark.slow
def test_a_fetch_that_is_killed_leaves_no_entry_and_the_next_one_succeeds(server: OpenmlServer, tmp_path: Path):
    server.fail(ARFF, stalls=True)
    fetching = subprocess.Popen([*TABBENCH, "data", "fetch", "openml/7"], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(ARFF in path for path in server.asked) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(fetching.pid, signal.SIGKILL)
    fetching.wait()
    assert [name for name in entries(tmp_path) if not name.endswith(".tmp")] == []
    missing = tabbench("data", "fetch", "openml/7", "--offline")
    assert missing.returncode == 1
    assert "openml/7 is not in the cache" in missing.stdout
    server.faults.clear()
    assert tabbench("data", "fetch", "openml/7").returncode == 0
    assert tabbench("data", "fetch", "openml/7", "--offline").returncode == 0

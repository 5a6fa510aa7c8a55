"""Entries of the cache: what comes back is what went in, whole or not at all, and damage is noticed."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tabbench.data.cache.entry import MANIFEST, SPLITS, TABLE, TASK
from tabbench.data.cache.folder import cache_folder
from tabbench.data.cache.index import find_name
from tabbench.data.cache.reading import load_entry, open_entry, verify_entry
from tabbench.data.cache.splits import read_splits, splits_digest
from tabbench.data.cache.writing import put_task
from tabbench.data.catalog import load_task
from tabbench.data.frames import add_frame
from tabbench.data.inference import infer_task
from tabbench.data.source import OpenedTask
from tabbench.data.splits import make_split
from tabbench.data.tables import content_hash, typed_frame
from tabbench.errors import DamagedEntryError, DataError
from tabbench.task import Role


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the test's own."""
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def table(n_rows=60):
    rng = np.random.default_rng(n_rows)
    dates = pd.Series(pd.date_range("2020-01-01", periods=n_rows).as_unit("us"))
    return pd.DataFrame(
        {
            "größe 🦊": np.where(rng.random(n_rows) < 0.2, np.nan, rng.normal(size=n_rows)),
            "level": rng.choice(["10", "9", "2"], n_rows),
            "few": pd.Series(rng.choice(["ja", "nein"], n_rows)).mask(rng.random(n_rows) < 0.3),
            "never": np.nan,
            "no text": pd.Series([None] * n_rows, dtype=object),
            "day": dates.mask(rng.random(n_rows) < 0.1),
            "group": rng.integers(0, 9, n_rows),
            "y": rng.choice(["a", "b"], n_rows),
        }
    )


def opened(frame=None, name="frame/mine", **roles):
    frame = table() if frame is None else frame
    return OpenedTask(infer_task(frame, name, "y", content_hash(frame), roles), frame)


def test_a_task_comes_back_as_it_went_in():
    given = opened(group=Role.GROUP)
    entry = put_task(given)
    data = load_entry(verify_entry(entry.folder, "mine"))
    typed = typed_frame(given.frame, given.task.dataset.columns)
    assert data.task == given.task == entry.task
    assert data.task.task_hash == given.task.task_hash
    assert data.task.splits_hash == given.task.splits_hash
    pd.testing.assert_frame_equal(data.X, typed[[c.name for c in given.task.features]])
    assert content_hash(pd.read_parquet(entry.folder / TABLE)) == content_hash(typed) == entry.manifest.table_hash
    assert data.group.tolist() == given.frame["group"].tolist()
    assert data.splits is None


def test_the_stored_splits_are_those_of_the_rule():
    entry = put_task(opened(group=Role.GROUP))
    data = load_entry(entry)
    stored = pd.read_parquet(entry.folder / SPLITS)
    assert list(stored.columns) == ["repeat", "fold", "part", "row"]
    for repeat, fold in data.task.splits:
        split = make_split(data, repeat, fold)
        of_split = stored[(stored.repeat == repeat) & (stored.fold == fold)]
        assert of_split.row[of_split.part == "test"].tolist() == split.test.tolist()
        assert of_split.row[of_split.part == "train"].tolist() == split.train.tolist()
    assert splits_digest(read_splits(entry.folder / SPLITS, data.task)) == entry.manifest.splits_hash


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.floats(allow_infinity=False), st.one_of(st.none(), st.text(max_size=3)), st.datetimes()),
        min_size=12,
        max_size=30,
    )
)
def test_any_values_come_back(rows):
    frame = pd.DataFrame(rows, columns=["x", "text", "day"]).astype({"day": "datetime64[us]"})
    frame["text"] = frame["text"].astype(object)
    frame["y"] = np.arange(len(frame)) % 3 / 2
    try:
        given = opened(frame)
    except UnicodeEncodeError:  # half a surrogate pair is no text
        return
    data = load_entry(put_task(given))
    pd.testing.assert_frame_equal(data.X, typed_frame(frame)[["x", "text", "day"]])


def test_the_key_is_the_content():
    entry = put_task(opened())
    assert put_task(opened()).folder == entry.folder
    other = table()
    other.loc[0, "level"] = "2" if other.loc[0, "level"] != "2" else "9"
    assert put_task(opened(other)).folder != entry.folder
    assert put_task(opened(name="frame/other")).folder != entry.folder
    assert len(list(entry.folder.parent.iterdir())) == 3


@pytest.mark.parametrize("file", [TABLE, SPLITS, TASK, MANIFEST])
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "remove"])
def test_damage_is_noticed_and_mended(file, damage):
    task = add_frame(table(), "y", "mine")
    path = cache_folder() / "entries" / find_name("frame/mine").key / file
    data = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        data[len(data) // 2] ^= 0xFF
        path.write_bytes({"flip": data, "cut": data[: len(data) // 2], "empty": b""}[damage])
    with pytest.raises(DamagedEntryError, match=r"damaged: .*data fetch 'tasks=\[.frame/mine.\]'"):
        verify_entry(path.parent, "frame/mine")
    if file != SPLITS or damage != "flip":  # made by a rule, they are not read on loading
        with pytest.raises(DamagedEntryError):
            load_task("frame/mine")
    assert add_frame(table(), "y", "mine") == task
    verify_entry(path.parent, "frame/mine")


def test_a_manifest_of_a_later_release_is_no_damage():
    entry = put_task(opened())
    manifest = json.loads((entry.folder / MANIFEST).read_text())
    (entry.folder / MANIFEST).write_text(json.dumps({**manifest, "format": 9}))
    with pytest.raises(DataError, match="format 9, this release reads 1") as refusal:
        open_entry(entry.folder, "mine")
    assert not isinstance(refusal.value, DamagedEntryError)


def test_a_fetch_that_is_killed_leaves_no_entry(cache):
    code = (
        "import os, signal, sys\n"
        "from tabbench.data.cache import writing\n"
        "writing.sync = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "import pandas as pd\n"
        "from tabbench.data.frames import add_frame\n"
        "add_frame(pd.DataFrame({'x': range(20), 'y': [0.5 * i for i in range(20)]}), 'y', 'mine')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL
    left = list((cache / "entries").iterdir())
    assert [path.name.startswith(".") for path in left] == [True]
    assert find_name("frame/mine") is None
    os.utime(left[0], (time.time() - 2 * 24 * 3600,) * 2)
    add_frame(table(), "y", "other")
    assert not left[0].exists()


RACER = """
import pandas as pd
from tabbench.data.frames import add_frame
for turn in range(3):
    add_frame(pd.DataFrame({"x": range(20), "y": [0.5 * (i + turn % 2) for i in range(20)]}), "y", "mine")
"""


@pytest.mark.slow
def test_processes_that_fetch_at_once_leave_whole_entries(cache):
    racers = [subprocess.Popen([sys.executable, "-c", RACER]) for _ in range(2)]
    assert [racer.wait(60) for racer in racers] == [0, 0]
    entries = list((cache / "entries").iterdir())
    assert len(entries) == 2
    for folder in entries:
        verify_entry(folder, "mine")
    assert find_name("frame/mine").key in {folder.name for folder in entries}


def test_a_cache_that_cannot_be_written_says_so(cache):
    cache.write_text("a file, no folder")
    with pytest.raises(DataError, match=r"cannot be written: .* export TABBENCH_CACHE=DIR"):
        add_frame(table(), "y", "mine")


def test_the_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("TABBENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "tabbench"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "tabbench"

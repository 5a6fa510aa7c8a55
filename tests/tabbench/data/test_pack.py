"""Packs: the same bytes for the same tasks, every hash checked on arrival, and nothing hostile taken."""

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest

from tabbench.data.cache.documents import to_json
from tabbench.data.cache.entry import MANIFEST, SPLITS, TABLE, TASK, Manifest, entry_key, facts_of_file
from tabbench.data.cache.index import note_name
from tabbench.data.cache.reading import open_entry
from tabbench.data.cache.splits import read_splits, write_splits
from tabbench.data.cached import cached_tasks
from tabbench.data.catalog import load_suite, load_task
from tabbench.data.frames import add_frame
from tabbench.data.pack import pack_tasks, unpack_tasks
from tabbench.errors import DataError
from tabbench.task import Split, Suite

R = np.arange(30)


@pytest.fixture
def use_cache(tmp_path, monkeypatch):
    """`use_cache("b")` goes to another machine: another cache."""
    monkeypatch.chdir(tmp_path)

    def use(name):
        monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / name))

    use("a")
    return use


@pytest.fixture
def pack(use_cache, tmp_path):
    """A pack of a frame and a frame with splits of its own, made on machine a; we are on machine b."""
    frame = pd.DataFrame({"x": R / 7, "c": ["p", "q", "r"] * 10, "y": ["a", "b"] * 15})
    add_frame(frame, "y", "one")
    add_frame(frame, "y", "two", splits=[Split(0, 0, R[:20], R[20:], R[15:20])])
    suite = Suite("mine", 1, "Mine", ("frame/one", "frame/two"))
    assert pack_tasks(["frame/two", "bundled/iris", "frame/one"], tmp_path / "p.zip", suite) == [*suite.tasks]
    use_cache("b")
    return tmp_path / "p.zip"


def unpack(path):
    return {one.name: one.reason for one in unpack_tasks(path)}


def test_a_pack_arrives_whole(pack, use_cache):
    assert unpack(pack) == {"frame/one": "", "frame/two": ""} == unpack(pack)
    there = {name: load_task(name) for name in ("frame/one", "frame/two")}
    use_cache("a")
    for name, data in there.items():
        here = load_task(name)
        assert data.task == here.task
        pd.testing.assert_frame_equal(data.X, here.X)
        assert data.y.tolist() == here.y.tolist()
    assert there["frame/two"].splits[0].valid.tolist() == [*range(15, 20)]


def test_the_suite_comes_with_it(pack):
    list(unpack_tasks(pack))
    assert load_suite("mine").tasks == ("frame/one", "frame/two")


def test_the_same_tasks_give_the_same_bytes(pack, use_cache, tmp_path):
    use_cache("a")
    names = ["frame/one", "frame/two"]
    pack_tasks(names, tmp_path / "q.zip", Suite("mine", 1, "Mine", tuple(names)))
    assert (tmp_path / "q.zip").read_bytes() == pack.read_bytes()


def test_what_is_not_there_is_not_packed(use_cache, tmp_path):
    told = r"2 tasks cannot be:\nopenml/31 is not in .*\nfile:no.csv::y: There is no file"
    with pytest.raises(DataError, match=told):
        pack_tasks(["openml/31", "file:no.csv::y", "bundled/iris"], tmp_path / "p.zip")
    with pytest.raises(DataError, match="nothing to pack"):
        pack_tasks(["bundled/iris"], tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_a_pack_that_cannot_be_written_leaves_nothing(pack, use_cache, tmp_path):
    use_cache("a")
    with pytest.raises(DataError, match="cannot be written"):
        pack_tasks(["frame/one"], tmp_path / "none" / "p.zip")
    assert not (tmp_path / "none").exists()


def test_a_flipped_byte_is_found_wherever_it_is(pack):
    whole = pack.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), 20, replace=False):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        pack.write_bytes(damaged)
        try:
            refused = [name for name, reason in unpack(pack).items() if reason]
        except DataError:
            refused = ["all"]
        tasks = {task.name: task.task_hash for task in cached_tasks()}
        assert refused or tasks  # a bit of a date in the archive may flip unseen
        for name in tasks:
            load_task(name)
    pack.write_bytes(whole)
    assert set(unpack(pack).values()) == {""}


@pytest.mark.parametrize("length", [0, 10, 200, 3000, -1, -30])
def test_a_pack_that_was_cut_is_refused(pack, length):
    pack.write_bytes(pack.read_bytes()[:length])
    with pytest.raises(DataError, match=r"p\.zip"):
        unpack(pack)
    assert not cached_tasks()


def rewritten(pack, change, kind=zipfile.ZIP_STORED):
    """The pack with its members changed: `change(name, data)` gives the new list of (name or info, data)."""
    with zipfile.ZipFile(pack) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(pack, "w", kind) as archive:
        for name, data in members:
            for new, content in change(name, data):
                archive.writestr(new, content)
    return pack


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda n, d: [(n, d), ("../../evil", b"x")] if n == "pack.json" else [(n, d)], "'../../evil' is not a part"),
        (lambda n, d: [(n, d), ("/etc/evil", b"x")] if n == "pack.json" else [(n, d)], "'/etc/evil' is not a part"),
        (lambda n, d: [(n, d), (link("0" * 16 + "/table.parquet"), b"/etc/passwd")] if n == "pack.json" else [(n, d)],
         "not a part"),
        (lambda n, d: [(n, d), (n, d)], "stands twice"),
        (lambda n, d: [] if n.endswith(SPLITS) else [(n, d)], "is absent"),
        (lambda n, d: [] if n == "pack.json" else [(n, d)], "is no pack of tabbench"),
        (lambda n, d: [(n, b"{")] if n == "pack.json" else [(n, d)], "not what tabbench writes"),
        (lambda n, d: [(n, d.replace(b'"format":1', b'"format":2'))], "format 2"),
        (lambda n, d: [(n, d.replace(b"frame/one", b"../../one")) if n == "pack.json" else (n, d)], "names the task"),
        (lambda n, d: [(n, d.replace(b'"key":"', b'"key":"../')) if n == "pack.json" else (n, d)], "names the task"),
        (lambda n, d: [(n, d.replace(b'"tasks":[{', b'"odd":1,"tasks":[{'))], "has no odd"),
    ],
)  # fmt: skip
def test_a_hostile_pack_is_refused_whole(pack, tmp_path, change, words):
    rewritten(pack, change)
    with pytest.raises(DataError, match=words):
        unpack(pack)
    assert not cached_tasks()
    assert not (tmp_path / "evil").exists()


def test_a_compressed_pack_is_refused(pack):
    rewritten(pack, lambda n, d: [(n, d)], zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match="compressed"):
        unpack(pack)


def test_no_zip_at_all_is_refused(tmp_path, use_cache):
    for content in (b"", b"PK\x03\x04", b"x" * 1000):
        (tmp_path / "p.zip").write_bytes(content)
        with pytest.raises(DataError, match="cannot be read as a pack"):
            unpack(tmp_path / "p.zip")
    with pytest.raises(DataError, match="There is no file"):
        unpack(tmp_path / "none.zip")


def forged(pack, tmp_path, file, content):
    """The pack with one file of every entry replaced, and its manifest made to agree."""
    (tmp_path / "x").write_bytes(content)
    facts = facts_of_file(tmp_path / "x").__dict__

    def change(name, data):
        return [
            (
                name,
                content if name.endswith(file) else _manifest(data, file, facts) if name.endswith(MANIFEST) else data,
            )
        ]

    return rewritten(pack, change)


def _manifest(data, file, facts):
    manifest = json.loads(data)
    manifest["files"][file] = facts
    return json.dumps(manifest).encode()


def bytes_of(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (TABLE, b"no parquet"),
        (TABLE, bytes_of(pd.DataFrame({"x": R / 7, "c": ["p", "q", "r"] * 10, "y": ["b", "a"] * 15}))),
        (TABLE, bytes_of(pd.DataFrame({"x": R / 7, "c": ["p", "q", "r"] * 10, "y": ["a", "b"] * 15}))),  # as text
        (TABLE, bytes_of(pd.DataFrame({"x": np.zeros(10**6), "c": "a", "y": "b"}))),
        (SPLITS, b"no parquet"),
        (SPLITS, bytes_of(pd.DataFrame({"repeat": [0], "fold": [0], "part": ["test"], "row": [0]}))),
        (TASK, b"{}"),
        (TASK, b"[" * 100_000),
    ],
)
def test_a_forged_entry_is_told_and_left_out(pack, tmp_path, file, content):
    told = unpack(forged(pack, tmp_path, file, content))
    assert set(told) == {"frame/one", "frame/two"}
    assert all(told.values())
    assert not cached_tasks()


def test_a_task_under_another_name_is_left_out(pack, tmp_path):
    swap = {b"frame/one": b"frame/two", b"frame/two": b"frame/one"}

    def change(name, data):
        if name == "pack.json":
            data = b"".join(swap.get(part, part) for part in re.split(b"(frame/one|frame/two)", data))
        return [(name, data)]

    assert all("is not that of" in reason for reason in unpack(rewritten(pack, change)).values())


def test_splits_that_the_rule_does_not_make_here_are_told(pack, use_cache, tmp_path):
    use_cache("a")
    add_frame(pd.DataFrame({"x": R / 7, "y": ["a", "b"] * 15}), "y", "three")
    task = load_task("frame/three").task
    folder = next(p.parent for p in tmp_path.glob(f"a/entries/*/{TASK}") if open_entry(p.parent, "x").task == task)
    entry = open_entry(folder, "x")
    splits = list(read_splits(folder / SPLITS, task))
    turned = [Split(s.repeat, s.fold, s.test, s.train) for s in splits]
    splits_hash = write_splits(turned, folder / SPLITS)
    key = entry_key(task, entry.manifest.table_hash, splits_hash)
    files = {file: facts_of_file(folder / file) for file in entry.manifest.files}
    manifest = Manifest(1, key, entry.manifest.table_hash, splits_hash, files)
    (folder / MANIFEST).write_bytes(to_json(manifest))
    folder.rename(folder.with_name(key))
    note_name("frame/three", key)
    pack_tasks(["frame/three"], tmp_path / "t.zip")
    use_cache("b")
    assert "come out otherwise here" in unpack(tmp_path / "t.zip")["frame/three"]

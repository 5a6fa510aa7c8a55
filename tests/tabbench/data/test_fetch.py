"""Fetching: patient with sources that fail now and then, whole or not at all, and clear about what failed."""

import numpy as np
import pandas as pd
import pytest

from tabbench.data import openml_source
from tabbench.data.cache.entry import TABLE
from tabbench.data.cache.index import find_name, find_suite, note_suite
from tabbench.data.cache.reading import entry_folder
from tabbench.data.catalog import describe_task, is_here, load_suite, load_task
from tabbench.data.fetch import FetchOutcome, fetch_suite, fetch_tasks, with_patience
from tabbench.data.frames import add_frame
from tabbench.data.inference import infer_task
from tabbench.data.source import OpenedTask
from tabbench.data.tables import content_hash
from tabbench.errors import DataError, NotCachedError, TransientError
from tabbench.task import Suite


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


FRAME = pd.DataFrame({"x": np.arange(30.0), "y": ["a", "b", "b"] * 10})


class Server:
    """Stands for OpenML: answers with a table, after failing as it is told."""

    def __init__(self, *failures):
        self.failures, self.n_asked = list(failures), 0

    def open(self, name):
        self.n_asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return OpenedTask(infer_task(FRAME, name, "y", content_hash(FRAME)), FRAME)


@pytest.fixture
def serve(monkeypatch):
    """`serve(error, …)` has OpenML raise these, one a request, and then answer."""

    def serve(*failures):
        server = Server(*failures)
        monkeypatch.setattr(openml_source, "open_openml_task", server.open)
        monkeypatch.setattr(openml_source, "openml_suite", lambda name: Suite(name, 1, "S", ("openml/31",)))
        return server

    return serve


def fetch(*names, is_offline=False):
    waits = []
    done = list(fetch_tasks(names, is_offline, waits.append))
    return [(one.name, one.outcome) for one in done], [one.reason for one in done], waits


def test_a_task_is_fetched_once(serve):
    server = serve()
    with pytest.raises(NotCachedError, match=r"data fetch 'tasks=\[openml/31\]'"):
        load_task("openml/31")
    assert not is_here("openml/31")
    assert fetch("openml/31", "bundled/iris") == (
        [("openml/31", FetchOutcome.FETCHED), ("bundled/iris", FetchOutcome.BUNDLED)], ["", ""], []
    )  # fmt: skip
    assert fetch("openml/31")[0] == [("openml/31", FetchOutcome.HELD)]
    assert server.n_asked == 1
    assert is_here("openml/31")
    assert load_task("openml/31").X["x"].tolist() == FRAME["x"].tolist()


def test_trouble_that_passes_is_waited_out(serve):
    serve(TransientError("500"), TransientError("429", retry_after_seconds=40.0), TransientError("timed out"))
    told, _, waits = fetch("openml/31")
    assert told == [("openml/31", FetchOutcome.FETCHED)]
    assert 1 <= waits[0] <= 1.5
    assert waits[1] == 40
    assert 4 <= waits[2] <= 6


def test_trouble_that_stays_fails_one_task_and_keeps_the_rest(serve):
    server = serve(*[TransientError("503 Service Unavailable")] * 5)
    told, reasons, waits = fetch("openml/31", "openml/32")
    assert told == [("openml/31", FetchOutcome.FAILED), ("openml/32", FetchOutcome.FETCHED)]
    assert reasons[0] == "503 Service Unavailable (tried 5 times)"
    assert (len(waits), server.n_asked) == (4, 6)
    assert find_name("openml/31") is None


def test_an_endless_wait_is_not_obeyed():
    waits = []
    with pytest.raises(TransientError):
        with_patience(lambda: (_ for _ in ()).throw(TransientError("later", retry_after_seconds=1e9)), waits.append)
    assert waits == [300.0] * 4


def test_other_errors_are_not_asked_again(serve):
    server = serve(DataError("There is no task 31."))
    assert fetch("openml/31")[1] == ["There is no task 31."]
    assert server.n_asked == 1


def test_a_fetch_that_is_stopped_leaves_nothing(serve):
    serve(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        fetch("openml/31")
    assert not is_here("openml/31")
    assert fetch("openml/31")[0] == [("openml/31", FetchOutcome.FETCHED)]


def damage(name):
    file = entry_folder(find_name(name).key) / TABLE
    data = bytearray(file.read_bytes())
    data[40] ^= 1
    file.write_bytes(data)


def test_a_damaged_entry_is_fetched_again(serve):
    server = serve()
    fetch("openml/31")
    damage("openml/31")
    with pytest.raises(DataError, match="damaged"):
        load_task("openml/31")
    told, reasons, _ = fetch("openml/31", is_offline=True)
    assert told == [("openml/31", FetchOutcome.FAILED)]
    assert "damaged" in reasons[0]
    assert fetch("openml/31")[0] == [("openml/31", FetchOutcome.FETCHED)]
    assert server.n_asked == 2
    load_task("openml/31")


def test_a_damaged_entry_of_a_file_is_read_again():
    FRAME.to_csv("my.csv", index=False)
    before = describe_task("file:my.csv::y")
    assert fetch("file:my.csv::y")[0] == [("file:my.csv::y", FetchOutcome.HELD)]
    folder = next(path for path in entry_folder("x").parent.iterdir() if not path.name.startswith("."))
    data = bytearray((folder / TABLE).read_bytes())
    data[40] ^= 1
    (folder / TABLE).write_bytes(data)
    assert fetch("file:my.csv::y")[0] == [("file:my.csv::y", FetchOutcome.FETCHED)]
    assert load_task("file:my.csv::y").task == before


def test_a_damaged_frame_is_told_and_kept():
    add_frame(FRAME, "y", "mine")
    damage("frame/mine")
    told, reasons, _ = fetch("frame/mine")
    assert told == [("frame/mine", FetchOutcome.FAILED)]
    assert "put there again from Python" in reasons[0]
    assert (entry_folder(find_name("frame/mine").key) / TABLE).exists()


def test_offline_asks_no_network(serve):
    server = serve()
    told, reasons, _ = fetch("openml/31", "file:none.csv::y", "bundled/irs", is_offline=True)
    assert [outcome for _, outcome in told] == [FetchOutcome.FAILED] * 3
    assert reasons[0] == "openml/31 is not in the cache."
    assert "There is no file none.csv" in reasons[1]
    assert "Did you mean bundled/iris" in reasons[2]
    assert server.n_asked == 0


def test_a_suite_of_openml_is_known_after_it_was_fetched(serve):
    serve()
    with pytest.raises(NotCachedError, match="data fetch suite=openml/s/99"):
        load_suite("openml/s/99")
    with pytest.raises(NotCachedError):
        fetch_suite("openml/s/99", is_offline=True)
    suite = fetch_suite("openml/s/99")
    assert load_suite("openml/s/99") == suite == fetch_suite("openml/s/99", is_offline=True)


def test_a_suite_is_kept_whole(serve):
    note_suite(suite := load_suite("tabzilla"))
    assert any(suite.duplicates)
    assert find_suite("tabzilla") == suite


def test_an_edited_file_is_read_again_and_a_touched_one_is_not(tmp_path):
    FRAME.to_csv("my.csv", index=False)
    first = describe_task("file:my.csv::y")
    (tmp_path / "my.csv").touch()
    assert describe_task("file:my.csv::y") == first
    FRAME.assign(x=FRAME["x"] + 1).to_csv("my.csv", index=False)
    assert load_task("file:my.csv::y", refresh=False).task == first  # a job reads what was planned
    second = load_task("file:my.csv::y").task
    assert second.dataset.content_hash != first.dataset.content_hash


def test_one_relative_name_in_two_folders_means_two_tasks(tmp_path, monkeypatch):
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        FRAME.assign(x=float(number)).to_csv(tmp_path / folder / "my.csv", index=False)
    hashes = []
    for folder in ("a", "b", "a"):
        monkeypatch.chdir(tmp_path / folder)
        hashes.append(describe_task("file:my.csv::y").task_hash)
        assert load_task("file:my.csv::y", refresh=False).task.task_hash == hashes[-1]
    assert hashes[0] == hashes[2] != hashes[1]

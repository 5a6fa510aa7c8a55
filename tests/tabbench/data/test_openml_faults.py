"""What an OpenML server can do wrong: the right error, nothing left behind, and all is well once it is over."""

import contextlib
import threading
import time
from pathlib import Path

import openml
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openml_server import HTML, OpenmlServer, openml_server, served_frame

from tabbench.data import openml_client
from tabbench.data.openml_client import SERVER
from tabbench.data.openml_source import open_openml_task, openml_suite
from tabbench.errors import DataError, TabbenchError, TransientError

N_ROWS = 20
LIST, DESCRIPTION, FEATURES = "/data/list/", "/xml/data/31", "/data/features/"
ARFF, TASK, SPLITS, STUDY = "/data/v1/download/", "/xml/task/", "/api_splits/", "/study/"
PATHS = (LIST, DESCRIPTION, FEATURES, ARFF, TASK, SPLITS, STUDY)


def table() -> pd.DataFrame:
    level = pd.Categorical(["ja", "nein", "für 50%", "ja"] * 5)
    return pd.DataFrame({"größe": [float(row) for row in range(N_ROWS)], "class": level})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A server with a task and a study; downloads go to `tmp_path`, and the package's waits are left out."""
    with openml_server() as running:
        monkeypatch.setenv(SERVER, running.api)
        monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path))
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        running.add(served_frame(31, "t", table(), "class"))
        halves = [("TRAIN" if row % 2 == fold else "TEST", row, 0, fold) for fold in (0, 1) for row in range(N_ROWS)]
        running.add_task(7, 31, "class", halves)
        running.add_study(99, "suite", [7])
        yield running


def ask(path: str) -> None:
    openml_suite("openml/s/99") if path == STUDY else open_openml_task("openml/7")


def assert_passes(server: OpenmlServer, path: str, tmp_path: Path) -> None:
    """Nothing is left of the failed request, and the next one succeeds."""
    assert not list((tmp_path / "entries").iterdir())
    server.faults.clear()
    ask(path)
    assert not list((tmp_path / "entries").iterdir())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"status": 500}, "answered 500 Internal Server Error. Try again later"),
        ({"status": 503, "headers": {"Retry-After": "7"}}, "answered 503 .* It asks to wait 7 s"),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "answered 429 Too Many Requests. It asks to wait 7 s"),
        ({"body": HTML}, "answered with a web page in place of data"),
        ({"is_cut": True}, "failed or broke off"),
        ({"status": 412, "body": b"<oml:error xmlns:oml='x'><oml:code>107</oml:code><oml:message>no database"
          b"</oml:message></oml:error>"}, "has lost its database"),
    ],
)  # fmt: skip
def test_trouble_that_may_pass(server: OpenmlServer, path: str, how: dict[str, object], words: str, tmp_path: Path):
    server.fail(path, **how)
    with pytest.raises(TransientError, match=words) as caught:
        ask(path)
    assert caught.value.retry_after_seconds == (7 if "headers" in how else None)
    assert_passes(server, path, tmp_path)


def test_retry_after_may_be_a_date(server: OpenmlServer):
    server.fail(TASK, status=429, headers={"Retry-After": "Wed, 01 Jan 2200 00:00:00 GMT"})
    with pytest.raises(TransientError) as caught:
        ask(TASK)
    assert caught.value.retry_after_seconds is not None
    assert caught.value.retry_after_seconds > 1e9


@pytest.mark.parametrize("path", [LIST, ARFF, SPLITS])
def test_a_server_that_says_nothing_is_given_up(
    server: OpenmlServer, path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(openml_client, "TIMEOUT_SECONDS", 0.2)
    server.fail(path, stalls=True)
    with pytest.raises(TransientError, match=r"did not answer in time.*tabbench data pack"):
        ask(path)
    monkeypatch.setattr(openml_client, "TIMEOUT_SECONDS", 60.0)
    assert_passes(server, path, tmp_path)


def test_a_store_of_parquet_that_says_nothing_is_passed_over(server: OpenmlServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(openml_client, "TIMEOUT_SECONDS", 0.2)
    server.add(served_frame(31, "t", table(), "class", parquet=b"PAR1"))
    server.fail("/datasets/", stalls=True)
    assert open_openml_task("openml/7").task.dataset.n_rows == N_ROWS


def test_a_server_that_is_gone_or_misspelt(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with openml_server() as running:
        address = running.api
    monkeypatch.setenv(SERVER, address)
    with pytest.raises(TransientError, match="failed or broke off"):
        ask(TASK)
    for wrong in ("no address", "ftp://127.0.0.1/x"):
        monkeypatch.setenv(SERVER, wrong)
        with pytest.raises(DataError, match="Is the server's address right") as caught:
            ask(TASK)
        assert not isinstance(caught.value, TransientError)


def test_one_wrong_checksum_is_tried_again_and_two_are_an_error(server: OpenmlServer, tmp_path: Path):
    damaged = server.files["/data/v1/download/31/31.arff"].replace(b"nein", b"nien")
    server.fail(ARFF, body=damaged, times=1)
    ask(TASK)
    server.asked.clear()
    server.fail(ARFF, body=damaged)
    with pytest.raises(
        DataError, match=r"not the checksum that its description says, twice over.*dataset 31"
    ) as caught:
        ask(TASK)
    assert not isinstance(caught.value, TransientError)
    assert_passes(server, TASK, tmp_path)


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        (ARFF, lambda body: body[: len(body) // 2], "not the checksum"),
        (SPLITS, lambda body: body[: body.index(b"TEST,18,0,1")], "split .0, 1. leaves rows out. It is cut short"),
        (SPLITS, lambda body: body[: body.index(b",1\n")], "does not follow the protocol.*It is cut short"),
        (SPLITS, lambda body: body[:-2], "does not follow the protocol.*It is cut short"),
        (SPLITS, lambda body: body[:20], "does not follow the protocol.*It is cut short"),
        (SPLITS, lambda body: body + b"TRAIN,50%,off\n", "does not follow the protocol .BadDataFormat"),
        (FEATURES, lambda body: body.replace(b"oml:feature>", b"oml:other>"), "does not follow the protocol"),
        (TASK, lambda body: body.replace(b"source_data", b"no_data"), "does not follow the protocol"),
        (STUDY, lambda body: body.replace(b"oml:task_id>", b"oml:id>"), "does not follow the protocol"),
    ],
)
def test_answers_that_are_cut_or_changed_at_the_source(server, path, change, words, tmp_path):
    [whole] = [body for name, body in server.files.items() if path in name and "suite" not in name]
    server.fail(path, body=change(whole))
    with pytest.raises(DataError, match=words) as caught:
        ask(path)
    assert not isinstance(caught.value, TransientError)
    assert_passes(server, path, tmp_path)


def test_a_cut_arff_without_a_checksum_is_told_by_its_lines_and_rows(server: OpenmlServer):
    server.add(served_frame(31, "t", table(), "class", description={"md5_checksum": None}))
    whole = server.files["/data/v1/download/31/31.arff"]
    server.fail(ARFF, body=whole[: whole.rindex(b",") - 2], times=1)
    with pytest.raises(DataError, match=r"dataset.arff, line \d+: not one value for each of the 2 declared columns"):
        ask(TASK)
    server.fail(ARFF, body=whole[: whole.index(b"10.0")], times=1)
    with pytest.raises(DataError, match="the file has 10 rows, the server counted 20"):
        ask(TASK)


@pytest.mark.parametrize("path", [LIST, DESCRIPTION, FEATURES, TASK, STUDY])
def test_xml_that_breaks_off_may_pass(server: OpenmlServer, path: str, tmp_path: Path):
    server.fail(path, body=b"<?xml version='1.0'?><oml:data xmlns:oml='http://openml.org/openml'><oml:da")
    with pytest.raises(TransientError, match="something that is no XML"):
        ask(path)
    assert_passes(server, path, tmp_path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (273, "still in processing"),
        (112, "is private on .*Put your API key"),
        (102, "is private on .*Put your API key"),
        (999, "refused, code 999: über"),
    ],
)
def test_what_the_server_refuses_in_its_own_words_lasts(server: OpenmlServer, code: int, words: str):
    body = f"<oml:error xmlns:oml='x'><oml:code>{code}</oml:code><oml:message>über</oml:message></oml:error>"
    server.fail(FEATURES, status=412, body=body.encode())
    with pytest.raises(DataError, match=words) as caught:
        ask(TASK)
    assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(("path", "status"), [(ARFF, 404), (TASK, 404), (TASK, 403)])
def test_a_page_that_is_not_there_lasts(server: OpenmlServer, path: str, status: int):
    server.fail(path, status=status)
    with pytest.raises(DataError, match=f"answered {status} .* Is the server's address right") as caught:
        ask(path)
    assert not isinstance(caught.value, TransientError)


def test_the_api_key_is_sent_and_never_shown(server: OpenmlServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(openml.config, "apikey", "0123456789secret")
    ask(TASK)
    assert all("api_key=0123456789secret" in path for path in server.asked)
    for how in ({"is_cut": True}, {"status": 500}, {"status": 404}, {"body": HTML}):
        server.faults.clear()
        server.fail(TASK, **how)
        with pytest.raises(DataError) as caught:
            ask(TASK)
        assert "secret" not in str(caught.value)
    monkeypatch.setenv(SERVER, "http://127.0.0.1:9")
    with pytest.raises(TransientError) as caught:
        ask(TASK)
    assert "secret" not in str(caught.value)


def test_the_packages_own_configuration_is_back_afterwards(server: OpenmlServer):
    import minio
    import requests

    before = (openml.config.get_config_as_dict(), requests.Session, minio.Minio)
    ask(TASK)
    server.fail(TASK, status=500)
    with pytest.raises(TransientError):
        ask(TASK)
    assert before == (openml.config.get_config_as_dict(), requests.Session, minio.Minio)


def test_threads_take_turns(server: OpenmlServer):
    found = []
    threads = [threading.Thread(target=lambda: found.append(open_openml_task("openml/7"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({opened.task.splits_hash for opened in found}) == 1
    assert len(found) == 4


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_nothing_but_our_own_errors_comes_out(server: OpenmlServer, data: st.DataObject):
    server.faults.clear()
    path = data.draw(st.sampled_from(sorted(server.files)))
    body = bytearray(server.files[path])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(start + 40, len(body))))
        body[start:end] = data.draw(
            st.one_of(st.binary(max_size=8), st.sampled_from([b"", b"<", b"?", b"\n", b"-1", b"9e999"]))
        )
    server.fail(path, body=bytes(body))
    if path.endswith(".arff"):
        description = server.files["/api/v1/xml/data/31"]
        server.fail(DESCRIPTION, body=description.replace(b"oml:md5_checksum>", b"oml:unchecked>"))
    with contextlib.suppress(TabbenchError):
        ask(STUDY if STUDY in path else TASK)

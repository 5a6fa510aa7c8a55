"""The server shows files of its folder on loopback, in ranges too, and nothing else."""

from __future__ import annotations

import http.client
import threading
from typing import TYPE_CHECKING

import pytest
from tabbench_leaderboard.serving import HOST, ServingError, check_site, site_server
from tabbench_leaderboard.writing import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    root = tmp_path_factory.mktemp("shown")
    (root / "secret.txt").write_text("outside")
    (root / "site" / "data").mkdir(parents=True)
    (root / "site" / "index.html").write_text("<h1>here</h1>")
    (root / "site" / "data" / "view.bin").write_bytes(bytes(range(100)))
    (root / "site" / "way_out").symlink_to(root / "secret.txt")
    server = site_server(root / "site")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_files_come_with_their_type_and_folders_show_their_page(port: int):
    status, headers, content = ask(port, "/")
    assert (status, content) == (200, b"<h1>here</h1>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ask(port, "/index.html?x=1")[0] == 200


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("bytes=0-3", (0, 4)), ("bytes=90-", (90, 100)), ("bytes=-5", (95, 100)), ("bytes=98-500", (98, 100))],
)
def test_a_range_is_cut_out(port: int, wanted: str, found: tuple[int, int]):
    status, headers, content = ask(port, "/data/view.bin", Range=wanted)
    assert (status, content) == (206, bytes(range(*found)))
    assert headers["Content-Range"] == f"bytes {found[0]}-{found[1] - 1}/100"


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=5-2", "bytes=-0", "bytes=", "lines=1-2", "bytes=a-b"])
def test_a_range_that_is_not_there_is_refused(port: int, wanted: str):
    status, headers, _ = ask(port, "/data/view.bin", Range=wanted)
    assert (status, headers["Content-Range"]) == (416, "bytes */100")


@pytest.mark.parametrize("path", ["/gone", "/data/", "/data", "/../secret.txt", "/%2e%2e/secret.txt", "/way_out"])
def test_nothing_but_files_of_the_folder_is_shown(port: int, path: str):
    assert ask(port, path)[0] == 404


def test_another_name_for_this_machine_is_refused(port: int):
    assert ask(port, "/", Host="evil.example:80")[0] == 403


def test_a_missing_folder_one_that_is_no_site_and_a_taken_port_are_named(port: int, tmp_path: Path):
    with pytest.raises(ServingError, match=r"no folder .*site build"):
        check_site(tmp_path / "gone")
    (tmp_path / "secret.txt").write_text("mine")
    with pytest.raises(ServingError, match=rf"not a site built by tabbench \(it has no {MARKER}\)"):
        check_site(tmp_path)
    (tmp_path / MARKER).write_text("{}")
    check_site(tmp_path)
    with pytest.raises(ServingError, match=r"Port \d+ cannot be used.*--port"):
        site_server(tmp_path, port)

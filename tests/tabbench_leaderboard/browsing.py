"""A built site behind our own server, and pages that keep what they complained of."""

from __future__ import annotations

import csv
import re
import shutil
import threading
import time
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tabbench_leaderboard.serving import HOST, site_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no chromium on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on our own server."""
    server = site_server(folder)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Watched:
    """A page that keeps what it complained of and what it asked for beyond its own address."""

    def __init__(
        self, browser: Browser, address: str, *, width: int = 1360, scheme: str = "light", bypass: bool = False
    ) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.outside: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce", bypass_csp=bypass, accept_downloads=True,
        )  # fmt: skip
        context.set_default_timeout(30_000)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, path: str = "index.html") -> Page:
        self.page.goto(self.address + path)
        return self.page

    def finish(self) -> None:
        self.page.context.close()
        assert self.complaints == []
        assert self.outside == []


def wait_until(page: Page, expression: str, seconds: float = 30.0) -> None:
    """Until an expression holds on the page, whose policy lets no script wait for one that is given as text."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def saved_chart(page: Page, key: str, folder: Path) -> list[list[str]]:
    """The data of a chart as it is saved, after its drawing and its picture.

    Chromium drops the eleventh file that a page saves within a second: take a page for each chart.
    """
    for kind in ("SVG", "PNG", "CSV"):
        with page.expect_download() as download:
            page.locator(f"#{key}").get_by_role("button", name=re.compile(f"^Download .+ as {kind}$")).click()
        assert download.value.suggested_filename == f"tabbench-{key}.{kind.lower()}"
        download.value.save_as(folder / f"chart.{kind.lower()}")
    drawing = (folder / "chart.svg").read_text(encoding="utf-8")
    assert ET.fromstring(drawing).tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(" not in drawing
    assert "color-mix" not in drawing
    assert (folder / "chart.png").read_bytes()[:4] == b"\x89PNG"
    return list(csv.reader((folder / "chart.csv").read_text(encoding="utf-8-sig").splitlines()))

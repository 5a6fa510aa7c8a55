"""The built pages in a real browser, opened from disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from made_up_site import made_up_site
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.writing import write_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    write_site(render_site(made_up_site(hostile=True)), folder, {})
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the PATH")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page that keeps what it complained of and what it asked for beyond its folder."""

    def __init__(self, browser: Browser, folder: Path, *, width: int = 1200, scheme: str = "light") -> None:
        self.folder = folder
        self.complaints: list[str] = []
        self.outside: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        self.page.on("request", lambda request: self._note(request.url))
        self.open("index.html")

    def _note(self, url: str) -> None:
        if not url.startswith((self.folder.as_uri(), "data:")):
            self.outside.append(url)

    def open(self, path: str) -> None:
        self.page.goto((self.folder / path).as_uri())

    def finish(self) -> None:
        self.page.context.close()
        assert self.complaints == []
        assert self.outside == []


def shown_models(page: Page) -> list[str]:
    rows = page.locator("table.leaderboard tbody:visible tr:visible th[scope=row]").all()
    return [str(row.get_attribute("data-value")) for row in rows]


def expected(regime: str, key: str, *, descending: bool = False) -> list[str]:
    rows = made_up_site(hostile=True).standings_of(regime)
    return [s.model for s in sorted(rows, key=lambda s: getattr(s, key), reverse=descending)]


def test_a_click_on_a_heading_sorts_and_a_second_turns_the_order(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder)
    page = watched.page
    assert shown_models(page) == expected("tuned", "mean_rank")
    heading = page.locator("table.leaderboard th", has_text="Predict")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert shown_models(page) == expected("tuned", "predict_seconds")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown_models(page) == expected("tuned", "predict_seconds", descending=True)
    assert page.locator("table.leaderboard th[aria-sort]").count() == 1
    watched.finish()


def test_the_keyboard_alone_sorts_and_switches(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder)
    page = watched.page
    heading = page.locator("table.leaderboard th", has_text="Normalised score")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown_models(page) == expected("tuned", "normalised_score", descending=True)
    page.keyboard.press("Space")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.get_by_role("radio", name="Tuned").focus()
    page.keyboard.press("ArrowLeft")
    assert page.get_by_role("radio", name="Default").is_checked()
    assert page.locator("tbody[data-regime=tuned]").is_hidden()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement !== document.body")
    watched.finish()


def test_the_switches_show_one_regime_and_one_time(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder)
    page = watched.page
    cell = page.locator("table.leaderboard tbody:visible tr", has_text="xgboost").locator("td").nth(1)
    assert "0.927" in cell.inner_text()
    page.get_by_role("radio", name="Default").check()
    assert "0.900" in cell.inner_text()
    plots = page.locator("svg.scatter:visible")
    assert plots.count() == 1
    assert str(plots.get_attribute("aria-label")).startswith("Default: normalised score against fit time")
    page.get_by_role("radio", name="Predict").check()
    assert plots.count() == 1
    assert str(plots.get_attribute("aria-label")).startswith("Default: normalised score against predict time")
    watched.finish()


def test_links_lead_to_a_model_and_to_a_task_and_back(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder)
    page = watched.page
    page.locator("table.leaderboard tbody:visible").get_by_role("link", name="lightgbm").click()
    assert page.url == (folder / page_name("models", "lightgbm")).as_uri()
    page.get_by_role("link", name="bundled/penguins").first.click()
    assert page.url == (folder / page_name("tasks", "bundled/penguins")).as_uri()
    assert page.locator("h1").inner_text() == "Penguins of the Palmer Archipelago"
    page.get_by_role("link", name="tabbench").click()
    assert page.url == (folder / "index.html").as_uri()
    watched.finish()


def test_every_page_is_quiet_and_stays_inside_a_phone(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder, width=390)
    for path in sorted(folder.rglob("*.html")):
        watched.open(path.relative_to(folder).as_posix())
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert watched.page.locator("h1").is_visible()
    watched.finish()


def test_the_reader_who_likes_it_dark_gets_it_dark(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder, scheme="dark")
    channels = watched.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(channels[:3]) < 60
    ink = watched.page.evaluate("getComputedStyle(document.body).color.match(/\\d+/g).map(Number)")
    assert min(ink[:3]) > 180
    watched.finish()


def test_a_point_tells_what_it_is_on_focus_and_escape_hides_it(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, folder)
    page = watched.page
    page.locator("svg.scatter:visible a", has_text="catboost").focus()
    assert "catboost" in page.locator(".tip").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".tip").is_hidden()
    watched.finish()


def test_the_policy_stops_a_script_that_slipped_in(browser: Browser, folder: Path, tmp_path: Path) -> None:
    page_text = (folder / "index.html").read_text()
    slipped = page_text.replace("</main>", "<script>document.title='taken'</script></main>")
    assert slipped != page_text
    (tmp_path / "index.html").write_text(slipped)
    watched = Watched(browser, tmp_path)
    assert watched.page.title() != "taken"
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    watched.page.context.close()


def test_without_scripts_all_regimes_are_there_to_read(browser: Browser, folder: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "index.html").as_uri())
    assert page.locator("tbody[data-regime=default]").is_visible()
    assert page.locator("tbody[data-regime=tuned]").is_visible()
    assert page.locator("fieldset.switch:visible").count() == 0
    context.close()

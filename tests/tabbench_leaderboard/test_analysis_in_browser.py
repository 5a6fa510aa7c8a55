"""The analysis page in a real browser: charts, choices, downloads, a phone, keyboard and screen readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Watched, chromium, saved_chart, served
from made_up_site import HOSTILE, HOSTILE_PATH, made_up_data, made_up_site
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.writing import write_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "scripts" / "browser_checks" / "node_modules" / "axe-core" / "axe.min.js"
KEYS = ("gap-by-task", "doses-of-change", "learning-curves", "regrets")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose names mean harm, under a path of its own."""
    folder = tmp_path_factory.mktemp("built")
    write_site(render_site(made_up_site(hostile=True), made_up_data(hostile=True)), folder / "a site", {})
    with served(folder) as address:
        yield f"{address}a%20site/"


def drawn(watched: Watched) -> Page:
    page = watched.open("analysis.html")
    page.locator(f"#{KEYS[-1]} svg.chart-drawing").wait_for()
    return page


@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (390, "dark")])
def test_every_chart_is_drawn_inside_the_page(width: int, scheme: str, browser: Browser, address: str) -> None:
    watched = Watched(browser, address, width=width, scheme=scheme)
    page = drawn(watched)
    for key in KEYS:
        assert page.locator(f"#{key} .mark-of-chart").count() > 1, key
        for text in page.locator(f"#{key} svg.chart-drawing text").all():
            box, canvas = text.bounding_box(), page.locator(f"#{key} .canvas").bounding_box()
            if box and canvas and box["width"]:
                assert box["x"] >= canvas["x"] - 2, (key, text.text_content())
                assert box["x"] + box["width"] <= canvas["x"] + canvas["width"] + 20, (key, text.text_content())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("main").get_by_text("A demonstration, not evidence.").count() == 1
    assert page.get_by_text("tabbench run …").is_visible()
    watched.finish()


def test_a_choice_is_drawn_and_a_legend_takes_a_line_out(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched)
    assert "Bars are cut" not in page.locator("#gap-by-task .drawn-note").inner_text()
    bars = page.locator("#gap-by-task [aria-label=link] path, #gap-by-task g[stroke-linecap=round] path")
    n_bars = bars.count()
    assert n_bars
    page.locator("#gap-by-task select").select_option(label="Default")
    assert bars.count() < n_bars
    before = page.locator("#learning-curves .mark-of-chart").count()
    page.locator("#learning-curves .legend button").filter(has_text=HOSTILE).click()
    assert page.locator("#learning-curves .mark-of-chart").count() < before
    page.get_by_text("The tree").click()
    assert HOSTILE_PATH in page.locator("pre.listing").first.inner_text()
    watched.finish()


def test_marks_tell_what_they_are_to_the_keyboard(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched)
    for key in KEYS:
        first = page.locator(f"#{key} .mark-of-chart[tabindex='0']")
        first.focus()
        told = page.locator(".tip").inner_text().split("\n")
        assert [line for line in told if line] == str(first.get_attribute("aria-label")).split("\n")
        page.keyboard.press("End")
        page.keyboard.press("Escape")
    watched.finish()


@pytest.mark.parametrize("key", KEYS)
def test_chart_is_saved(key: str, browser: Browser, address: str, tmp_path: Path) -> None:
    watched = Watched(browser, address)
    rows = saved_chart(drawn(watched), key, tmp_path)
    assert rows[0] == ["task", "gap"]
    assert len(rows) == 6
    watched.finish()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(scheme: str, browser: Browser, address: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe: npm ci --prefix scripts/browser_checks")
    watched = Watched(browser, address, scheme=scheme, bypass=True)
    page = drawn(watched)
    for details in page.locator("details").all():
        details.locator("summary").click()
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "axe.run().then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
        ".map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))]))"
    )
    assert found == []
    page.context.close()

"""Ask, Data and Your model in a real browser: every control, on a site of real rows, under a path of its own."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Watched, chromium, served
from synthetic_store import make_store, write_job

from tabbench.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
HOSTILE = "<img src=x onerror=alert(1)>"
AXE = Path(__file__).parents[2] / "scripts" / "browser_checks" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site built by the command, of invented rows with a name that means harm."""
    folder = tmp_path_factory.mktemp("rows")
    store = make_store(folder / "store", models=("constant", "ridge", "trees"))
    for task, kind in (("bundled/alpha", "binary"), ("bundled/beta", "binary"), ("bundled/gamma", "regression")):
        for fold in range(3):
            write_job(store, HOSTILE, task, fold, range(4), skill=2, task_type=kind)
    assert main(["site", "build", "--store", str(store.root), "-o", str(folder / "out" / "a b")]) == 0
    with served(folder / "out") as address:
        yield f"{address}a%20b/"


def opened(browser: Browser, address: str, path: str, **options: object) -> Watched:
    watched = Watched(browser, address, **options)  # type: ignore[arg-type]  # as its signature has them
    watched.open(path)
    return watched


def answered(page: Page) -> str:
    """What the console says once it is done."""
    for _ in range(600):
        is_failed = "failed" in (page.locator("#status").get_attribute("class") or "")
        text = page.locator("#status").inner_text()
        if is_failed or " in " in text:
            return text
        time.sleep(0.1)
    raise AssertionError(f"no answer: {text}")


def asked(page: Page, sql: str) -> str:
    page.locator("#sql").fill(sql)
    page.locator("#status").evaluate("s => { s.textContent = ''; s.className = ''; }")
    page.locator("#run").click()
    return answered(page)


def rows(page: Page, table: str) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in page.locator(f"{table} tbody tr").all()]


def test_the_console_answers_charts_and_saves(browser, address):
    watched = opened(browser, address, "ask.html")
    page = watched.page
    assert not page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.name).filter(n => /wasm|duckdb/.test(n))"
    )
    for button in page.locator("button[data-sql]").all():
        page.locator("#status").evaluate("s => { s.textContent = ''; s.className = ''; }")
        button.click()
        assert " in " in answered(page), button.inner_text()
    assert asked(page, "select model, count(*) as n from trials group by model order by model").startswith("4 rows in")
    assert rows(page, "#answer")[0] == [HOSTILE, "36"]
    for kind, mark in (("bars", "rect"), ("dots", "circle"), ("line", "path"), ("none", "")):
        page.locator("#chart-kind").select_option(kind)
        assert page.locator("#drawn svg").count() == (kind != "none")
        assert not mark or page.locator(f"#drawn svg {mark}").count()
    with page.expect_download() as download:
        page.locator("#save").click()
    saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert next(iter(csv.reader(io.StringIO(saved)))) == ["model", "n"]
    assert "sql=" in page.url
    watched.finish()


def test_the_console_refuses_what_it_must_and_goes_on(browser, address):
    watched = opened(browser, address, "ask.html#sql=select%2042%20as%20x")
    page = watched.page
    assert page.locator("#sql").input_value() == "select 42 as x"
    assert not page.locator("#answer table").count()  # a link runs nothing
    page.locator("#sql").press("Control+Enter")
    assert "1 row in" in answered(page)
    for sql, told in (
        ("selec 1", "syntax error"),
        ("select * from read_csv('https://example.org/x.csv')", "disabled by configuration"),
        ("create table x as select 1", "read-only"),
        ("set enable_external_access = true", "locked"),
    ):
        assert told in asked(page, sql)
    assert "1 row in" in asked(page, "select 1")
    page.locator(".tables summary").first.click()
    page.locator("#sql").fill("from ")
    page.locator(".tables .chip").first.click()
    assert page.locator("#sql").input_value() == "from best_trials"
    page.locator("#sql").fill("select count(*) from range(100000000000)")
    page.locator("#status").evaluate("s => { s.textContent = ''; s.className = ''; }")
    page.locator("#run").click()
    page.locator("#stop").click()
    assert "Stopped" in answered(page)
    assert "1 row in" in asked(page, "select 2")
    assert not watched.outside


def test_every_file_of_the_data_page_is_there(browser, address):
    watched = opened(browser, address, "data.html")
    links = watched.page.locator("a[download]")
    assert links.count() > 10
    for link in links.all():
        answer = watched.page.request.get(f"{address}{link.get_attribute('href')}")
        assert answer.ok, link.get_attribute("href")
        assert answer.body()
    with watched.page.expect_download() as download:
        watched.page.locator("a[download][href$='best_trials.csv']").click()
    assert download.value.suggested_filename == "best_trials.csv"
    watched.finish()


GOOD = "task,split,error\n" + "".join(f"bundled/{t},{s},0.001\n" for t in ("alpha", "beta", "gamma") for s in range(3))


def drop(page: Page, text: str, name: str = "mine.csv") -> str:
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
    page.locator("#said p").wait_for()
    return page.locator("#said").inner_text()


def test_a_model_of_the_reader_stands_on_every_page(browser, address):
    watched = opened(browser, address, "own.html")
    page = watched.page
    page.locator("#own").wait_for()
    assert "was not used" in drop(page, "task,split,error\nbundled/alpha,9,1\n")
    assert "has no split" in page.locator("#said").inner_text()
    assert "Every" not in drop(page, GOOD)
    page.locator("#rows tr").first.wait_for()
    assert rows(page, "#ranked")[0][0].startswith("mine")
    page.goto(address + "index.html")
    page.locator("#board [data-entrant=mine]").wait_for()
    page.goto(address + "own.html")
    page.locator("#rows tr.own").wait_for()
    page.locator("#remove").click()
    page.locator("#ranked").wait_for(state="hidden")
    page.goto(address + "index.html")
    page.locator("#board tbody tr").first.wait_for()
    assert not page.locator("#board [data-entrant=mine]").count()
    watched.finish()


def test_the_template_read_back_lacks_only_its_errors(browser, address):
    watched = opened(browser, address, "own.html")
    watched.page.locator("#own").wait_for()
    with watched.page.expect_download() as download:
        watched.page.locator("#template").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    said = drop(watched.page, text, name=f"{HOSTILE}.csv")
    assert "on 0 of 9 splits" in said
    assert HOSTILE in said
    watched.finish()


@pytest.mark.parametrize("path", ["ask.html", "data.html", "own.html"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (380, "dark")])
def test_pages_fit_and_are_usable_by_all(path, width, scheme, browser, address):
    watched = opened(browser, address, path, width=width, scheme=scheme, bypass=True)
    page = watched.page
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in scripts/browser_checks")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact)))")
    assert not found, json.dumps(found)[:3000]

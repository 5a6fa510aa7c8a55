"""Sites of hardly any results in a real browser: two models on two tasks, and a store whose trials all failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Watched, chromium, served
from synthetic_store import make_store, write_documents, write_job
from tabbench_leaderboard.chart_texts import CHARTS

from tabbench.cli.main import main
from tabbench.results import Status
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MODELS = ("gbdt", "net")
TASKS = ("bundled/alpha", "bundled/beta")


def failed_store(root: Path) -> Store:
    store = Store(root).create()
    write_documents(store, MODELS, TASKS, n_folds=2)
    for model in MODELS:
        for task in TASKS:
            for fold in range(2):
                write_job(store, model, task, fold, status=Status.ERROR)
    return store


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The two sites, each built by the command."""
    folder = tmp_path_factory.mktemp("small")
    two = make_store(folder / "store", models=MODELS, tasks=TASKS)
    for name, store in (("two", two), ("failed", failed_store(folder / "failed"))):
        assert main(["site", "build", "--store", str(store.root), "-o", str(folder / "out" / name)]) == 0
    with served(folder / "out") as address:
        yield address


def ready(page: Page) -> Page:
    """The plots page once its last chart was drawn, or said why not."""
    page.locator("#metafeatures .drawn-note").filter(has_text=".").wait_for(state="attached")
    page.locator("#intervals .drawn-note").filter(has_not_text="being computed").wait_for(state="attached")
    return page


def test_two_models_on_two_tasks_are_drawn(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = ready(watched.open("two/plots.html"))
    for chart in CHARTS:
        assert page.locator(f"#{chart.key} svg.chart-drawing").count() == 1, chart.key
    for model in MODELS:
        assert page.locator("#intervals svg.chart-drawing text").filter(has_text=model).count() == 1
    assert "could not" not in page.locator("main").inner_text()
    page = watched.open("two/compare.html")
    page.locator("#tasks-of-pair svg.chart-drawing").wait_for()
    assert page.locator("#tasks-of-pair .mark-of-chart").count() == len(TASKS)
    assert "could not" not in page.locator("main").inner_text()
    page = watched.open("two/analysis.html")
    page.locator("#gap-by-task svg.chart-drawing").wait_for()
    assert page.locator("#gap-by-task .mark-of-chart").count() == len(TASKS)
    assert "could not" not in page.locator("main").inner_text()
    watched.finish()


def test_where_every_trial_failed_the_charts_say_so(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = ready(watched.open("failed/plots.html"))
    assert page.locator("#metafeatures .drawn-note").inner_text() == "No model is shown."
    assert "Times" not in page.locator("#pareto .drawn-note").inner_text()
    page = watched.open("failed/compare.html")
    page.locator("#nothing").filter(has_text="It takes two models.").wait_for()
    for path in ("plots", "compare", "analysis", "index"):
        page = watched.open(f"failed/{path}.html")
        page.wait_for_load_state("networkidle")
        assert "could not" not in page.locator("main").inner_text(), path
    watched.finish()


def test_a_chart_that_fails_says_so_and_leaves_the_others(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    watched.page.route("**/data/sensitivity.json", lambda route: route.fulfill(json={"default": {}, "tuned": {}}))
    page = ready(watched.open("two/plots.html"))
    assert page.locator("#sensitivity .drawn-note").inner_text().startswith("This chart could not be drawn: ")
    assert page.locator("#metafeatures svg.chart-drawing").count() == 1
    assert watched.complaints
    assert page.locator("#trouble").is_hidden()
    page.context.close()


def test_a_choice_that_fails_to_load_is_told_and_the_next_one_is_drawn(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = ready(watched.open("two/plots.html"))
    page.route("**/data/**", lambda route: route.abort())
    page.evaluate("location.hash = 'regime=default'")
    page.locator("#trouble").filter(has_text="What is shown is not what was chosen").wait_for()
    page.unroute("**/data/**")
    page.evaluate("location.hash = 'metric=primary'")  # as it was opened
    page.locator("#trouble").wait_for(state="hidden")
    page.evaluate("location.hash = 'regime=default'")
    page.wait_for_function("location.hash === '#regime=default'")
    ready(page)
    assert page.locator("#trouble").is_hidden()
    page.context.close()


def test_without_a_constant_predictor_the_model_that_stands_in_is_the_one_shown(browser: Browser, address: str) -> None:
    """Skill is told against the model whose errors stand in: its own is 0."""
    for reference in ("", "&reference=gone", "&reference=net"):
        watched = Watched(browser, address)
        page = watched.open(f"two/index.html#impute=reference&columns=skill_score{reference}")
        page.get_by_role("button", name="Filters").click()
        shown = page.get_by_label("Whose errors stand in").input_value()
        assert shown == ("net" if "net" in reference else "gbdt")
        page.locator("#board tbody tr").filter(has_text=shown).filter(has_text="0.000").wait_for()
        page = watched.open(f"two/plots.html#impute=reference{reference}")
        ready(page).get_by_role("button", name="Filters").click()
        assert page.get_by_label("Whose errors stand in").input_value() == shown
        assert "gone" not in page.url
        watched.finish()


def test_dots_of_errors_keep_their_size_under_the_pointer(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = watched.open("two/index.html")
    page.locator("main a[href^='models/']").first.click()
    row = page.locator("tbody tr").filter(has=page.locator(".strip")).first
    before = row.locator(".strip").first.bounding_box()
    row.hover()
    assert row.locator(".strip").first.bounding_box() == before
    assert before is not None
    assert before["width"] == 8 * 16
    watched.finish()

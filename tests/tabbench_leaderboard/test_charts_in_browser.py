"""The plots and compare pages in a real browser: every chart, every control, every download, every kind of reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import Watched, chromium, saved_chart, served, wait_until
from made_up_errors import browser_data_of, made_up_errors
from made_up_site import HOSTILE, made_up_data, made_up_site
from tabbench_leaderboard.chart_texts import CHARTS
from tabbench_leaderboard.curves import Curve, Curves
from tabbench_leaderboard.pages import TaskFeature
from tabbench_leaderboard.plot_data import curve_documents, feature_document, sensitivity_document
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.writing import write_site

from tabbench.ranking.comparison import compare_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from playwright.sync_api import Browser, Page
    from tabbench_leaderboard.chart_texts import ChartText

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "scripts" / "browser_checks" / "node_modules" / "axe-core" / "axe.min.js"
FORMULA = "=1+2"


def errors() -> pd.DataFrame:
    rows = made_up_errors(n_models=8, n_tasks=20, seed=4)
    rows["model"] = rows["model"].replace({"m6": HOSTILE, "m7": FORMULA})
    return rows.assign(task_family=rows["task"], source_hash=rows["model"])


def documents(rows: pd.DataFrame) -> dict[str, bytes]:
    models, tasks = sorted(set(rows["model"]) - {"constant"}), sorted(set(rows["task"]))

    def curves(level: float) -> tuple[Curve, ...]:
        n = (1, 2, 3, 5)
        return tuple(
            Curve(model, i > 0, 20, 60, n, tuple(0.5 * k for k in n), tuple(level - 0.02 * i * k for k in n),
                  tuple(level - 0.03 * i * k for k in n), tuple(level - 0.01 * i * k for k in n))
            for i, model in enumerate(models)
        )  # fmt: skip

    features = [TaskFeature(task, "general.inst_to_attr", 3.0 * i + 1) for i, task in enumerate(tasks)]
    made = curve_documents(Curves(curves(0.0), {task: curves(1.0) for task in tasks}))
    return made | sensitivity_document(rows, {}) | feature_document(features)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two sites under a path of their own: one of many tasks, one of few with names that mean harm."""
    folder, rows = tmp_path_factory.mktemp("built"), errors()
    many = replace(browser_data_of(rows), documents=documents(rows))
    write_site(render_site(made_up_site(), many), folder / "some where" / "many", {})
    few = replace(made_up_data(hostile=True), documents=documents(rows))
    write_site(render_site(made_up_site(hostile=True), few), folder / "some where" / "few", {})
    with served(folder) as address:
        yield f"{address}some%20where/many/"


def drawn(page: Page) -> Page:
    """The plots page once all is drawn."""
    page.locator("#metafeatures svg.chart-drawing").wait_for()
    page.locator("#intervals .drawn-note").filter(has_not_text="being computed").wait_for(state="attached")
    return page


def marks(page: Page, chart: str) -> int:
    return page.locator(f"#{chart} .mark-of-chart").count()


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_every_chart_is_drawn_and_none_is_wider_than_the_page(
    width: int, scheme: str, browser: Browser, address: str
) -> None:
    for site in ("", "../few/"):
        watched = Watched(browser, address.removesuffix("many/"), width=width, scheme=scheme)
        page = drawn(watched.open(f"many/{site}plots.html"))
        for chart in CHARTS:
            is_told = not site or chart.key != "overtuning"  # the one made by hand has no valid errors
            assert (marks(page, chart.key) > 2) == is_told, chart.key
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        watched.finish()


def test_the_legend_takes_a_series_out_and_brings_it_back(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html"))
    for chart in ("pareto", "intervals", "wins", "profiles", "curves", "overtuning", "sensitivity"):
        before = marks(page, chart)
        button = page.locator(f"#{chart} .legend button[aria-pressed=true]").first
        name = button.inner_text()
        button.focus()
        page.keyboard.press("Enter")
        again = page.locator(f"#{chart} .legend button").filter(has_text=name).first
        assert again.get_attribute("aria-pressed") == "false"
        assert marks(page, chart) < before, chart
        assert page.evaluate("document.activeElement.textContent") == name
        page.keyboard.press("Enter")
        assert marks(page, chart) == before, chart
    watched.finish()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_chart_is_saved(chart: ChartText, browser: Browser, address: str, tmp_path: Path) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html"))
    for kind in ("SVG", "PNG", "CSV"):
        assert page.get_by_role("button", name=f"Download {chart.title} as {kind}", exact=True).count() == 1
    rows = saved_chart(page, chart.key, tmp_path)
    assert len(rows) > 2
    cells = {cell for row in rows for cell in row}
    assert not any(cell.startswith("=") for cell in cells)
    if chart.key == "wins":
        assert {f"'{FORMULA}", HOSTILE} <= cells
    watched.finish()


def test_marks_tell_what_they_are_to_pointer_and_keyboard(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html"))
    for chart in CHARTS:
        first = page.locator(f"#{chart.key} .mark-of-chart[tabindex='0']")
        assert first.count() == 1, chart.key
        first.focus()
        told = page.locator(".tip").inner_text().split("\n")
        assert [line for line in told if line] == str(first.get_attribute("aria-label")).split("\n")
        before = page.evaluate("document.activeElement.getAttribute('aria-label')")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") != before
        page.keyboard.press("End")
        page.keyboard.press("Escape")
        assert page.locator(".tip").is_hidden()
    mark = page.locator("#pareto .mark-of-chart").first
    mark.hover()
    assert page.locator(".tip").is_visible()
    watched.finish()


def test_every_choice_of_every_chart_is_drawn(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html"))
    for select in page.locator(".controls select").all():
        values = select.locator("option").evaluate_all("options => options.map((o) => o.value)")
        assert len(values) > 1
        for value in values[:12]:
            select.select_option(value)
    page.locator("#metafeatures select").first.select_option("feature:general.inst_to_attr")
    assert "20 tasks" in page.locator("#metafeatures .drawn-note").inner_text()
    page.locator("#curves select").first.select_option(index=3)
    page.locator("#curves .drawn-note").filter(has_text="tuned models shown").wait_for()
    for details in page.locator("details.data summary").all():
        details.click()
    wait_until(page, f"document.querySelectorAll('details.data table').length === {len(CHARTS)}")
    watched.finish()


def test_filters_of_the_address_apply_and_go_along_to_the_next_page(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html"))
    all_tasks = marks(page, "metafeatures")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("checkbox", name="Binary").check()
    page.locator("#status").filter(has_not_text="20 of 20").wait_for()
    wait_until(page, f"document.querySelectorAll('#metafeatures .mark-of-chart').length < {all_tasks}")
    assert "types=binary" in page.url
    page.get_by_role("radio", name="Default").check()
    wait_until(page, "location.hash.includes('regime=default')")
    page.get_by_role("link", name="Compare").click()
    page.locator("#found").wait_for()
    assert "types=binary" in page.url
    assert page.get_by_role("radio", name="Default").is_checked()
    page.get_by_role("button", name="Reset").click()
    page.locator("#status").filter(has_text="20 of 20").wait_for()
    watched.finish()


def test_a_jump_to_a_chart_leaves_the_state_in_the_address(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = drawn(watched.open("plots.html#regime=default"))
    page.get_by_role("link", name="Tuning curves", exact=True).click()
    assert page.url.endswith("#regime=default")
    assert page.evaluate("document.activeElement.id") == "curves-title"
    watched.finish()


def test_two_models_are_compared_with_the_numbers_of_the_command(browser: Browser, address: str) -> None:
    rows = errors()
    rows = rows[(rows["regime"] == "tuned") & rows["model"].isin(["m1", "m2"])]
    table = rows.pivot(index=["task", "repeat", "fold"], columns="model", values="error").dropna()
    task_of = table.index.get_level_values("task").factorize()[0]
    ratio = (rows["n_test"] / rows["n_train"]).groupby(rows["task"]).mean() if "n_test" in rows else None
    n_splits = rows.groupby("task")[["repeat", "fold"]].apply(lambda s: len(s.drop_duplicates()))
    shares = (1 / (n_splits - 1) if ratio is None else ratio).reindex(sorted(set(table.index.get_level_values("task"))))
    wanted = compare_models(table[["m1", "m2"]].to_numpy(), task_of, shares.to_numpy())
    watched = Watched(browser, address)
    page = watched.open("compare.html#first=m1&second=m2")
    page.locator("#found").wait_for()
    word = "lower" if wanted.difference < 0 else "higher"
    assert page.locator("#verdict").inner_text() == (
        f"m1 wins on {wanted.won}, loses on {wanted.lost}, ties on {wanted.tied}. "
        f"Its error is {abs(wanted.difference):.2%} {word}."
    )
    cells = page.locator("#tests td.number").all_inner_texts()
    assert cells == [f"{wanted.wilcoxon.p:.3g}", f"{wanted.sign.p:.3g}"]
    beliefs = page.locator("#belief-table td").all_inner_texts()
    assert beliefs == [f"{value:.2f}" for value in wanted.signed_rank]
    assert marks(page, "tasks-of-pair") == len(wanted.tasks)
    page.get_by_role("button", name="Swap").click()
    assert page.locator("#verdict").inner_text().startswith(f"m2 wins on {wanted.lost}, loses on {wanted.won}")
    assert "first=m2" in page.url
    page.get_by_label("Second").select_option("m2")
    assert page.locator("#nothing").inner_text() == "Choose two different models."
    page.get_by_label("Second").select_option(HOSTILE)
    assert HOSTILE in page.locator("#belief-table").inner_text()
    watched.finish()


def test_model_task_and_methods_pages_are_quiet_and_stay_inside_a_phone(browser: Browser, address: str) -> None:
    watched = Watched(browser, address.replace("many", "few"), width=390)
    page = watched.open("methods.html")
    assert page.get_by_role("heading", name="Protocol").is_visible()
    for path in ("methods.html", "compare.html", *made_pages()):
        watched.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    watched.finish()


def made_pages() -> list[str]:
    files = render_site(made_up_site(hostile=True), made_up_data(hostile=True))
    return [name for name in files if name.startswith(("models/", "tasks/"))][:8]


@pytest.mark.parametrize("path", ["plots.html", "compare.html", "methods.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(path: str, scheme: str, browser: Browser, address: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe: npm ci --prefix scripts/browser_checks")
    watched = Watched(browser, address, scheme=scheme, bypass=True)
    page = watched.open(path)
    page.wait_for_load_state("networkidle")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate(
        "axe.run().then((r) => r.violations.filter((v) => ['serious', 'critical'].includes(v.impact))"
        ".map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 200))]))"
    )
    assert found == []
    page.context.close()

"""The leaderboard in a real browser: the numbers of `tabbench rank`, every control, every kind of reader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from browsing import Watched, chromium, served
from made_up_errors import browser_data_of, made_up_errors
from made_up_site import HOSTILE, made_up_data, made_up_site
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.writing import write_site

from tabbench.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AXE = Path(__file__).parents[2] / "scripts" / "browser_checks" / "node_modules" / "axe-core" / "axe.min.js"
FORMULA = "=1+2"


def errors() -> pd.DataFrame:
    """No two tasks related: `tabbench rank --from` knows of no families."""
    rows = made_up_errors(n_models=8, n_tasks=20, seed=4)
    rows["model"] = rows["model"].replace({"m6": HOSTILE, "m7": FORMULA})
    return rows.assign(task_family=rows["task"], source_hash=rows["model"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites under a path of their own: one of many tasks, one made by hand."""
    folder = tmp_path_factory.mktemp("built")
    write_site(render_site(made_up_site(), browser_data_of(errors())), folder / "some where" / "many", {})
    write_site(render_site(made_up_site(hostile=True), made_up_data(hostile=True)), folder / "few", {})
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as address:
        yield f"{address}some%20where/many/"


def settled(page: Page) -> Page:
    """The page once its intervals are drawn."""
    page.locator("#board:not([aria-busy])").wait_for()
    page.locator("#status").filter(has_not_text="being drawn").wait_for()
    return page


def shown(page: Page) -> dict[str, dict[str, str]]:
    """The cells of each row by the name of their column."""
    return dict(page.evaluate("""() => {
        const heads = Array.from(document.querySelectorAll('#board thead th'), (h) => h.dataset.column || h.className);
        return Array.from(document.querySelectorAll('#board tbody tr'), (tr) => [tr.dataset.entrant,
            Object.fromEntries(Array.from(tr.cells, (cell, i) => [heads[i],
                (cell.querySelector('.figure') || cell).textContent.trim()]).concat(
                [['ends', tr.querySelector('.ends')?.textContent ?? '']]))]);
    }"""))  # fmt: skip


def entrants(page: Page) -> list[str]:
    return [str(row.get_attribute("data-entrant")) for row in page.locator("#board tbody tr").all()]


FILTERS: list[dict[str, Any]] = [
    {},
    {"types": ["binary"]},
    {"types": ["binary", "regression"], "rows": (300, 1700), "impute": "worst"},
    {"features": (8, 22), "impute": "leave_out"},
    {"missing": (2, None), "families": ["linear", "boosted_trees"]},
    {"categorical": (None, 20), "impute": "worst"},
    {"suites": ["b"]},
    {"families": ["network", "linear"], "impute": "worst", "rows": (None, 1900)},
    {"classes": (2, 3), "impute": "constant"},
    {"types": ["multiclass", "binary"], "families": ["linear", "network"], "impute": "leave_out"},
]


def fragment(setting: dict[str, Any], regime: str) -> str:
    """The address of a view."""
    parts = [f"regime={regime}"]
    for name, value in setting.items():
        if isinstance(value, list):
            parts += [f"{name}={word}" for word in value]
        elif isinstance(value, tuple):
            low, high = ("" if end is None else end for end in value)
            parts.append(f"{name}={low}~{high}")
        else:
            parts.append(f"{name}={value}")
    return "#" + "&".join(parts)


def kept_rows(setting: dict[str, Any], regime: str) -> pd.DataFrame:
    """The rows that a reader of the settings would take by hand."""
    rows = errors()
    site = browser_data_of(rows).site
    facts = {
        "rows": lambda t: t.n_rows, "features": lambda t: t.n_columns, "classes": lambda t: t.n_classes or None,
        "missing": lambda t: 100 * t.missing_share, "categorical": lambda t: 100 * t.n_categorical / t.n_columns,
    }  # fmt: skip

    def is_within(value: float | None, low: float | None, high: float | None) -> bool:
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    tasks = [
        t.name for t in site.tasks
        if t.task_type in setting.get("types", [t.task_type])
        and (not setting.get("suites") or set(t.suites) & set(setting["suites"]))
        and all(is_within(facts[name](t), *value) for name, value in setting.items() if isinstance(value, tuple))
    ]  # fmt: skip
    models = [m.name for m in site.models if m.family in setting.get("families", [m.family])]
    return rows[(rows["regime"] == regime) & rows["task"].isin(tasks) & rows["model"].isin(models)]


@pytest.mark.parametrize("number", range(len(FILTERS)))
def test_numbers_and_intervals_equal_tabbench_rank(
    number: int, browser: Browser, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setting, regime = FILTERS[number], ("tuned", "default")[number % 2]
    rows = kept_rows(setting, regime)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    words = ["--task-column=task", "--split-column=fold", "--model-column=model", "--error-column=error",
             f"--impute={setting.get('impute', 'constant')}"]  # fmt: skip
    assert main(["rank", "--from", str(tmp_path / "rows.csv"), *words, "--json"]) == 0
    ranked = json.loads(capsys.readouterr().out)
    watched = Watched(browser, address)
    cells = shown(settled(watched.open("index.html" + fragment(setting, regime))))
    assert set(cells) == {row["model"] for row in ranked}
    assert any(row["elo_low"] is not None for row in ranked) == (rows["task"].nunique() >= 10)
    for row in ranked:
        found = cells[row["model"]]
        if not row["is_ranked"]:
            assert found["elo"] == "–"
            continue
        assert found["elo"].rstrip("*") == f"{row['elo']:.0f}"
        assert found["mean_rank"] == f"{row['mean_rank']:.2f}"
        assert found["win_rate"] == f"{100 * row['win_rate']:.1f} %"
        assert found["normalised_score"] == f"{row['normalised_score']:.3f}"
        assert found["imputed_share"] == f"{100 * row['imputed_share']:.1f} %"
        assert found["n_tasks_finished"] == f"{row['n_tasks_finished']}/{row['n_tasks']}"
        if row["elo_low"] is not None:
            assert found["ends"] == f"{row['elo_low']:.0f} to {row['elo_high']:.0f}"
            low, high = int(row["rank_low"]), int(row["rank_high"])
            assert found["rank_low"] == (f"{low}–{high}" if low != high else str(low))
            groups = ", ".join(row["groups"])
            assert found.get("groups", "told apart from all") == (
                f"groups {groups}" if groups else "told apart from all"
            )
    watched.finish()


def test_a_link_holds_the_whole_view(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = settled(watched.open())
    page.get_by_role("radio", name="Default").check()
    page.get_by_label("Rank by").select_option("normalised_score")
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("checkbox", name=re.compile("Binary")).check()
    page.get_by_label("Rows, at least").fill("200")
    page.get_by_label("Where an error is missing").select_option("worst")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Memory").uncheck()
    page.get_by_role("checkbox", name="Skill").check()
    page.get_by_role("button", name="Pin m1 to the top").click()
    page.get_by_role("button", name="Fit", exact=False).click()
    page.get_by_role("searchbox").fill("m")
    settled(page)
    before = shown(page)
    assert next(iter(before)) == "m1"
    assert "skill_score" in before["m1"]
    assert "memory_mib" not in before["m1"]
    other = Watched(browser, address)
    page = settled(other.open("index.html" + page.url.partition("index.html")[2]))
    assert shown(page) == before
    page.get_by_role("button", name="Reset").click()
    settled(page)
    assert set(shown(page)) > set(before)
    assert page.get_by_role("radio", name="Tuned", exact=True).is_checked()
    watched.finish()
    other.finish()


def test_a_click_on_a_heading_sorts_and_a_second_turns_the_order(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = settled(watched.open())
    cells = shown(page)
    ranked = [name for name in cells if cells[name]["elo"] != "–"]
    assert ranked == sorted(ranked, key=lambda name: -float(cells[name]["elo"].rstrip("*")))
    heading = page.locator("th[data-column=fit_seconds]")
    heading.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    rising = [name for name in entrants(page) if name in ranked]
    assert rising == sorted(ranked, key=lambda name: float(cells[name]["fit_seconds"]))
    page.keyboard.press("Space")  # the focus stayed on the heading
    assert heading.get_attribute("aria-sort") == "descending"
    assert [name for name in entrants(page) if name in ranked] == rising[::-1]
    assert page.locator("#board th[aria-sort]").count() == 1
    watched.finish()


def test_all_regimes_together_and_no_task_at_all(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = settled(watched.open())
    page.get_by_role("radio", name="All together").check()
    settled(page)
    assert {"m1 (default)", "m1 (tuned)", "constant (default)"} <= set(entrants(page))
    assert "constant (tuned)" not in entrants(page)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Rows, at least").fill("1000000")
    settled(page)
    assert entrants(page) == []
    assert page.locator("#no-rows").is_visible()
    watched.finish()


def test_the_first_page_works_from_disk_with_all_its_filters(browser: Browser, folder: Path) -> None:
    watched = Watched(browser, (folder / "some where" / "many").as_uri() + "/")
    page = settled(watched.open())
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("checkbox", name=re.compile("Regression")).check()
    page.get_by_role("checkbox", name=re.compile("Binary")).check()
    settled(page)
    assert "95 % intervals" in page.locator("#status").inner_text()
    watched.finish()


def test_names_that_mean_harm_stay_text_and_files_hold_no_formula(
    browser: Browser, address: str, folder: Path, tmp_path: Path
) -> None:
    watched = Watched(browser, address)
    page = settled(watched.open())
    assert page.get_by_text(HOSTILE).count() >= 1
    assert page.locator("img").count() == 0
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save CSV").click()
    waiting.value.save_as(tmp_path / "saved.csv")
    text = (tmp_path / "saved.csv").read_text(encoding="utf-8-sig")
    assert f"'{FORMULA}" in text
    assert not [cell for line in text.splitlines() for cell in line.split(",") if cell.lstrip('"').startswith("=")]
    for words in ("query=<img src=x onerror=alert(1)>&pinned=<script>", "sort=__proto__&by=gone&regime=gone&metric=x",
                  "columns=constructor&rows=a~b&impute=&seen=1&types=1", "%E0%A4%A"):  # fmt: skip
        page.goto(f"{address}index.html#{words}")
        page.reload()
        settled(page)
        assert page.locator("#board thead th").count() >= 4
    watched.finish()
    few = Watched(browser, (folder / "few").as_uri() + "/")
    for path in sorted(p.relative_to(folder / "few").as_posix() for p in (folder / "few").rglob("*.html")):
        if "static" in (folder / "few" / path).read_text(encoding="utf-8"):
            few.open(path)
    few.page.context.close()
    assert not [text for text in few.complaints if "alert" in text or text == "1"]


@pytest.mark.parametrize(("width", "scheme"), [(1360, "light"), (1360, "dark"), (390, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(width: int, scheme: str, browser: Browser, address: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe: npm ci --prefix scripts/browser_checks")
    watched = Watched(browser, address, width=width, scheme=scheme, bypass=True)
    page = settled(watched.open("index.html#pinned=m1&types=binary&types=regression"))
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("button", name="Columns").click()
    page.add_script_tag(path=AXE)
    page.add_script_tag(content="var isSerious = (found) => ['serious', 'critical'].includes(found.impact);")
    found = page.evaluate(
        "axe.run().then((r) => r.violations.filter(isSerious).map((v) => [v.id, v.nodes.map((n) => n.html)]))"
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    watched.finish()


def test_without_scripts_the_table_stands(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}index.html")
    assert page.locator("#board tbody tr").count() == 8
    assert page.locator("#controls").is_hidden()
    context.close()


def test_figures_of_the_page_stay_inside_their_drawing(browser: Browser, address: str) -> None:
    watched = Watched(browser, address)
    page = settled(watched.open())
    places = page.evaluate(
        "Array.from(document.querySelectorAll('.interval circle'), (c) => Number(c.getAttribute('cx')))"
    )
    assert len(places) > 3
    assert np.all((np.array(places) >= 0) & (np.array(places) <= 150))
    watched.finish()

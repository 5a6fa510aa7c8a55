import json
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from made_up_site import pages_in
from synthetic_store import make_store
from tabbench_leaderboard.gather import Gathered, gather
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.rendering import render_site
from tabbench_leaderboard.standings import results_of, standings_of

from tabbench.cli.main import main
from tabbench.cli.site import rows_by
from tabbench.documents import DatasetRow, SuiteRow
from tabbench.errors import StoreError, UnknownNameError
from tabbench.findings import FindingRow
from tabbench.hashing import content_id
from tabbench.store.documents import write_document
from tabbench.store.layout import Store

HOSTILE = "<img src=x onerror=alert(1)>"
NUMBERS = ("mean_rank", "normalised_score", "win_rate", "fit_seconds", "predict_seconds", "search_seconds",
           "imputed_share")  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"), models=("constant", "ridge", "trees", "boosting"))


def gathered(store: Store, suite: str | None = None) -> Gathered:
    """As `tabbench site build` reads a store."""
    return gather(store, partial(rows_by, store.root, suite, None, False), suite)


@pytest.fixture(scope="module")
def read(store: Store) -> Gathered:
    """The store, read once."""
    return gathered(store)


def test_the_site_shows_the_numbers_of_tabbench_rank(
    store: Store, read: Gathered, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rank", "--store", str(store.root), "--json"]) == 0
    ranked = {(r["model"], r["regime"]): r for r in json.loads(capsys.readouterr().out)}
    site = read.site
    assert {(s.model, s.regime) for s in site.standings} == set(ranked)
    for standing in site.standings:
        row = ranked[standing.model, standing.regime]
        assert {name: getattr(standing, name) for name in NUMBERS} == {name: row[name] for name in NUMBERS}
        assert standing.n_finished == row["n_tasks_finished"]


def test_the_page_opens_with_every_digit_of_tabbench_rank(
    store: Store, read: Gathered, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rank", "--store", str(store.root), "--json"]) == 0
    ranked = [row for row in json.loads(capsys.readouterr().out) if row["regime"] == "tuned"]
    page = render_site(*read)["index.html"].decode()
    first = json.loads(re.findall(r'id="first-view">(.*?)</script>', page, re.DOTALL)[0])
    assert first["regime"] == "tuned"
    assert [row["entrant"] for row in first["rows"]] == [row["model"] for row in ranked]
    names = (*NUMBERS, "elo", "improvability", "n_tasks_finished", "is_ranked", "groups", "optimism")
    for row, other in zip(first["rows"], ranked, strict=True):
        for name in names:
            is_number = isinstance(other[name], float)
            assert row[name] == (pytest.approx(other[name], rel=1e-12) if is_number else other[name]), name
    for row in ranked:
        if row["elo"] is not None:
            assert f'<td class="number">{row["elo"]:.0f}</td>' in page


def test_the_mean_of_the_task_ranks_is_the_mean_rank(read: Gathered) -> None:
    site = read.site
    for standing in site.standings:
        ranks = [r.rank for r in site.results if (r.model, r.regime) == (standing.model, standing.regime)]
        known = [rank for rank in ranks if rank is not None]
        assert (sum(known) / len(known) if known else None) == pytest.approx(standing.mean_rank)


@pytest.mark.slow
def test_a_task_whose_dataset_has_several_cards_is_shown_once_with_the_card_that_fits(tmp_path: Path) -> None:
    """Tables changed by `~rows=` and the like share the hash of the table that they are made of."""
    store = make_store(tmp_path, models=("constant", "ridge"), n_folds=1, n_trials=1)
    for n_rows in (20, 100, 50):
        write_document(store, "datasets", DatasetRow(
            dataset_hash=content_id(["bundled/alpha"]), dataset="alpha", version=1, title=f"Alpha, {n_rows} rows",
            n_rows=n_rows, source="", licence="", origin="", family="alpha", citation="", openml_id=None, traps="[]",
            columns='[{"name": "x", "kind": "numeric", "role": "feature"}]',
        ))  # fmt: skip
    site = gathered(store).site
    assert [task.name for task in site.tasks] == ["bundled/alpha", "bundled/beta", "bundled/gamma"]
    assert site.n_ranked_tasks == 3
    assert site.tasks[0].title == "Alpha, 100 rows"


def test_timeouts_stand_on_the_pages_with_their_reason(read: Gathered) -> None:
    site = read.site
    assert sum(f.n_trials for f in site.failures) > 0
    assert {f.status for f in site.failures} == {"timeout"}
    assert all(f.reason for f in site.failures)


def test_the_chosen_configuration_has_the_least_valid_error(store: Store, read: Gathered) -> None:
    from tabbench.store.database import open_database

    with open_database(store) as connection:
        least = {
            (model, task, fold): error
            for model, task, fold, error in connection.execute(
                "select model, task, fold, min(valid_error) from trials where status = 'ok' group by all"
            ).fetchall()
        }
    site = read.site
    assert site.best_configs
    for best in site.best_configs:
        assert best.valid_error == least[best.model, best.task, best.fold]


@pytest.mark.slow
def test_a_store_read_twice_gives_the_same_bytes(store: Store, read: Gathered) -> None:
    assert render_site(*gathered(store)) == render_site(*read)


def test_a_missing_and_an_empty_store_are_refused_with_a_way_on(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no store at .*tabbench run"):
        gathered(Store(tmp_path / "absent"))
    with pytest.raises(StoreError, match=r"no finished trials.*tabbench run"):
        gathered(Store(tmp_path / "empty").create())


def test_an_unknown_suite_is_named(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="suite"):
        gathered(store, "absent")


def frame(errors: dict[str, list[float]], task_of: list[str]) -> pd.DataFrame:
    """Rows of one regime: errors by model, one a split."""
    folds = [task_of[:place].count(task) for place, task in enumerate(task_of)]
    return pd.DataFrame(
        [
            {"model": model, "regime": "tuned", "task": task, "repeat": 0, "fold": fold, "error": error,
             "fit_seconds": 1.0, "predict_seconds": 0.5, "search_seconds": 2.0}
            for model, values in errors.items()
            for task, fold, error in zip(task_of, folds, values, strict=True)
        ]
    )  # fmt: skip


def test_a_gap_is_ranked_by_the_constant_and_says_so() -> None:
    gap = float("nan")
    rows = frame({"constant": [9.0] * 11, "a": [gap, *[1.0] * 10], "b": [2.0] * 11}, ["s"] * 6 + ["t"] * 5)
    found = {(r.model, r.task): r for r in results_of(rows)}
    assert found["a", "s"].error is None
    assert found["a", "s"].is_imputed
    assert [s.error for s in found["a", "s"].splits] == [None, *[1.0] * 5]
    assert found["a", "s"].rank == pytest.approx((2.5 + 5 * 1) / 6)  # ties with the constant on the first split
    assert found["b", "s"].rank == pytest.approx((1 + 5 * 2) / 6)
    assert not found["a", "t"].is_imputed
    standing = next(s for s in standings_of(rows)[0] if s.model == "a")
    assert standing.mean_rank == pytest.approx((found["a", "s"].rank + 1) / 2)
    assert standing.imputed_share == pytest.approx(1 / 12)


def test_a_model_with_too_many_gaps_has_errors_and_no_rank() -> None:
    gap = float("nan")
    rows = frame({"constant": [9.0] * 3, "a": [gap, 1.0, 1.0], "b": [2.0] * 3}, ["s"] * 3)
    found = {r.model: r for r in results_of(rows)}
    assert (found["a"].rank, found["a"].is_imputed, found["a"].error) == (None, False, None)
    assert found["b"].rank == 1.0


@pytest.mark.slow
def test_tasks_that_were_run_by_name_are_not_called_the_suite_that_they_are_of(tmp_path: Path) -> None:
    store = make_store(tmp_path, tasks=("bundled/alpha", "bundled/beta"))
    assert gathered(store).site.suite == "demo"
    rows = [SuiteRow(suite="of_all", version=1, task=f"bundled/{task}", is_ranked=True, title="", citation="")
            for task in ("alpha", "beta", "gamma")]  # fmt: skip
    shutil.rmtree(store.root / "documents" / "suites")
    write_document(store, "suites", rows)
    store.database.unlink()
    assert gathered(store).site.suite == ""
    assert gathered(store, "of_all").site.suite == "of_all"


@pytest.mark.slow
def test_a_smoke_task_has_a_page_without_ranks(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    row = SuiteRow(suite="s", version=1, task="bundled/beta", is_ranked=False, title="", citation="")
    write_document(store, "suites", row)
    read = gathered(store)
    site = read.site
    assert {t.name: t.is_ranked for t in site.tasks} == {
        "bundled/alpha": True,
        "bundled/beta": False,
        "bundled/gamma": True,
    }
    smoke = [r for r in site.results if r.task == "bundled/beta"]
    assert {r.model for r in smoke} == {"constant", "ridge", "trees"}
    assert all(r.rank is None for r in smoke)
    assert site.n_ranked_tasks == 2
    assert "not ranked" in pages_in(render_site(*read))[page_name("tasks", "bundled/beta")]


@pytest.mark.slow
def test_names_in_a_store_that_mean_harm_stay_text(tmp_path: Path) -> None:
    store = make_store(tmp_path, models=("constant", HOSTILE), tasks=("bundled/alpha", "../../x", "</script>"))
    pages = pages_in(render_site(*gathered(store)))
    assert len(pages) >= 2 + 2 + 3
    assert all(re.fullmatch(r"[a-z]+\.html|(tasks|models)/[a-z0-9-]+\.html", path) for path in pages)
    for page in pages.values():
        assert "<img" not in page
        assert page.count("<script") == page.count("</script>")
    assert "&lt;img src=x onerror=alert(1)&gt;" in pages["index.html"]


@pytest.mark.slow
def test_findings_stand_on_the_page_of_their_task(tmp_path: Path) -> None:
    store = make_store(tmp_path, models=("constant", "ridge"))
    row = FindingRow(
        task_hash=content_id("bundled/alpha"), splits_hash=content_id(["bundled/alpha", "splits"]), dataset_hash="d",
        task="bundled/alpha", check_name="id_column", severity="note", message=f"'{HOSTILE}' names every row.",
        columns_at_fault=(HOSTILE, *"abcdefg"), rows_at_fault=(3, 5),
    )  # fmt: skip
    worse = replace(row, check_name="duplicate_rows", severity="fault", message="Twins.", columns_at_fault=())
    elsewhere = replace(row, splits_hash="other")
    write_document(store, "findings", [row, worse])
    write_document(store, "findings", [elsewhere])
    read = gathered(store)
    tasks = {task.name: task for task in read.site.tasks}
    assert [f.severity for f in tasks["bundled/alpha"].findings] == ["fault", "note"]
    assert tasks["bundled/beta"].findings == ()
    pages = pages_in(render_site(*read))
    page = next(text for name, text in pages.items() if "alpha" in name)
    text = " ".join(page.split())
    assert "Twins. Rows (from 0): 3, 5." in text
    assert "&lt;img src=x onerror=alert(1)&gt;, a, b, c, d, e, …." in text
    assert HOSTILE not in page

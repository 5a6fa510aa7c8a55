import json
import re
from pathlib import Path

import pytest
from synthetic_store import make_store
from tabbench_leaderboard.gather import gather
from tabbench_leaderboard.rendering import render_site

from tabbench.cli.main import main
from tabbench.errors import StoreError, UnknownNameError
from tabbench.store.layout import Store

NUMBERS = ("mean_rank", "normalised_score", "win_rate", "fit_seconds", "predict_seconds", "search_seconds",
           "imputed_share")  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"), models=("constant", "ridge", "trees", "boosting"))


def test_the_site_shows_the_numbers_of_tabbench_rank(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", str(store.root), "--json"]) == 0
    ranked = {(r["model"], r["regime"]): r for r in json.loads(capsys.readouterr().out)}
    site = gather(store)
    assert {(s.model, s.regime) for s in site.standings} == set(ranked)
    for standing in site.standings:
        row = ranked[standing.model, standing.regime]
        assert {name: getattr(standing, name) for name in NUMBERS} == {name: row[name] for name in NUMBERS}
        assert standing.n_finished == row["n_tasks_finished"]


def test_the_page_itself_holds_every_digit_of_tabbench_rank(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", str(store.root), "--json"]) == 0
    ranked = json.loads(capsys.readouterr().out)
    page = render_site(gather(store))["index.html"]
    for regime in ("default", "tuned"):
        body = re.findall(rf'<tbody data-regime="{regime}">(.*?)</tbody>', page, re.DOTALL)[0]
        rows = [r for r in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL) if "data-value" in r]
        shown = [re.findall(r'data-value="([^"]*)"', row) for row in rows]
        expected = [r for r in ranked if r["regime"] == regime]
        assert [cells[0] for cells in shown] == [r["model"] for r in expected]
        for cells, row in zip(shown, expected, strict=True):
            order = (*NUMBERS[:-1], "n_tasks_finished", "imputed_share")
            assert [float(c) for c in cells[1:]] == [row[name] for name in order if row[name] is not None]


def test_the_mean_of_the_task_ranks_is_the_mean_rank(store: Store) -> None:
    site = gather(store)
    for standing in site.standings:
        ranks = [r.rank for r in site.results if (r.model, r.regime) == (standing.model, standing.regime)]
        known = [rank for rank in ranks if rank is not None]
        assert (sum(known) / len(known) if known else None) == pytest.approx(standing.mean_rank)


def test_timeouts_stand_on_the_pages_with_their_reason(store: Store) -> None:
    site = gather(store)
    assert sum(f.n_trials for f in site.failures) > 0
    assert {f.status for f in site.failures} == {"timeout"}
    assert all(f.reason for f in site.failures)


def test_the_chosen_configuration_has_the_least_valid_error(store: Store) -> None:
    from tabbench.store.database import open_database

    with open_database(store) as connection:
        least = {
            (model, task, fold): error
            for model, task, fold, error in connection.execute(
                "select model, task, fold, min(valid_error) from trials where status = 'ok' group by all"
            ).fetchall()
        }
    site = gather(store)
    assert site.best_configs
    for best in site.best_configs:
        assert best.valid_error == least[best.model, best.task, best.fold]


def test_a_store_read_twice_gives_the_same_bytes(store: Store) -> None:
    assert render_site(gather(store)) == render_site(gather(store))


def test_a_missing_and_an_empty_store_are_refused_with_a_way_on(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no store at .*tabbench run"):
        gather(Store(tmp_path / "absent"))
    with pytest.raises(StoreError, match=r"no finished trials.*tabbench run"):
        gather(Store(tmp_path / "empty").create())


def test_an_unknown_suite_is_named(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="suite"):
        gather(store, "absent")

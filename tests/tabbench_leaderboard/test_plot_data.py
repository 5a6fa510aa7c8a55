"""The files that the plots load, and the numbers of the compare page, against the commands'."""

import base64
import json
from functools import partial
from typing import Any

import pytest
from scripts_in_node import Call, call_all
from synthetic_store import make_store
from tabbench_leaderboard.curves import curves_of
from tabbench_leaderboard.gather import Gathered, gather
from tabbench_leaderboard.naming import page_name

from tabbench.cli.main import main
from tabbench.cli.site import rows_by
from tabbench.store.database import open_database
from tabbench.store.layout import Store

pytestmark = pytest.mark.slow  # a store, and the commands on it


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("store"), n_trials=3)


@pytest.fixture(scope="module")
def found(store: Store) -> Gathered:
    return gather(store, partial(rows_by, store.root, None, None, False))


def document(found: Gathered, path: str) -> Any:
    return json.loads(found.data.documents[path])


def test_sensitivity_is_that_of_the_command(store: Store, found: Gathered, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--store", str(store.root), "--sensitivity", "--json"]) == 0
    wanted = json.loads(capsys.readouterr().out)
    given = document(found, "data/sensitivity.json")
    assert set(given) == {"default", "tuned"}
    for regime, told in given.items():
        rows = [{k: v for k, v in row.items() if k != "pool"} for row in wanted if row["pool"] == regime]
        assert told["variants"] == rows
        assert [one["place"] for one in told["models"]] == sorted(one["place"] for one in told["models"])


def test_curves_are_those_of_the_stored_trials(store: Store, found: Gathered) -> None:
    with open_database(store) as connection:
        trials = connection.execute("select * from trials order by model, task, fold, trial").df()
    wanted = curves_of(trials)
    given = document(found, "data/curves.json")
    assert [(c["model"], c["error"]) for c in given["over_tasks"]] == [
        (c.model, pytest.approx(list(c.error))) for c in wanted.over_tasks
    ]
    assert set(given["files"]) == {"bundled/alpha", "bundled/beta", "bundled/gamma"}
    alpha = document(found, given["files"]["bundled/alpha"])
    assert given["files"]["bundled/alpha"] == page_name("data/curves", "bundled/alpha").replace(".html", ".json")
    assert [c["model"] for c in alpha] == [c.model for c in wanted.by_task["bundled/alpha"]]
    assert alpha[0]["seconds"] == pytest.approx(list(wanted.by_task["bundled/alpha"][0].seconds))


def test_the_compare_page_has_the_numbers_of_the_command(
    store: Store, found: Gathered, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "trees", "ridge", "--store", str(store.root), "--json"]) == 0
    wanted = {one["regime"]: one for one in json.loads(capsys.readouterr().out)}
    site = json.loads(found.data.site.to_json())
    names = [model["name"] for model in site["models"]]
    pair = [names.index("trees"), names.index("ridge")]
    regimes = sorted(wanted)
    files = {v["regime"]: v["file"] for v in site["views"] if v["metric"] == "primary"}
    asked = [
        Call("../../tests/tabbench_leaderboard/scripts/compare_in_node.mjs", "compared",
             (site, base64.b64encode(found.data.arrays[files[regime]].to_bytes()).decode(), files[regime], pair))
        for regime in regimes
    ]  # fmt: skip
    for regime, answer in zip(regimes, call_all(asked), strict=True):
        one = wanted[regime]
        assert answer["nLeftOut"] == one["n_splits_left_out"]
        comparison = answer["comparison"]
        for mine, theirs in (("won", "won"), ("lost", "lost"), ("tied", "tied"), ("difference", "difference")):
            assert comparison[mine] == pytest.approx(one[theirs], rel=1e-12)
        assert comparison["wilcoxon"]["p"] == pytest.approx(one["wilcoxon"]["p"], rel=1e-11)
        assert comparison["sign"]["p"] == pytest.approx(one["sign"]["p"], rel=1e-11)
        assert one["this_suite"] is not None
        assert comparison["thisSuite"] == pytest.approx(one["this_suite"], rel=1e-9)
        assert comparison["newTasks"] is None
        assert one["new_tasks"] is None
        assert comparison["signedRank"] == pytest.approx(one["signed_rank"], abs=2e-5)
        for task, there in zip(comparison["tasks"], one["tasks"], strict=True):
            assert site["tasks"][task["task"]]["name"] == there["task"]
            assert task["p"] == pytest.approx(there["difference"]["p"], rel=1e-9)
            assert task["firstError"] == pytest.approx(there["first_error"], rel=1e-12)
        assert set(answer["advice"]) <= set(one["advice"])


def test_what_was_tried_and_by_which_protocol_is_told(found: Gathered) -> None:
    settings = [s for s in found.site.settings if s.model == "ridge"]
    assert settings
    assert all(s.default or s.tried for s in settings)
    assert [p.name for p in found.site.protocols] == ["synthetic"]

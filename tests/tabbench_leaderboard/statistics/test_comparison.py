"""The comparison of two models in the browser against that of `tabbench compare`."""

from typing import Any

import numpy as np
import pytest
from scripts_in_node import Call, call_all

from tabbench.ranking import comparison
from tabbench.ranking.comparison import Comparison, compare_models

SCRIPT = "statistics/comparison.js"
Case = tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]


def case(n_tasks: int, n_splits: int, seed: int, n_families: int = 100) -> Case:
    rng = np.random.default_rng(seed)
    task_of = np.repeat(np.arange(n_tasks), n_splits)
    level = rng.gamma(3.0, size=(n_tasks, 1))[task_of]
    errors = level * rng.uniform(0.8, 1.2, size=(len(task_of), 2)) * [1.0, 1.05]
    errors[: n_splits * (n_tasks // 4), 1] = errors[: n_splits * (n_tasks // 4), 0]  # ties
    return errors, task_of, rng.uniform(0.1, 0.5, n_tasks), [f"family {i % n_families}" for i in range(n_tasks)]


FAR = (np.array([[0.1, 1.0], [0.4, 1.0]]), np.zeros(2, dtype=int), np.array([0.25]), ["far"])
"""Student's t alone would put the ends at -3.08 and 1.58."""
CASES = [case(12, 3, 0), case(30, 5, 1, n_families=17), case(9, 2, 2), case(14, 1, 3), case(1, 10, 4), FAR]


def arguments(errors: np.ndarray, task_of: np.ndarray, ratios: np.ndarray, families: list[str]) -> tuple[Any, ...]:
    return (
        [
            {"task": int(t), "family": families[t], "testPerTrain": float(ratios[t]),
             "first": errors[task_of == t, 0].tolist(), "second": errors[task_of == t, 1].tolist()}
            for t in range(len(ratios))
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def found() -> list[dict[str, Any]]:
    return call_all([Call(SCRIPT, "compareModels", arguments(*one)) for one in CASES])


@pytest.fixture(scope="module")
def wanted() -> list[Comparison]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "_hierarchy", lambda *_: None)  # seconds, and not made in the browser
        return [compare_models(e, t, q, families) for e, t, q, families in CASES]


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


def test_counts_differences_and_tests_over_tasks_are_the_commands(
    found: list[dict[str, Any]], wanted: list[Comparison]
) -> None:
    for answer, one in zip(found, wanted, strict=True):
        assert (answer["won"], answer["lost"], answer["tied"]) == (one.won, one.lost, one.tied)
        assert answer["difference"] == close(one.difference)
        assert answer["wilcoxon"] == close(one.wilcoxon._asdict())
        assert answer["sign"] == close(one.sign._asdict())


def test_intervals_are_the_commands_and_missing_where_it_has_none(
    found: list[dict[str, Any]], wanted: list[Comparison]
) -> None:
    assert [one.new_tasks is None for one in wanted] == [False, False, True, False, True, True]
    assert [one.this_suite is None for one in wanted] == [False, False, False, True, False, False]
    for answer, one in zip(found, wanted, strict=True):
        assert answer["newTasks"] == (None if one.new_tasks is None else close(one.new_tasks._asdict()))
        assert answer["thisSuite"] == (None if one.this_suite is None else close(one.this_suite._asdict()))
    assert found[-1]["thisSuite"] == found[-1]["tasks"][0]["interval"] == {"low": -1, "high": 1}


def test_beliefs_are_the_commands_draw_by_draw(found: list[dict[str, Any]], wanted: list[Comparison]) -> None:
    for answer, one in zip(found, wanted, strict=True):
        assert answer["signedRank"] == pytest.approx(one.signed_rank._asdict(), abs=2e-5)  # one draw of 50,000


def test_each_task_is_tested_as_by_the_command(found: list[dict[str, Any]], wanted: list[Comparison]) -> None:
    for answer, one in zip(found, wanted, strict=True):
        for task, there in zip(answer["tasks"], one.tasks, strict=True):
            assert (task["firstError"], task["secondError"]) == close((there.first_error, there.second_error))
            assert task["difference"] == close(there.difference.mean)
            if there.n_splits == 1:
                assert (task["interval"], task["p"], task["beliefs"]) == (None, None, None)
                continue
            assert task["p"] == close(there.difference.p)
            assert task["interval"] == close({"low": there.difference.low, "high": there.difference.high})
            assert there.beliefs is not None
            assert task["beliefs"] == close(there.beliefs._asdict())

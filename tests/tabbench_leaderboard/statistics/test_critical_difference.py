"""What the diagrams of the plots page rest on, against tabbench.ranking."""

import numpy as np
import pytest
from scripts_in_node import Call, call, call_all

from tabbench.ranking.critical_difference import critical_difference
from tabbench.ranking.friedman import nemenyi_difference
from tabbench.ranking.profiles import performance_profiles
from tabbench.ranking.ranks import split_ranks

SCRIPT = "statistics/critical_difference.js"


def errors_of(n_tasks: int, n_models: int, spread: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    errors = rng.gamma(3.0, size=(n_tasks, 1)) * (
        1 + spread * np.arange(n_models) + rng.uniform(0, 0.2, (n_tasks, n_models))
    )
    errors[: n_tasks // 3, 1] = errors[: n_tasks // 3, 0]  # ties
    return errors


def test_friedman_pairs_and_nemenyi_are_those_of_the_command() -> None:
    cases = [errors_of(12, 5, 0.03, 0), errors_of(25, 8, 0.01, 1), errors_of(11, 4, 0.0, 2), errors_of(3, 3, 0.05, 3)]
    found = call_all([
        Call(SCRIPT, "criticalDifference", (e.ravel().tolist(), split_ranks(e).ravel().tolist(), e.shape[1]))
        for e in cases
    ])  # fmt: skip
    is_any_apart = False
    for answer, errors in zip(found, cases, strict=True):
        wanted = critical_difference(errors)
        assert answer["friedman"]["f"] == pytest.approx(wanted.friedman.f, rel=1e-10)
        assert answer["friedman"]["p"] == pytest.approx(wanted.friedman.f_p, rel=1e-9)
        assert tuple(answer["friedman"]["degrees"]) == wanted.friedman.f_degrees
        assert answer["meanRanks"] == pytest.approx(wanted.mean_ranks.tolist())
        assert answer["isApart"] == wanted.is_apart.tolist()
        assert answer["nemenyi"] == pytest.approx(nemenyi_difference(errors.shape[1], len(errors)), rel=1e-7)
        is_any_apart |= bool(wanted.is_apart.any())
    assert is_any_apart


def test_friedman_of_tasks_that_all_agree_is_infinitely_sure() -> None:
    ranks = [1.0, 2.0, 3.0] * 4
    assert call(SCRIPT, "friedman", ranks, 3)["p"] == 0


def test_profiles_are_those_of_python() -> None:
    errors = np.random.default_rng(4).gamma(2.0, size=(17, 6))
    errors[3] = 0.0
    errors[4, 2] = 0.0
    task_of = np.sort(np.random.default_rng(5).integers(0, 5, 17))
    task_of = np.unique(task_of, return_inverse=True)[1]
    ratios = np.geomspace(1, 30, 9)
    found = call(
        "statistics/profiles.js", "performanceProfiles", errors.ravel().tolist(), 6, task_of.tolist(), ratios.tolist()
    )
    np.testing.assert_allclose(found, performance_profiles(errors, task_of, ratios), rtol=0, atol=1e-12)

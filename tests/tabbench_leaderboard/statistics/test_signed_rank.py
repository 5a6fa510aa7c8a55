"""The tests of two models in the browser against those of `tabbench compare`."""

import numpy as np
import pytest
from scripts_in_node import Call, call, call_all

from tabbench.ranking import signed_rank

SCRIPT = "statistics/signed_rank.js"


def samples() -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    exact = [rng.normal(0.2, 1.0, n) for n in (1, 4, 11, 50)]
    tied = [np.round(rng.normal(0.3, 1.0, n), 1) for n in (6, 30, 80)]
    return [*exact, *tied, rng.normal(size=51), np.zeros(5), np.array([0.0, 0.0, 0.5])]


def test_wilcoxons_and_the_sign_test_are_those_of_the_command() -> None:
    found = call_all([Call(SCRIPT, "wilcoxon", (d.tolist(),)) for d in samples()])
    for answer, d in zip(found, samples(), strict=True):
        wanted = signed_rank.wilcoxon(d)
        assert (answer["statistic"], answer["n"]) == (wanted.statistic, wanted.n)
        assert answer["p"] == pytest.approx(wanted.p, rel=1e-11)
    found = call_all([Call(SCRIPT, "signTest", (d.tolist(),)) for d in samples()])
    for answer, d in zip(found, samples(), strict=True):
        wanted = signed_rank.sign_test(d)
        assert (answer["statistic"], answer["n"]) == (wanted.statistic, wanted.n)
        assert answer["p"] == pytest.approx(wanted.p, rel=1e-11)


def test_every_pair_is_tested_and_adjusted_as_by_the_command() -> None:
    errors = np.random.default_rng(2).gamma(2.0, size=(14, 7))
    errors[:5, 1] = errors[:5, 0]
    matrix = call(SCRIPT, "pairwiseWilcoxon", errors.ravel().tolist(), 7)
    np.testing.assert_allclose(matrix, signed_rank.pairwise_wilcoxon(errors), rtol=1e-11)


def test_ends_of_intervals_are_cut_as_by_the_command() -> None:
    for differences in ([-0.9, 0.5], [-1.5, 0.5], [1.0 + 1e-12]):
        low, high = signed_rank.possible_ends(-1.7, 2.5, np.array(differences))
        assert call(SCRIPT, "possibleEnds", -1.7, 2.5, differences) == {"low": low, "high": high}


def test_relative_differences_are_those_of_the_command() -> None:
    pairs = [(0.97, 1.0), (0.0, 0.5), (0.0, 0.0), (1.0, 1.0 + 1e-12), (-2.0, 1.0)]
    found = call_all([Call(SCRIPT, "relativeDifference", pair) for pair in pairs])
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    assert found == signed_rank.relative_difference(a, b).tolist()

"""Friedman's test and Nemenyi's difference give the figures that stand in print."""

from __future__ import annotations

import numpy as np
import pytest
from published_results import demsar_errors, garcia_herrera_errors
from scipy import stats

from tabbench.ranking.friedman import friedman, nemenyi_difference


def test_demsar_2006():
    """Demšar (2006), section 3.2.2: χ² = 9.28, F = 3.69 with (3, 39) degrees of freedom, CD = 1.25."""
    found = friedman(demsar_errors(), correct_ties=False)
    assert (round(found.chi2, 2), round(found.f, 2), found.f_degrees) == (9.28, 3.69, (3, 39))
    assert round(nemenyi_difference(4, 14), 2) == 1.25


def test_scmamp():
    """The vignette of R's scmamp: 39.647, 14.309; its Nemenyi CD 1.1277 has n k - k degrees of freedom."""
    found = friedman(garcia_herrera_errors(), correct_ties=False)
    assert (round(found.chi2, 3), round(found.f, 3)) == (39.647, 14.309)
    assert round(nemenyi_difference(5, 30, degrees=30 * 5 - 5), 4) == 1.1277


def test_with_ties_it_is_scipys():
    errors = np.random.default_rng(0).integers(0, 4, size=(20, 5)).astype(float)
    found, expected = friedman(errors), stats.friedmanchisquare(*errors.T)
    assert found.chi2 == pytest.approx(expected.statistic)
    assert found.chi2_p == pytest.approx(expected.pvalue)


def test_f_with_ties_is_the_analysis_of_variance_of_ranks():
    ranks = stats.rankdata(np.random.default_rng(1).integers(0, 3, size=(12, 4)), axis=1)
    models = 12 * ((ranks.mean(axis=0) - 2.5) ** 2).sum() / 3
    rest = ((ranks - ranks.mean(axis=0)) ** 2).sum() / 33
    assert friedman(ranks).f == pytest.approx(models / rest)


def test_equal_models_and_perfect_agreement_are_the_two_ends():
    assert friedman(np.ones((5, 3))).f_p == 1
    assert friedman(np.tile([1.0, 2.0, 3.0], (5, 1))).f_p == 0


@pytest.mark.parametrize("shape", [(1, 3), (5, 1)])
def test_too_little_is_refused(shape: tuple[int, int]):
    with pytest.raises(ValueError, match="at least two"):
        friedman(np.ones(shape))


@pytest.mark.slow
def test_the_level_is_kept_when_models_are_alike():
    """Nominal 0.05 for F; found 0.062 over 1000 times 10 tasks and 5 models."""
    rng = np.random.default_rng(2)
    wrong = np.mean([friedman(rng.normal(size=(10, 5))).f_p <= 0.05 for _ in range(1000)])
    assert wrong == pytest.approx(0.05, abs=0.02)

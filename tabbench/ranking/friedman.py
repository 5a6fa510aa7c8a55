"""Do models differ over tasks at all: Friedman, Iman and Davenport, and Nemenyi's critical difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.ranks import split_ranks

if TYPE_CHECKING:
    from tabbench.task import FloatArray


class Friedman(NamedTuple):
    """Friedman's test and Iman and Davenport's correction of it.

    Attributes:
        chi2: Friedman's statistic.
        chi2_degrees: n_models - 1.
        chi2_p: Its p-value by χ².
        f: Iman and Davenport's statistic; infinite when all tasks agree.
        f_degrees: (n_models - 1, (n_models - 1)(n_tasks - 1)).
        f_p: Its p-value by F.
        is_corrected_for_ties: Whether χ² was divided by the factor for ties.
    """

    chi2: float
    chi2_degrees: int
    chi2_p: float
    f: float
    f_degrees: tuple[int, int]
    f_p: float
    is_corrected_for_ties: bool


def friedman(errors: FloatArray, correct_ties: bool = True) -> Friedman:
    """Test that all models are alike on every task, from the ranks within tasks.

    χ² = 12 n / (k (k + 1)) (Σ R_j² - k (k + 1)² / 4), for n tasks, k models, mean ranks R_j; with ties divided by
    1 - Σ (t³ - t) / (n k (k² - 1)) over groups of t tied models. F = (n - 1) χ² / (n (k - 1) - χ²). χ² is conservative,
    F is the one to read.

    Source: Demšar (2006), JMLR 7:1-30, section 3.2.2 (without the factor for ties); Iman & Davenport (1980),
    Communications in Statistics 9:571-595; the factor: Conover (1999), "Practical nonparametric statistics", section
    5.8. SciPy and R's friedman.test correct for ties.

    Args:
        errors: Shape (n_tasks, n_models), lower is better: one value a task, so average its splits first.
        correct_ties: Whether to divide by the factor for ties.

    Raises:
        ValueError: With fewer than two tasks or models.
    """
    from scipy.stats import chi2 as chi2_distribution
    from scipy.stats import f as f_distribution

    n, k = errors.shape
    if n < 2 or k < 2:
        raise ValueError(f"Friedman's test takes at least two tasks and two models, not {n} and {k}")
    ranks = split_ranks(errors)
    chi2 = 12.0 * n / (k * (k + 1)) * float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum())
    if correct_ties:
        ties = sum(float((sizes**3 - sizes).sum()) for sizes in (_sizes(row) for row in ranks))
        spread = 1.0 - ties / (n * k * (k**2 - 1))
        chi2 = chi2 / spread if spread > 0 else 0.0
    left = n * (k - 1) - chi2
    f = (n - 1) * chi2 / left if left > 1e-9 * chi2 else np.inf
    degrees = (k - 1, (k - 1) * (n - 1))
    return Friedman(
        chi2,
        k - 1,
        float(chi2_distribution.sf(chi2, k - 1)),
        f,
        degrees,
        float(f_distribution.sf(f, *degrees)),
        correct_ties,
    )


def nemenyi_difference(n_models: int, n_tasks: int, alpha: float = 0.05, degrees: float = np.inf) -> float:
    """Difference of mean ranks beyond which Nemenyi's test tells two models apart.

    CD = q √(k (k + 1) / (6 n)), q the upper alpha quantile of the studentised range of k values over √2.

    Source: Demšar (2006), equation in section 3.2.2, with infinite degrees of freedom (his Table 5). R's scmamp takes
    n k - k of them.

    Args:
        n_models: k.
        n_tasks: n.
        alpha: Level of the family of all pairs.
        degrees: Degrees of freedom of the studentised range.

    >>> round(nemenyi_difference(4, 14), 2)
    1.25
    """
    from scipy.stats import studentized_range

    q = float(studentized_range.isf(alpha, n_models, degrees)) / np.sqrt(2.0)
    return float(q * np.sqrt(n_models * (n_models + 1) / (6.0 * n_tasks)))


def _sizes(ranks: FloatArray) -> FloatArray:
    return np.unique(ranks, return_counts=True)[1].astype(np.float64)

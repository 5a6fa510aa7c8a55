"""How many dimensions the numeric columns really fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.sample import UndefinedError

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray

N_NEIGHBOURS = 10
KEPT = 0.9
"""Share of rows that two-NN fits on: the largest ratios are left out, as its authors do."""


def _points(sample: Sample) -> FloatArray:
    sample.need(sample.scaled.shape[1] > 1, "fewer than two numeric columns that vary")
    points = np.unique(np.round(sample.scaled, 12), axis=0)
    sample.need(len(points) > 2 * N_NEIGHBOURS, f"at most {2 * N_NEIGHBOURS} different rows of numbers")
    return points


def _distances(sample: Sample, n: int) -> FloatArray:
    from sklearn.neighbors import NearestNeighbors

    points = _points(sample)
    found: FloatArray = NearestNeighbors(n_neighbors=n + 1).fit(points).kneighbors(points)[0]
    return found[:, 1:]


def _eigenvalues(sample: Sample) -> FloatArray:
    sample.need(sample.scaled.shape[1] > 1, "fewer than two numeric columns that vary")
    values: FloatArray = np.asarray(np.linalg.svd(sample.scaled, compute_uv=False), dtype=np.float64)
    kept: FloatArray = np.square(values[values > 1e-6 * values[0]])
    return kept


def two_nn(sample: Sample) -> float:
    """Intrinsic dimension from the ratio of distances to the two nearest neighbours.

    Formula: slope through 0 of -log(1 - F(mu)) against log(mu), mu = r2 / r1, without the largest tenth; different rows
    of scaled numbers. Source: Facco et al. (2017), Sci. Rep. 7:12140. Range: above 0. Cost: rows² × columns. Missing:
    fewer than two numeric columns vary, or at most 20 different rows.
    """
    distances = _distances(sample, 2)
    ratio = np.sort(np.log(distances[:, 1] / distances[:, 0]))
    n = len(ratio)
    kept = ratio[: int(KEPT * n)]
    height = -np.log1p(-np.arange(1, len(kept) + 1) / n)
    square = float((kept**2).sum())
    if square <= 0:
        raise UndefinedError("two nearest neighbours at equal distance in the table")
    return float((kept * height).sum() / square)


def neighbours(sample: Sample) -> float:
    """Intrinsic dimension by maximum likelihood from the ten nearest neighbours.

    Formula: inverse of the mean over rows and neighbours of log(T_k / T_j), k = 10. Source: Levina and Bickel (2004),
    with the averaging of MacKay and Ghahramani (2005). Range: above 0. Cost: rows² × columns. Missing: as `two_nn`.
    """
    distances = _distances(sample, N_NEIGHBOURS)
    logs = np.log(distances[:, -1:] / distances[:, :-1])
    mean = float(logs.sum() / (len(logs) * (N_NEIGHBOURS - 1)))
    if mean <= 0:
        raise UndefinedError("ten nearest neighbours at equal distance in the table")
    return 1 / mean


def components(sample: Sample) -> float:
    """Principal components that hold 95 % of the variance of scaled numbers.

    Formula: least k with the sum of k eigenvalues ≥ 0.95 of all. Source: Jolliffe (2002), section 6.1. Range: 1 to the
    numeric columns. Cost: rows × columns². Missing: fewer than two numeric columns vary.
    """
    share = np.cumsum(_eigenvalues(sample))
    return float(np.searchsorted(share, 0.95 * share[-1] - 1e-12)) + 1


def component_share(sample: Sample) -> float:
    """Those components as a share of the numeric columns that vary.

    Formula: `components` over columns. Source: tabbench. Range: 0..1. Cost: rows × columns². Missing: as `components`.
    """
    return components(sample) / float(sample.scaled.shape[1])


def participation(sample: Sample) -> float:
    """Effective number of principal components.

    Formula: (sum of eigenvalues)² / sum of their squares. Source: Kramer and MacKinnon (1993), Rep. Prog. Phys.
    56:1469. Range: 1 to the numeric columns. Cost: rows × columns². Missing: fewer than two numeric columns vary.
    """
    values = _eigenvalues(sample)
    return float(values.sum() ** 2 / (values**2).sum())


DIMENSION = OwnGroup(
    "dimension",
    "How many dimensions the numeric columns really fill.",
    (two_nn, neighbours, components, component_share, participation),
    max_rows=5_000,
    modules=("sklearn.neighbors",),
)

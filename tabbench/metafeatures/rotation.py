"""What a tree loses when the numeric columns are turned: how much the axes themselves mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.cheap_models import cross_validated, tree
from tabbench.metafeatures.group import OwnGroup

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray

N_TURNS = 3
MOST_COLUMNS = 200
"""Numeric columns that are turned; of more, a draw."""
CHANCE = "rotation"


def _numbers(sample: Sample) -> FloatArray:
    sample.need(sample.scaled.shape[1] > 1, "fewer than two numeric columns that vary")
    d = sample.scaled.shape[1]
    kept = np.sort(sample.rng("rotated columns").permutation(d)[:MOST_COLUMNS])
    return sample.scaled[:, kept]


def _turn(d: int, rng: np.random.Generator) -> FloatArray:
    """A rotation drawn evenly from all. Source: Stewart (1980), SIAM J. Numer. Anal. 17:403-409."""
    q, r = np.linalg.qr(rng.normal(size=(d, d)))
    return np.asarray(q * np.sign(np.diag(r)))


def plain(sample: Sample) -> float:
    """Score of a tree of 64 leaves on the scaled numeric columns.

    Formula: mean over five folds of balanced accuracy or R²; at most 200 columns. Source: tabbench. Range: up to 1.
    Cost: columns × rows × log rows. Missing: fewer than two numeric columns vary, too few rows.
    """
    return sample.once("rotation plain", lambda: _score(sample, _numbers(sample)))


def turned(sample: Sample) -> float:
    """Score of the same tree after a random rotation of these columns.

    Formula: mean over three rotations. Source: Grinsztajn et al. (2022), section 5.4, with a tree for a forest. Range:
    up to 1. Cost: three times that of `plain`. Missing: as `plain`.
    """
    return sample.once("rotation turned", lambda: _turned(sample))


def _turned(sample: Sample) -> float:
    X, rng = _numbers(sample), sample.rng("rotation")
    return float(np.mean([_score(sample, X @ _turn(X.shape[1], rng)) for _ in range(N_TURNS)]))


def _score(sample: Sample, X: FloatArray) -> float:
    return float(np.mean(cross_validated(sample, X, lambda: tree(sample, max_leaf_nodes=64), CHANCE)))


def loss(sample: Sample) -> float:
    """Rotation sensitivity: what the tree loses by the rotation.

    Formula: `plain` - `turned`. Source: Grinsztajn et al. (2022), section 5.4; Ng (2004). Range: any; 0 where axes mean
    nothing. Cost: the sum of both. Missing: as `plain`.
    """
    return plain(sample) - turned(sample)


ROTATION = OwnGroup(
    "rotation",
    "What a tree loses when the numeric columns are turned.",
    (plain, turned, loss),
    max_rows=5_000,
    modules=("sklearn.tree",),
)

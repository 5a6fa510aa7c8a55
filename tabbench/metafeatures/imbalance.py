"""How unevenly the classes are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.association import entropy
from tabbench.metafeatures.group import CLASSES, OwnGroup

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import IntArray

RARE = 10


def _counts(sample: Sample) -> IntArray:
    return np.bincount(sample.target_levels)


def least_share(sample: Sample) -> float:
    """Share of rows in the smallest class that is present.

    Formula: min n_class / n. Source: tabbench. Range: 0..0.5. Cost: rows. Missing: never.
    """
    return float(_counts(sample).min() / sample.n_rows)


def ratio(sample: Sample) -> float:
    """Largest class over smallest.

    Formula: max n_class / min n_class. Source: Japkowicz and Stephen (2002), Intell. Data Anal. 6:429-449. Range: 1 and
    more. Cost: rows. Missing: never.
    """
    return float(_counts(sample).max() / _counts(sample).min())


def evenness(sample: Sample) -> float:
    """Entropy of the classes as a share of the most it could be.

    Formula: H / log k. Source: Pielou (1966). Range: 0..1. Cost: rows. Missing: one class.
    """
    k = len(_counts(sample))
    sample.need(k > 1, "rows of one class only")
    return float(entropy(sample.target_levels) / np.log(k))


def effective_classes(sample: Sample) -> float:
    """How many classes of equal size would have the same entropy.

    Formula: exp(H). Source: Hill (1973), Ecology 54:427-432. Range: 1 to the number of classes. Cost: rows. Missing:
    never.
    """
    return float(np.exp(entropy(sample.target_levels)))


def majority_gap(sample: Sample) -> float:
    """Accuracy of always saying the largest class, above that of chance.

    Formula: max n_class / n - 1 / k. Source: tabbench. Range: 0..1. Cost: rows. Missing: never.
    """
    counts = _counts(sample)
    return float(counts.max() / sample.n_rows - 1 / len(counts))


def rare_classes(sample: Sample) -> float:
    """Classes of fewer than ten training rows.

    Formula: classes with n_class < 10. Source: tabbench. Range: 0 to the number of classes. Cost: rows. Missing: never.
    """
    return float((_counts(sample) < RARE).sum())


IMBALANCE = OwnGroup(
    "imbalance",
    "How unevenly the classes are filled.",
    (least_share, ratio, evenness, effective_classes, majority_gap, rare_classes),
    task_types=CLASSES,
)

"""Rows that belong together: groups, moments of time, and rows with equal features."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.metafeatures.association import entropy, with_target
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.sample import equal_bins

if TYPE_CHECKING:
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray, IntArray


def _groups(sample: Sample) -> IntArray:
    if sample.group is None:
        sample.need(False, "no group column")
        return np.empty(0, dtype=np.int64)
    return np.unique(sample.group, return_inverse=True)[1].astype(np.int64)


def groups(sample: Sample) -> float:
    """Groups that the rows belong to.

    Formula: number of groups. Source: tabbench. Range: 1 and more. Cost: rows × log rows. Missing: no group column.
    """
    return float(_groups(sample).max() + 1)


def group_rows(sample: Sample) -> FloatArray:
    """Rows of each group.

    Formula: n_group. Source: tabbench. Range: 1 and more. Cost: rows × log rows. Missing: no group column.
    """
    return np.bincount(_groups(sample)).astype(np.float64)


def group_evenness(sample: Sample) -> float:
    """Entropy of the groups as a share of the most it could be.

    Formula: H / log k. Source: Pielou (1966). Range: 0..1. Cost: rows × log rows. Missing: no group column, or one
    group.
    """
    codes = _groups(sample)
    sample.need(int(codes.max()) > 0, "one group")
    return float(entropy(codes) / np.log(codes.max() + 1))


def group_association(sample: Sample) -> float:
    """How much the group tells of the target, corrected for the number of groups.

    Formula: Cramér's V with Bergsma's correction for classes, square root of Kelley's epsilon² for numbers. Source:
    Bergsma (2013); Kelley (1935). Range: 0..1. Cost: rows × log rows. Missing: no group column, one group, or a group a
    row.
    """
    return with_target(_groups(sample), sample.y, sample.is_regression)


def time_association(sample: Sample) -> float:
    """How much the time of a row tells of its target: drift inside the training part.

    Formula: as `group_association`, with ten bins of time. Source: Bergsma (2013); Kelley (1935). Range: 0..1. Cost:
    rows × log rows. Missing: no time column, or one moment.
    """
    if sample.time is None:
        sample.need(False, "no time column")
        return float("nan")
    sample.need(float(sample.time.min()) < float(sample.time.max()), "one moment of time")
    return with_target(equal_bins(sample.time), sample.y, sample.is_regression)


def _equal_rows(sample: Sample) -> IntArray:
    """Rows with equal features have equal numbers; by a 64-bit hash, so that a table of any width will do."""
    from pandas.util import hash_pandas_object

    def number() -> IntArray:
        hashes = hash_pandas_object(sample.X, index=False).to_numpy()
        return np.unique(hashes, return_inverse=True)[1].astype(np.int64)

    return sample.once("equal rows", number)


def repeated_rows(sample: Sample) -> float:
    """Share of rows whose features another row has as well.

    Formula: rows in sets of equal rows, over rows. Source: tabbench. Range: 0..1. Cost: cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    codes = _equal_rows(sample)
    return float((np.bincount(codes)[codes] > 1).mean())


def conflicting_rows(sample: Sample) -> float:
    """Share of rows whose features another row has with another target: no model can be right on all.

    Formula: rows in sets of equal rows with more than one target, over rows. Source: tabbench. Range: 0..1. Cost:
    cells. Missing: no column.
    """
    sample.need(sample.X.shape[1] > 0, "no column")
    codes = _equal_rows(sample)
    targets = np.unique(sample.y, return_inverse=True)[1]
    pairs = np.unique(codes * (int(targets.max()) + 1) + targets)
    return float((np.bincount(pairs // (int(targets.max()) + 1))[codes] > 1).mean())


ROW_STRUCTURE = OwnGroup(
    "row-structure",
    "Rows that belong together: groups, moments of time, rows with equal features.",
    (groups, group_rows, group_evenness, group_association, time_association, repeated_rows, conflicting_rows),
)

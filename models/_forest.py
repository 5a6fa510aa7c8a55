"""Grow a scikit-learn forest tree by tree, so that it can stop at its deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from tabbench.model import StoppedBy, Training

if TYPE_CHECKING:
    from tabbench_models._estimator import FittedEstimator

    from tabbench.model import Context

CHUNK = 25
"""Trees grown between two looks at the clock; fewer where the deadline is near."""


def grow(forest: FittedEstimator, n_trees: int, context: Context) -> Training:
    """Fit `n_trees`, or as many as the deadline lets, but one at least; a forest has no best step but its last.

    Args:
        forest: Its estimator has `warm_start`, so that each fit adds trees.
        n_trees: Asked for.
        context: Its cap and deadline count.
    """
    cap, n_grown, per_tree = context.cap(n_trees), 0, 0.0
    chunk = CHUNK if context.deadline is None else 1
    stopped_by = StoppedBy.DONE
    while n_grown < cap:
        start = time.monotonic()
        if n_grown and context.deadline is not None:
            chunk = int(np.clip((context.deadline - start) / per_tree, 0, min(CHUNK, 2 * n_grown)))
        if chunk == 0:
            stopped_by = StoppedBy.DEADLINE
            break
        chunk = min(chunk, cap - n_grown)
        forest.estimator.set_params(n_estimators=n_grown + chunk)
        forest.fit()
        per_tree = (time.monotonic() - start) / chunk
        n_grown += chunk
    if stopped_by is StoppedBy.DONE and cap < n_trees and context.n_steps is None:
        stopped_by = StoppedBy.CAP
    # Several threads add up the trees' votes in the order they end in: the last bits would change.
    forest.estimator.set_params(n_jobs=1)
    return Training(n_steps=n_grown, best_step=n_grown, cap=cap, stopped_by=stopped_by)

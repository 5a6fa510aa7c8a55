"""Which models are worth trying on a new table, how sure that is, and when nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tabbench.analysis.selection import (
    FEWEST_TASKS,
    N_NEAREST,
    N_TREES,
    PORTFOLIO,
    ForestRecommender,
    NearestRecommender,
    fill_features,
    predicted_elsewhere,
)
from tabbench.analysis.units import mean_interval
from tabbench.ranking.averages import task_means
from tabbench.ranking.ranks import split_ranks

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.analysis.candidates import Candidates
    from tabbench.task import FloatArray

LOW, HIGH = 0.1, 0.9
FARTHEST = 0.95
"""A table that is farther from its nearest task than this share of known tasks is from theirs is unlike them."""


@dataclass(frozen=True, eq=False)
class Recommendation:
    """What is recommended for one table.

    Attributes:
        models: One row a model, least expected rank first: `model expected_rank low high mean_rank is_worth_trying`.
            `low` and `high` hold 80 % of the known tasks' ranks about what was expected of them when left out.
        nearest: The nearest known tasks: `task distance best_model`; distance 0..1 over places of metafeatures.
        is_learnt: Whether the expected ranks come from metafeatures; else they are mean ranks over all known tasks.
        doubts: Why little or nothing is known, a sentence each; empty if the recommender is told better than none.
    """

    models: pd.DataFrame
    nearest: pd.DataFrame
    is_learnt: bool
    doubts: tuple[str, ...]


def recommend(
    features: pd.DataFrame,
    wanted: pd.DataFrame,
    candidates: Candidates,
    names: tuple[str, ...],
    seed: int = 0,
    n_trees: int = N_TREES,
) -> Recommendation:
    """Expected ranks by a forest on metafeatures, if on tasks left out it is told better than the single best model.

    Args:
        features: One row a known task, in the order of `candidates.tasks`; nothing that reads test inputs.
        wanted: One row: the new table.
        candidates: The models on the known tasks.
        names: Their names.
        seed: Of the draws.
        n_trees: Of the forest.
    """
    import pandas as pd

    ranks = task_means(split_ranks(candidates.loss), candidates.task_of)
    families = candidates.families()
    doubts, is_learnt, expected = [], False, ranks.mean(axis=0)
    residuals = ranks - _mean_elsewhere(ranks, candidates)
    if len(families) < FEWEST_TASKS:
        doubts.append(
            f"Only {len(families)} families of known tasks: under {FEWEST_TASKS} nothing is learnt from metafeatures."
        )
    else:
        elsewhere = predicted_elsewhere(lambda: ForestRecommender(n_trees), features, ranks, families)
        is_learnt = _gain_low(elsewhere, ranks, candidates, seed) > 0
        if is_learnt:
            known = fill_features(features, features)
            forest = ForestRecommender(n_trees)
            forest.fit(known.values, ranks)
            expected = forest.predict(fill_features(features, wanted).values)[0]
            residuals = ranks - elsewhere
        else:
            doubts.append(
                "On known tasks left out, choosing by metafeatures is not told better than always taking the single "
                "best model: the ranks are means over all known tasks, the same for every table."
            )
    nearest, is_far = _nearest(features, wanted, ranks, names)
    if is_far:
        doubts.append(
            "The table is unlike every known task: farther from the nearest than 95 % of them are from theirs."
        )
    worth = set(candidates.greedy(PORTFOLIO)) if not is_learnt else set(np.argsort(expected, kind="stable")[:PORTFOLIO])
    low, high = np.clip(expected + _ends(residuals), 1, len(names))
    table = pd.DataFrame({
        "model": list(names), "expected_rank": expected, "low": low, "high": high, "mean_rank": ranks.mean(axis=0),
        "is_worth_trying": [i in worth for i in range(len(names))],
    }).sort_values(["expected_rank", "model"], kind="stable", ignore_index=True)  # fmt: skip
    return Recommendation(table, nearest, is_learnt, tuple(doubts))


def _ends(residuals: FloatArray) -> FloatArray:
    """Ends that hold 80 % of residuals of tasks left out, counted so that one more task is as likely inside.

    Source: the jackknife of Barber, Candès, Ramdas & Tibshirani (2021), Annals of Statistics 49:486-507, section 1.

    Returns:
        Shape (2, n_models): the ⌊(n+1) 0.1⌋-th and ⌈(n+1) 0.9⌉-th smallest, the least and the largest of few tasks.
    """
    n = len(residuals)
    ordered = np.sort(residuals, axis=0)
    first, last = int(np.floor((n + 1) * LOW)) - 1, int(np.ceil((n + 1) * HIGH)) - 1
    return ordered[[max(first, 0), min(last, n - 1)]]


def _mean_elsewhere(ranks: FloatArray, candidates: Candidates) -> FloatArray:
    means = np.empty_like(ranks)
    for out in candidates.families():
        others = np.delete(ranks, out, axis=0)
        means[out] = others.mean(axis=0) if len(others) else np.nan
    return np.where(np.isnan(means), ranks.mean(axis=0), means)


def _gain_low(elsewhere: FloatArray, ranks: FloatArray, candidates: Candidates, seed: int) -> float:
    """Lower end of how much less the forest's choice loses than the single best model's, on tasks left out."""
    loss, each = candidates.task_loss, np.arange(len(ranks))
    single = loss[each, _mean_elsewhere(ranks, candidates).argmin(axis=1)]
    low = mean_interval(single - loss[each, elsewhere.argmin(axis=1)], candidates.related, seed).low
    return low if np.isfinite(low) else -1.0


def _nearest(
    features: pd.DataFrame, wanted: pd.DataFrame, ranks: FloatArray, names: tuple[str, ...]
) -> tuple[pd.DataFrame, bool]:
    """The nearest known tasks, and whether the table is farther from them than they are from each other."""
    import pandas as pd

    recommender = NearestRecommender()
    known = fill_features(features, features).values
    recommender.fit(known, ranks)
    between = recommender.distances(known)
    np.fill_diagonal(between, np.inf)
    distance = recommender.distances(fill_features(features, wanted).values)[0]
    order = np.argsort(distance, kind="stable")[:N_NEAREST]
    table = pd.DataFrame({
        "task": features.index[order], "distance": distance[order],
        "best_model": [names[int(i)] for i in ranks[order].argmin(axis=1)],
    })  # fmt: skip
    usual = between.min(axis=1)
    return table, len(known) > 1 and bool(distance.min() > np.quantile(usual, FARTHEST))

"""Recommenders of models by metafeatures, held to tasks that they have not seen, beside what needs no metafeatures."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from tabbench.analysis.units import mean_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from tabbench.analysis.candidates import Candidates
    from tabbench.task import FloatArray, IntArray

FEWEST_TASKS = 10
"""Under this many tasks nothing is learnt from metafeatures."""
DEPTH, N_TREES, N_NEAREST, PORTFOLIO = 2, 100, 5, 3


class Recommender(Protocol):
    """Learns from known tasks which model has the least error."""

    def fit(self, features: FloatArray, losses: FloatArray) -> None:
        """Take known tasks in: (n_tasks, n_features) without gaps, (n_tasks, n_models)."""
        ...

    def predict(self, features: FloatArray) -> FloatArray:
        """Expected losses; shape (n_tasks, n_models)."""
        ...


@dataclass
class TreeRecommender:
    """A regression tree of limited depth on the losses of all models at once; small enough to print."""

    depth: int = DEPTH

    def fit(self, features: FloatArray, losses: FloatArray) -> None:
        """Grow the tree."""
        from sklearn.tree import DecisionTreeRegressor

        least = max(2, len(features) // 10)
        self.tree = DecisionTreeRegressor(max_depth=self.depth, min_samples_leaf=least, random_state=0)
        self.tree.fit(features, losses)

    def predict(self, features: FloatArray) -> FloatArray:
        """Mean losses of the known tasks in the same leaf."""
        found: FloatArray = self.tree.predict(features).reshape(len(features), -1)
        return found


@dataclass
class ForestRecommender:
    """A random forest on the losses of all models at once."""

    n_trees: int = N_TREES

    def fit(self, features: FloatArray, losses: FloatArray) -> None:
        """Grow the forest."""
        from sklearn.ensemble import RandomForestRegressor

        self.forest = RandomForestRegressor(self.n_trees, min_samples_leaf=2, max_features=1 / 3, random_state=0)
        self.forest.fit(features, losses)

    def predict(self, features: FloatArray) -> FloatArray:
        """Mean over trees."""
        found: FloatArray = self.forest.predict(features).reshape(len(features), -1)
        return found


@dataclass
class NearestRecommender:
    """Mean losses of the k nearest known tasks; features as ranks among the known tasks, all weighing the same."""

    k: int = N_NEAREST

    def fit(self, features: FloatArray, losses: FloatArray) -> None:
        """Remember the tasks."""
        self.known, self.losses = features, losses

    def distances(self, features: FloatArray) -> FloatArray:
        """Mean absolute difference of places; shape (n_tasks, n_known), 0..1."""
        places, of_known = quantile_places(self.known, features), quantile_places(self.known, self.known)
        found: FloatArray = np.abs(places[:, None, :] - of_known[None, :, :]).mean(axis=2)
        return found

    def predict(self, features: FloatArray) -> FloatArray:
        """Mean over the nearest; the earlier on equal distances."""
        order = np.argsort(self.distances(features), axis=1, kind="stable")[:, : self.k]
        found: FloatArray = self.losses[order].mean(axis=1)
        return found


def quantile_places(known: FloatArray, values: FloatArray) -> FloatArray:
    """Place of each value among the known ones of its column: the share below, and half the share equal.

    >>> quantile_places(np.array([[1.0], [2.0], [2.0]]), np.array([[2.0], [0.0], [9.0]])).ravel().round(3).tolist()
    [0.667, 0.0, 1.0]
    """
    ordered = np.sort(known, axis=0)
    places = np.empty_like(values, dtype=np.float64)
    for column in range(values.shape[1]):
        below = np.searchsorted(ordered[:, column], values[:, column], side="left")
        upto = np.searchsorted(ordered[:, column], values[:, column], side="right")
        places[:, column] = (below + upto) / (2 * len(known))
    return places


class Filled(NamedTuple):
    """Features without gaps.

    Attributes:
        values: Shape (n_tasks, n_features): the median of the known tasks stands for what is unknown.
        names: The features that are kept: known on half of the known tasks or more.
    """

    values: FloatArray
    names: tuple[str, ...]


def fill_features(known: pd.DataFrame, wanted: pd.DataFrame) -> Filled:
    """Features of some tasks, filled by what the known tasks tell and nothing else; infinite values count as gaps."""
    finite = known.where(np.isfinite(known.to_numpy(dtype=np.float64)))
    kept = finite.columns[finite.notna().mean() >= 0.5]
    medians = finite[kept].median()
    values = wanted.reindex(columns=kept)
    values = values.where(np.isfinite(values.to_numpy(dtype=np.float64))).fillna(medians)
    return Filled(values.to_numpy(dtype=np.float64), tuple(map(str, kept)))


RECOMMENDERS: dict[str, Callable[[], Recommender]] = {
    f"tree of depth {DEPTH}": TreeRecommender, "forest": ForestRecommender,
    f"{N_NEAREST} nearest tasks": NearestRecommender,
}  # fmt: skip


def predicted_elsewhere(
    make: Callable[[], Recommender], features: pd.DataFrame, losses: FloatArray, families: Sequence[IntArray]
) -> FloatArray:
    """What a recommender expects on each task when the task, and all related to it, were left out of what it learnt.

    Args:
        make: Makes a fresh recommender.
        features: One row a task; computed on training parts alone.
        losses: Shape (n_tasks, n_models), in the order of `features`.
        families: Numbers of the tasks of each family of related tasks.

    Returns:
        Shape (n_tasks, n_models).
    """
    expected = np.full_like(losses, np.nan)
    for out in families:
        known = np.setdiff1d(np.arange(len(losses)), out)
        recommender = make()
        recommender.fit(fill_features(features.iloc[known], features.iloc[known]).values, losses[known])
        expected[out] = recommender.predict(fill_features(features.iloc[known], features.iloc[out]).values)
    return expected


def regrets(
    features: pd.DataFrame | None,
    models: Candidates,
    seed: int = 0,
    recommenders: Mapping[str, Callable[[], Recommender]] = MappingProxyType(RECOMMENDERS),
    most_parts: int | None = None,
) -> pd.DataFrame:
    """Regret of every way to choose a model for a task that nothing is known of, and of the baselines.

    Regret is the loss of the chosen model: how much smaller its error would be had the best model of the split made
    it. All choices for a task are learnt on the other tasks, related ones left out with it. The *virtual best* is the
    model that loses least on the task itself; it is picked on test, so that even equal models regret something.

    Args:
        features: One row a task, in the order of `models.tasks`; None for the ways that need none.
        models: A candidate a model.
        seed: Of the draws.
        recommenders: Makers of recommenders by name.
        most_parts: More families than this are left out in so many parts; None for each on its own.

    Returns:
        One row a way, least regret first: `way n_fits regret low high gain gain_low gain_high`; `gain` is how much less
        it regrets than the single best model. Intervals of 95 % draw tasks.
    """
    import pandas as pd

    loss, families = models.task_loss, models.parts(most_parts)
    n_tasks, n_models = loss.shape
    each = np.arange(n_tasks)
    single = loss[each, _mean_elsewhere(loss, families).argmin(axis=1)]
    size = min(PORTFOLIO, n_models)
    ways: dict[str, tuple[int, FloatArray]] = {
        "virtual best": (1, loss.min(axis=1)),
        "single best": (1, single),
        "random model": (1, loss.mean(axis=1)),
        "all models, chosen on valid": (n_models, models.chosen(range(n_models))),
        f"portfolio of {size}, chosen on valid": (size, _portfolio(models, families, size)),
    }
    if features is not None and len(models.families()) >= FEWEST_TASKS:
        for name, make in recommenders.items():
            expected = predicted_elsewhere(make, features, loss, families)
            ways[name] = (1, loss[each, expected.argmin(axis=1)])
    rows = []
    for way, (n_fits, regret) in ways.items():
        own, gain = (mean_interval(values, models.related, seed) for values in (regret, single - regret))
        rows.append({
            "way": way, "n_fits": n_fits, "regret": own.value, "low": own.low, "high": own.high, "gain": gain.value,
            "gain_low": gain.low, "gain_high": gain.high,
        })  # fmt: skip
    return pd.DataFrame(rows).sort_values(["regret", "way"], kind="stable", ignore_index=True)


def printed_tree(features: pd.DataFrame, losses: FloatArray, models: Sequence[str]) -> str:
    """The tree that all tasks give, as text: what it asks, and which model each leaf takes.

    Args:
        features: One row a task.
        losses: Shape (n_tasks, n_models).
        models: Their names.
    """
    filled, recommender = fill_features(features, features), TreeRecommender()
    recommender.fit(filled.values, losses)
    tree = recommender.tree.tree_
    lines: list[str] = []

    def walk(node: int, indent: str) -> None:
        if tree.children_left[node] < 0:
            expected = tree.value[node].ravel()
            lines.append(f"{indent}{models[int(expected.argmin())]} ({tree.n_node_samples[node]} tasks)")
            return
        name, cut = filled.names[tree.feature[node]], tree.threshold[node]
        lines.append(f"{indent}{name} <= {cut:.4g}:")
        walk(tree.children_left[node], indent + "  ")
        lines.append(f"{indent}{name} > {cut:.4g}:")
        walk(tree.children_right[node], indent + "  ")

    walk(0, "  ")
    return "\n".join(lines)


def _mean_elsewhere(loss: FloatArray, families: Sequence[IntArray]) -> FloatArray:
    """Mean loss of each model over the tasks that are not related; shape (n_tasks, n_models)."""
    means = np.empty_like(loss)
    for out in families:
        means[out] = np.delete(loss, out, axis=0).mean(axis=0)
    return means


def _portfolio(models: Candidates, families: Sequence[IntArray], size: int) -> FloatArray:
    found = np.empty(len(models.tasks))
    for out in families:
        found[out] = models.chosen(models.greedy(size, without=out))[out]
    return found

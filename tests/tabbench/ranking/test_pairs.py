"""Every pair of a pool: the numbers of the modules that make them, in one table."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tabbench.ranking.aggregates import Ranked, ranked
from tabbench.ranking.draws import Target
from tabbench.ranking.elo import elo
from tabbench.ranking.pairs import compare_pairs
from tabbench.ranking.rules import Rules
from tabbench.ranking.table import ErrorTable
from tabbench.ranking.uncertainty import Uncertain


def pool_of(n_tasks: int, n_splits: int = 4) -> Ranked:
    """Four models, the later the worse, with noise."""
    rng = np.random.default_rng(0)
    errors = np.exp(np.linspace(0, 0.6, 4) + rng.normal(scale=0.5, size=(n_tasks * n_splits, 4)))
    tasks = tuple(f"t{i:02}" for i in range(n_tasks))
    return ranked(ErrorTable(tuple("abcd"), tasks, np.repeat(np.arange(n_tasks), n_splits), errors), Rules())


@pytest.mark.parametrize("target", list(Target))
def test_differences_stand_inside_their_intervals_and_change_sign_with_the_pair(target: Target) -> None:
    pool = pool_of(12)
    found = compare_pairs(pool, Rules(), Uncertain(target, n_rounds=300)).table.set_index(["model", "other"])
    rating = dict(zip("abcd", elo(pool.wins).rating, strict=True))
    assert len(found) == 12
    for (model, other), row in found.iterrows():
        back = found.loc[(other, model)]
        assert row["elo_difference"] == pytest.approx(rating[model] - rating[other])
        assert row["wins"] == pytest.approx(1 - back["wins"])
        for name in ("rank_difference", "elo_difference"):
            assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]
            assert row[f"{name}_low"] == pytest.approx(-back[f"{name}_high"])
    means = pool.table.errors.reshape(12, 4, 4).mean(axis=1)
    share = (means[:, 0] - means[:, 3]) / np.maximum(means[:, 0], means[:, 3])
    p = found.loc[("a", "d"), "wilcoxon_p"]
    assert p >= stats.wilcoxon(share).pvalue  # adjusted


def test_under_ten_tasks_nothing_is_drawn() -> None:
    found = compare_pairs(pool_of(9), Rules(), Uncertain(n_rounds=50))
    assert found.may_be_best is None
    assert found.diagram.groups == ()
    assert found.table["elo_difference_low"].isna().all()
    assert found.table["rank_difference"].notna().all()


def test_who_may_be_the_best_are_the_good_ones() -> None:
    found = compare_pairs(pool_of(40), Rules(), Uncertain(n_rounds=300))
    assert found.may_be_best is not None
    assert found.may_be_best.is_member[0]
    assert not found.may_be_best.is_member[3]

import numpy as np
import pandas as pd
import pytest

from tabbench.errors import SettingsError
from tabbench.ranking.aggregates import aggregates, ranked
from tabbench.ranking.draws import Target
from tabbench.ranking.rules import Rules, Unit
from tabbench.ranking.table import ErrorTable
from tabbench.ranking.uncertainty import Uncertain, Uncertainty, uncertain_of


def noisy(n_tasks: int = 20, n_splits: int = 3, skill: tuple[float, ...] = (0.0, 0.1, 3.0)) -> ErrorTable:
    rng = np.random.default_rng(0)
    errors = np.exp(np.array(skill) + rng.normal(size=(n_tasks * n_splits, len(skill))))
    tasks = tuple(f"t{i:02}" for i in range(n_tasks))
    return ErrorTable(tuple("abc")[: len(skill)], tasks, np.repeat(np.arange(n_tasks), n_splits), errors)


def found_by(table: ErrorTable, uncertain: Uncertain, rules: Rules | None = None) -> Uncertainty | None:
    rules = rules or Rules()
    pool = ranked(table, rules)
    return uncertain(pool, rules, aggregates(pool, rules))


@pytest.mark.parametrize("target", list(Target))
def test_who_is_near_shares_a_group_and_who_is_far_does_not(target: Target) -> None:
    found = found_by(noisy(), Uncertain(target))
    assert found is not None
    assert found.groups.tolist() == ["a", "a", ""]
    assert found.rank_low.tolist() == [1, 1, 3]
    assert found.rank_high.tolist() == [2, 2, 3]


def test_related_tasks_are_drawn_together_and_say_less() -> None:
    table = noisy(skill=(0.0, 0.1, 0.4))
    paired = {task: f"family {number // 5}" for number, task in enumerate(table.tasks)}
    alone, together = found_by(table, Uncertain()), found_by(table, Uncertain(families=paired))
    assert alone is not None
    assert together is not None
    assert (together.elo_high - together.elo_low).sum() != (alone.elo_high - alone.elo_low).sum()
    assert found_by(table, Uncertain(families=dict.fromkeys(table.tasks, "one"))) is None


def test_an_anchor_moves_intervals_with_the_ratings_and_keeps_their_width() -> None:
    free, anchored = found_by(noisy(), Uncertain()), found_by(noisy(), Uncertain(), Rules(anchor="a"))
    assert free is not None
    assert anchored is not None
    np.testing.assert_allclose(anchored.elo_high - anchored.elo_low, free.elo_high - free.elo_low)


def test_one_split_a_task_says_nothing_of_split_noise() -> None:
    assert found_by(noisy(n_splits=1), Uncertain(Target.THIS_SUITE)) is None
    with pytest.raises(SettingsError, match="--unit split"):
        found_by(noisy(), Uncertain(Target.THIS_SUITE), Rules(unit=Unit.TASK))


def test_families_and_sizes_come_from_the_rows() -> None:
    rows = pd.DataFrame({"task": ["x", "x", "y"], "task_family": ["f", "f", None], "n_train": [80, 80, np.nan],
                         "n_test": [20, 40, np.nan]})  # fmt: skip
    made = uncertain_of(rows, Target.THIS_SUITE, seed=3)
    assert made.families == {"x": "f"}
    assert made.test_per_train == {"x": 30 / 80}
    assert made.seed == 3

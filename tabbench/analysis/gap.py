"""The gap between two families of models: on every task, beside the noise of its splits, and over tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.analysis.representative import Duel, Tried, duel, duel_by_test, expected_error
from tabbench.analysis.units import mean_interval
from tabbench.errors import DataError
from tabbench.ranking.one_task import corrected_t
from tabbench.ranking.signed_rank import possible_ends, relative_difference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

SPLIT = ["task", "repeat", "fold"]
NEEDED = ("model", *SPLIT, "trial", "valid_error", "error")
DEFAULT, TUNED = "default", "tuned"
Sets = dict[tuple[int, str], Tried]
"""What was tried on a split, by side (0: first, 1: second) and regime."""


@dataclass(frozen=True)
class Sides:
    """Two families and their models.

    Attributes:
        first: Name of the first family.
        second: Name of the second; a gap above 0 says that it is better.
        of_model: `first` or `second` of each model that belongs to one of them.
    """

    first: str
    second: str
    of_model: Mapping[str, str]


def split_gaps(trials: pd.DataFrame, sides: Sides) -> pd.DataFrame:
    """The gap on every split, default and tuned.

    `default`: a family's trials are the default configurations of its models. `tuned`: all trials of all its models.
    In both the two families try equally many, and choose on valid: `representative.duel`.

    Args:
        trials: One row a trial: `model task repeat fold trial valid_error error`; NaN where a trial failed. Trial 0 is
            the model's default configuration.
        sides: The families.

    Returns:
        One row a split and regime: `regime task repeat fold budget gap first_wins gap_by_test first_wins_by_test
        first_gain second_gain`. Gains are by how much (relative to the larger error) the representative's test error
        falls from the default to the tuned; NaN under `default`. Splits without both families are left out, and
        `tuned` where no model has a second trial.

    Raises:
        DataError: If a column is missing.
    """
    import pandas as pd

    if missing := [name for name in NEEDED if name not in trials]:
        raise DataError(f"The gap of two families needs the columns {missing}; the rows have {list(trials.columns)}.")
    mine = trials[trials["model"].isin(list(sides.of_model))].sort_values(SPLIT, kind="stable")
    is_first = mine["model"].map(dict(sides.of_model)).eq(sides.first).to_numpy()
    is_default = mine["trial"].eq(0).to_numpy()
    valid, test = (mine[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("valid_error", "error"))
    numbers = mine.groupby(SPLIT, sort=True).ngroup().to_numpy()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    regimes = (DEFAULT,) if is_default.all() else (DEFAULT, TUNED)
    rows: list[dict[Any, Any]] = []
    keys = mine.iloc[starts][SPLIT].to_dict("records")
    for key, begin, end in zip(keys, starts, np.append(starts, len(mine))[1:], strict=True):
        here = slice(begin, end)
        sets: Sets = {}
        for side, is_mine in ((0, is_first[here]), (1, ~is_first[here])):
            for regime, taken in ((DEFAULT, is_mine & is_default[here]), (TUNED, is_mine)):
                sets[side, regime] = Tried(valid[here][taken], test[here][taken])
        for regime in regimes:
            if len(sets[0, regime].valid) and len(sets[1, regime].valid):
                rows.append(dict(key) | {"regime": regime, **_one_split(sets, regime)})
    names = ["regime", *SPLIT, "budget", "gap", "first_wins", "gap_by_test", "first_wins_by_test", "first_gain",
             "second_gain"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _one_split(sets: Sets, regime: str) -> dict[str, float]:
    first, second = sets[0, regime], sets[1, regime]
    budget, met, by_test = min(len(first.valid), len(second.valid)), duel(first, second), duel_by_test(first, second)
    gains = [np.nan, np.nan]
    if regime == TUNED:
        gains = [_gain(sets[side, DEFAULT], sets[side, TUNED], budget) for side in (0, 1)]
    return {
        "budget": budget, **_named(met, ""), **_named(by_test, "_by_test"),
        "first_gain": gains[0], "second_gain": gains[1],
    }  # fmt: skip


def _named(found: Duel, ending: str) -> dict[str, float]:
    return {f"{name}{ending}": value for name, value in found._asdict().items()}


def _gain(default: Tried, tuned: Tried, budget: int) -> float:
    if not len(default.valid):
        return float("nan")
    errors = [expected_error(default, len(default.valid)), expected_error(tuned, budget)]
    return float(relative_difference(np.array(errors[0]), np.array(errors[1])))


def task_gaps(gaps: pd.DataFrame, test_per_train: Mapping[str, float]) -> pd.DataFrame:
    """The gap on every task, and how large it is beside the noise of its splits.

    Args:
        gaps: From `split_gaps`.
        test_per_train: Test rows over train rows by task; 1 / (splits - 1), as in k-fold, for tasks not in it.

    Returns:
        One row a task and regime: `regime task n_splits budget gap low high p first_wins gap_by_test first_gain
        second_gain`. `low`, `high` (no farther out than a gap can be) and `p` are of the corrected resampled
        t-test over splits (NaN for one split).
    """
    import pandas as pd

    rows = []
    for (regime, task), mine in gaps.dropna(subset="gap").groupby(["regime", "task"], sort=True):
        ratio = test_per_train.get(str(task), 1.0 / max(len(mine) - 1, 1))
        of_splits = mine["gap"].to_numpy(dtype=np.float64)
        tested = corrected_t(of_splits, ratio)
        low, high = possible_ends(tested.low, tested.high, of_splits)
        means = mine[["budget", "first_wins", "gap_by_test", "first_gain", "second_gain"]].mean()
        rows.append({
            "regime": regime, "task": task, "n_splits": len(mine), "budget": means["budget"], "gap": tested.mean,
            "low": low, "high": high, "p": tested.p, **means.drop("budget"),
        })  # fmt: skip
    names = ["regime", "task", "n_splits", "budget", "gap", "low", "high", "p", "first_wins", "gap_by_test",
             "first_gain", "second_gain"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def gap_summary(tasks: pd.DataFrame, families: Mapping[str, str], seed: int = 0) -> pd.DataFrame:
    """What the gaps of all tasks come to, a quantity a row; tasks are the unit, drawn by family of related tables.

    Args:
        tasks: From `task_gaps`, one regime.
        families: Family of each task; tasks that are not in it are their own.
        seed: Of the draws.

    Returns:
        `quantity value low high n_tasks`: intervals of 95 %, NaN under ten families of tasks. Quantities:
        mean_gap; first_wins, the chance that the first family wins on a split of a task; first_wins_by_test, the share
        of tasks that it would be said to win if both were picked on test; within_noise, the share of tasks whose gap
        the corrected t-test does not tell from 0; first_gain and second_gain, what tuning brings; tuning_matters_more,
        the share of tasks on which tuning the second family brings more than the choice between the two (its size).
    """
    import pandas as pd

    gap = tasks["gap"].to_numpy(dtype=np.float64)
    by_test = tasks["gap_by_test"].to_numpy(dtype=np.float64)
    noise = tasks["p"].to_numpy(dtype=np.float64)
    second = tasks["second_gain"].to_numpy(dtype=np.float64)
    quantities = {
        "mean_gap": gap,
        "first_wins": tasks["first_wins"].to_numpy(dtype=np.float64),
        "first_wins_by_test": np.where(np.isnan(by_test), np.nan, (by_test < 0) + 0.5 * (by_test == 0)),
        "within_noise": np.where(np.isnan(noise), np.nan, noise >= 0.05),
        "first_gain": tasks["first_gain"].to_numpy(dtype=np.float64),
        "second_gain": second,
        "tuning_matters_more": np.where(np.isnan(second), np.nan, second > np.abs(gap)),
    }
    names = tasks["task"].astype(str).tolist()
    rows = []
    for quantity, values in quantities.items():
        known = np.isfinite(values)
        if known.any():
            related = [families.get(name, name) for name, keep in zip(names, known, strict=True) if keep]
            rows.append({"quantity": quantity, **mean_interval(values[known], related, seed)._asdict()})
    return pd.DataFrame(rows, columns=["quantity", "value", "low", "high", "n_tasks"])


def metric_gaps(
    by_metric: Iterable[tuple[str, pd.DataFrame]], sides: Sides, families: Mapping[str, str], seed: int = 0
) -> pd.DataFrame:
    """The mean gap and the share of wins over tasks by each metric: `mean_gap` and `first_wins` of `gap_summary`.

    Args:
        by_metric: Each metric's name, and the trials of unmodified tasks scored on test by it.
        sides: The families.
        families: Family of each task; tasks that are not in it are their own.
        seed: Of the draws.

    Returns:
        `metric regime n_tasks gap low high first_wins`: metrics in their order, the default configurations first.
    """
    import pandas as pd

    rows = []
    for metric, trials in by_metric:
        known = split_gaps(trials, sides).dropna(subset="gap")
        means = known.groupby(["regime", "task"], sort=True)[["gap", "first_wins"]].mean()
        for regime, mine in means.groupby(level="regime", sort=True):
            related = [families.get(str(task), str(task)) for _, task in mine.index]
            gap = mean_interval(mine["gap"].to_numpy(dtype=np.float64), related, seed)
            rows.append({
                "metric": metric, "regime": regime, "n_tasks": gap.n_tasks, "gap": gap.value, "low": gap.low,
                "high": gap.high, "first_wins": float(mine["first_wins"].mean()),
            })  # fmt: skip
    return pd.DataFrame(rows, columns=["metric", "regime", "n_tasks", "gap", "low", "high", "first_wins"])

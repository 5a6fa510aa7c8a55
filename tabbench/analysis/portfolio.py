"""Zero-shot portfolios: the few configurations that together do best over a suite, whatever the task."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.analysis.candidates import Candidates, candidates
from tabbench.analysis.units import mean_interval
from tabbench.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tabbench.task import FloatArray, IntArray

SPLIT = ["task", "repeat", "fold"]
CONFIG = ["model", "config_id"]
N_DRAWS = 10


class Grid(NamedTuple):
    """Configurations that were tried on every split.

    Attributes:
        configs: One row a candidate: `model config_id config is_default`.
        candidates: What valid says of them and what they lose.
    """

    configs: pd.DataFrame
    candidates: Candidates


def shared_grid(trials: pd.DataFrame, related: Mapping[str, str]) -> Grid:
    """The configurations that every split has a trial of: under random and QMC sampling all but those cut short.

    Args:
        trials: One row a trial: `model task repeat fold trial config_id config valid_error error`.
        related: Family of each task; tasks that are not in it are their own.

    Raises:
        DataError: If no configuration was tried on every split.
    """
    import pandas as pd

    first = trials.drop_duplicates([*CONFIG, *SPLIT])
    n_splits = len(first[SPLIT].drop_duplicates())
    is_shared = first.groupby(CONFIG)["trial"].transform("size") == n_splits
    if not is_shared.any():
        raise DataError(
            "No configuration was tried on every split, so there is nothing to choose a portfolio from. Random and QMC "
            "sampling try the same ones everywhere; samplers that learn do not, and models that skip a task are to be "
            "left out."
        )
    kept = first[is_shared]
    configs = kept.groupby(CONFIG, sort=True).agg(config=("config", "first"), trial=("trial", "min")).reset_index()
    row, column = kept.groupby(SPLIT, sort=True).ngroup(), kept.groupby(CONFIG, sort=True).ngroup()
    errors = {}
    for name in ("valid_error", "error"):
        errors[name] = np.full((n_splits, len(configs)), np.nan)
        errors[name][row, column] = kept[name].to_numpy(dtype=np.float64, na_value=np.nan)
    tasks = kept[SPLIT].drop_duplicates().sort_values(SPLIT)["task"]
    codes, names = pd.factorize(tasks, sort=True)
    families = [related.get(str(name), str(name)) for name in names]
    made = candidates(errors["valid_error"], errors["error"], [str(n) for n in names], codes.astype(np.int64), families)
    return Grid(configs.assign(is_default=configs["trial"] == 0).drop(columns="trial"), made)


def evaluate(grid: Grid, size: int, seed: int = 0, most_parts: int | None = None) -> pd.DataFrame:
    """What portfolios of 1, 2, … configurations lose on tasks they were not selected on, beside what they are held to.

    Each task is left out of the selection with all that are related to it. On it all members are tried and the best on
    valid is taken. *Random* is the mean of ten draws of as many configurations; *single model* is the model whose
    first trials lose least on the other tasks, with as many of its own: its default and then its draws.

    Args:
        grid: All configurations.
        size: The largest portfolio.
        seed: Of the draws.
        most_parts: More families than this are left out in so many parts; None for each on its own.

    Returns:
        `n_configs loss low high random single_model gain gain_low gain_high`: mean losses over tasks; `gain` is how
        much less the portfolio loses than the single model. Intervals of 95 % draw tasks.
    """
    import pandas as pd

    found, out_of = grid.candidates, grid.candidates.parts(most_parts)
    members = [found.greedy(size, without=out) for out in out_of]
    rng = np.random.default_rng(seed)
    drawn = [rng.permutation(len(grid.configs)) for _ in range(N_DRAWS)]
    rows = []
    for n in range(1, min(size, len(grid.configs)) + 1):
        own = np.empty(len(found.tasks))
        for out, chosen in zip(out_of, members, strict=True):
            own[out] = found.chosen(chosen[:n])[out]
        chance = np.mean([found.chosen(order[:n].tolist()) for order in drawn])
        single = _single_model(grid, out_of, n)
        mean, gain = (mean_interval(values, found.related, seed) for values in (own, single - own))
        rows.append({
            "n_configs": n, "loss": mean.value, "low": mean.low, "high": mean.high, "random": chance,
            "single_model": single.mean(), "gain": gain.value, "gain_low": gain.low, "gain_high": gain.high,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _single_model(grid: Grid, out_of: list[IntArray], n: int) -> FloatArray:
    models = grid.configs["model"].to_numpy()
    order = np.argsort(~grid.configs["is_default"].to_numpy(), kind="stable")
    losses = np.array([
        grid.candidates.chosen([int(i) for i in order if models[i] == model][:n]) for model in dict.fromkeys(models)
    ])  # fmt: skip
    found = np.empty(losses.shape[1])
    for out in out_of:
        best = np.delete(losses, out, axis=1).mean(axis=1).argmin()
        found[out] = losses[best, out]
    return found


def exported(grid: Grid, members: list[int]) -> dict[str, list[str]]:
    """The members as `sampler.configs` takes them: each model's configurations, as JSON.

    A default configuration is on no list, since every job tries it first.
    """
    found: dict[str, list[str]] = {}
    for row in grid.configs.iloc[members].to_dict("records"):
        listed = found.setdefault(str(row["model"]), [])
        if not row["is_default"]:
            listed.append(str(row["config"]))
    return found

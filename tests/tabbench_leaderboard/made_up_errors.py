"""Invented errors with everything that makes ranking hard: ties, gaps, families, hopeless entrants, ragged splits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from tabbench_leaderboard.browser_data import Index
from tabbench_leaderboard.first_view import first_view
from tabbench_leaderboard.site_data import (
    PRIMARY,
    VERSION,
    BrowserData,
    MetricData,
    ModelData,
    SiteData,
    TaskData,
    ViewData,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPES = ("binary", "multiclass", "regression")
FAMILIES = ("linear", "boosted_trees", "network")


def made_up_errors(n_models: int = 7, n_tasks: int = 16, seed: int = 0) -> pd.DataFrame:
    """Tidy rows of two regimes, with the facts of their tasks."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    models = ["constant", *(f"m{i}" for i in range(1, n_models))]
    for t in range(n_tasks):
        for fold in range(3 if t % 4 else 10):
            hard = rng.uniform(0.2, 1.0)
            for m, model in enumerate(models):
                for r, regime in enumerate(("default", "tuned")):
                    error = hard * (2.0 if m == 0 else 1.0 - 0.06 * m - 0.05 * r + 0.15 * rng.standard_normal())
                    error = round(max(error, 0.0), 2)  # rounding makes ties
                    is_gap = (m == 2 and t == 3 and fold == 1) or (m == 3 and t < n_tasks // 3) or rng.uniform() < 0.004
                    if m == 4 and t == 5 and r == 0:
                        continue  # no row at all
                    rows.append({
                        "model": model, "regime": regime, "task": f"t{t:02}", "repeat": 0, "fold": fold,
                        "error": np.nan if is_gap and m else error, "fit_seconds": 0.1 * (m + 1) + fold,
                        "predict_seconds": 0.01 * (m + 1), "search_seconds": 5.0, "job_id": f"{model} {t} {fold}",
                        "valid_error": error * 0.9, "best_error": error, "task_type": TYPES[t % 3],
                        "task_family": f"f{t // 2}" if t < 6 else f"t{t:02}", "has_space": m > 0, "source_hash": model,
                    })  # fmt: skip
    return pd.DataFrame(rows)


def browser_data_of(errors: pd.DataFrame) -> BrowserData:
    """The same rows as the builder hands them to the scripts."""
    index = Index.of(errors)
    memory = errors[["regime", "job_id"]].assign(memory_mib=100.0)
    tasks = errors.drop_duplicates("task").set_index("task")
    regimes = sorted(set(errors["regime"]))
    views = tuple(ViewData(r, PRIMARY, f"data/view-{r}-{PRIMARY}.bin", "shared machine", ()) for r in regimes)
    site = SiteData(
        VERSION, "Invented", "", "2026-01-01", "0", 1,
        tasks=tuple(
            TaskData(t, t, tasks["task_type"][t], 100 * (i + 1), 5 + i, i % 5, i % 4, 0.01 * i, None, "kfold",
                     ("a", "b") if i % 2 else ("a",), tasks["task_family"][t], f"tasks/{t}.html")
            for i, t in enumerate(index.tasks)
        ),
        splits=index.keys,
        models=tuple(
            ModelData(m, m, FAMILIES[i % 3], "model", "MIT", 1, None, None, (), m != "constant", f"models/{m}.html")
            for i, m in enumerate(index.models)
        ),
        metrics=(MetricData(PRIMARY, "As chosen by", "", TYPES),),
        views=views,
    )  # fmt: skip
    arrays = {v.file: index.arrays(errors[errors["regime"] == v.regime], memory) for v in views}
    return BrowserData(site, arrays, first_view(errors, site, arrays))


def random_settings(errors: pd.DataFrame, n: int, seed: int = 1) -> Sequence[dict[str, Any]]:
    """What a reader might choose: a regime or all, some tasks, some models, a rule."""
    rng = np.random.default_rng(seed)
    n_tasks, models = errors["task"].nunique(), sorted(set(errors["model"]))
    found = []
    for number in range(n):
        rule = ("constant", "worst", "leave_out", "reference")[number % 4]
        found.append({
            "regimes": (["tuned"], ["default"], ["default", "tuned"])[number % 3],
            "metric": PRIMARY,
            "tasks": (rng.uniform(size=n_tasks) < (0.85 if number else 2)).tolist(),
            "models": [bool(rng.uniform() < (0.85 if number else 2)) or model == "m1" for model in models],
            "rules": {"impute": rule, "constant": "constant", "reference": "m1", "seed": number},
        })  # fmt: skip
    return found

"""`tabbench analyze recommenders`: what choosing a model by metafeatures is worth, beside what needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.cli.analyze.metafeatures import metafeatures_of
from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel
from tabbench.errors import DataError

if TYPE_CHECKING:
    import argparse

    import pandas as pd

    from tabbench.analysis.candidates import Candidates
    from tabbench.cli.analyze.material import Material


def analyze_recommenders(options: argparse.Namespace, material: Material) -> Found:
    """Regret, leave-one-task-out, of recommenders, portfolios and the baselines."""
    from tabbench.analysis.drawings import Bar, interval_drawing
    from tabbench.analysis.selection import FEWEST_TASKS, printed_tree, regrets

    known = metafeatures_of(options, sorted(set(material.errors["task"])))
    regime, names, models = model_candidates(material, set(known.table.index))
    features = known.table.reindex(models.tasks)
    found = regrets(features, models, options.seed)
    notices = [*known.notices, f"Regime {regime}: {len(names)} models over {len(models.tasks)} tasks, each left out."]
    panels = [
        Panel(f"{regime}: regret, how much smaller the error would be with the best model", found.assign(pool=""))
    ]
    if len(models.families()) < FEWEST_TASKS:
        notices.append(f"Under {FEWEST_TASKS} families of tasks nothing is learnt from metafeatures: baselines alone.")
    else:
        notices.append(f"The tree, learnt on all tasks:\n{printed_tree(features, models.task_loss, names)}")
        learnt = found[found["way"].str.contains("tree of|forest|nearest") & (found["gain_low"] > 0)]
        notices.append(
            f"Told better than the single best model: {', '.join(learnt['way'])}." if len(learnt) else
            "No recommender is told better than always taking the single best model."
        )  # fmt: skip
    bars = [Bar(str(r["way"]), r["regret"], r["low"], r["high"]) for r in found.to_dict("records")]
    drawing = interval_drawing("Ways to choose a model", "regret, 95 % over tasks", bars)
    return Found(panels, found, tuple(notices), {"regrets": found}, {"regrets": drawing})


def model_candidates(material: Material, tasks: set[str]) -> tuple[str, tuple[str, ...], Candidates]:
    """The models as candidates, under the most tuned regime, on unmodified tasks; constant predictors left out.

    Args:
        material: What is analysed.
        tasks: Those that are taken.

    Raises:
        DataError: If fewer than two models have rows.
    """
    from tabbench.analysis.candidates import candidates
    from tabbench.data.modifiers.names import is_unmodified
    from tabbench.ranking.table import layout_of

    errors = material.errors[[is_unmodified(task) and task in tasks for task in material.errors["task"]]]
    if "family" in errors:
        errors = errors[errors["family"] != "baseline"]
    regime = "tuned" if "tuned" in set(errors["regime"]) else next(iter(errors["regime"]), "")
    pool = _with_choice(errors[errors["regime"] == regime], material)
    if pool["model"].nunique() < 2:
        raise DataError("There is nothing to choose from: fewer than two models have rows on unmodified tasks.")
    layout = layout_of(pool)
    related = [material.related.get(task, task) for task in layout.tasks]
    valid, test = layout.wide(pool["valid_error"]), layout.wide(pool["error"])
    return regime, layout.models, candidates(valid, test, layout.tasks, layout.task_of, related)


def _with_choice(pool: pd.DataFrame, material: Material) -> pd.DataFrame:
    """Rows of a file have what chooses in `trials`, one a row."""
    if "valid_error" in pool:
        return pool
    keys = ["model", "task", "repeat", "fold"]
    return pool.merge(material.trials[[*keys, "valid_error"]], on=keys, how="left").astype({"valid_error": np.float64})

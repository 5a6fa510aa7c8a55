"""`tabbench analyze recommenders`: what choosing a model by metafeatures is worth, beside what needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.metafeatures import metafeatures_of
from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel

if TYPE_CHECKING:
    import argparse

    from tabbench.analysis.material import Material


def analyze_recommenders(options: argparse.Namespace, material: Material) -> Found:
    """Regret, leave-one-task-out, of recommenders, portfolios and the baselines."""
    from tabbench.analysis.drawings import Bar, interval_drawing
    from tabbench.analysis.model_candidates import model_candidates
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

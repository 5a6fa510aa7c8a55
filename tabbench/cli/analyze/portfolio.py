"""`tabbench analyze portfolio`: the configurations that together do best, judged on tasks they were not selected on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.cli.analyze.output import Found
from tabbench.cli.rank_more import Panel
from tabbench.counted import counted

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tabbench.analysis.material import Material


def analyze_portfolio(options: argparse.Namespace, material: Material) -> Found:
    """A portfolio of `--size` configurations, and what portfolios lose beside random ones and a single model."""
    from tabbench.analysis.drawings import Bar, interval_drawing
    from tabbench.analysis.material import unmodified
    from tabbench.analysis.portfolio import evaluate, exported, shared_grid
    from tabbench.errors import DataError

    if "config_id" not in material.trials:
        raise DataError("A portfolio is made of configurations, and rows of --from name none: take a store.")
    trials = unmodified(material.trials)
    grid = shared_grid(trials[trials["family"] != "baseline"], material.related)
    judged = evaluate(grid, options.size, options.seed)
    members = grid.candidates.greedy(options.size)
    chosen = grid.configs.iloc[members][["model", "is_default", "config"]]
    chosen.insert(0, "place", range(1, len(chosen) + 1))
    panels = [
        Panel(
            f"The {counted(len(members), 'configuration')}, in the order in which they were taken",
            chosen.assign(pool=""),
        ),
        Panel("What n of them lose on tasks they were not selected on", judged.assign(pool="")),
    ]
    bars = [
        Bar(counted(r["n_configs"], "configuration"), r["loss"], r["low"], r["high"]) for r in judged.to_dict("records")
    ]
    drawing = interval_drawing("Portfolios on tasks left out", "loss to the best configuration, 95 % over tasks", bars)
    tables = {"portfolio": chosen, "portfolio_losses": judged}
    texts = hydra_files(exported(grid, members), options.output or "FOLDER")
    return Found(
        panels, chosen, (_in_words(grid.configs["model"].nunique(), len(grid.configs), len(grid.candidates.tasks)),),
        tables, {"portfolio_losses": drawing}, texts,
    )  # fmt: skip


def _in_words(n_models: int, n_configs: int, n_tasks: int) -> str:
    return (
        f"Taken from {counted(n_configs, 'configuration')} of {counted(n_models, 'model')} that were tried on every "
        f"split of {counted(n_tasks, 'task')}. -o FOLDER exports them: tabbench run --config-dir FOLDER "
        "experiment=portfolio suite=…"
    )


def hydra_files(configs: Mapping[str, list[str]], folder: str) -> dict[str, str]:
    """`configs.yaml`, a list for each model, and the experiment of Hydra that names them."""
    lists = "".join(f"{model}:{'' if listed else ' []'}\n" + "".join(f"  - {c}\n" for c in listed)
                    for model, listed in configs.items())  # fmt: skip
    most = 1 + max((len(listed) for listed in configs.values()), default=0)
    names = "".join(f"  - {model}\n" for model in configs)
    return {
        "configs.yaml": f"# Configurations of each model, beside its default, which every job tries first.\n{lists}",
        "experiment/portfolio.yaml": (
            "# @package _global_\n# A zero-shot portfolio, selected by `tabbench analyze portfolio`.\n"
            f"models:\n{names}sampler:\n  kind: fixed\n  configs: {folder}/configs.yaml\n"
            f"protocol:\n  n_trials: {most}\n"
        ),
    }

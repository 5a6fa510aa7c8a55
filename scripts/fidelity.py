#!/usr/bin/env python
"""Train a network's published configuration on the published table, and print our error beside theirs.

    python scripts/fidelity.py resnet --data ../shared/data [--seeds 3] [--rows 4000] [--reference]

Splits have the published sizes but not the published rows, so what is compared is the ratio to XGBoost: ours, with
the published parameters, on the same rows as the network; theirs as published. DATA holds
`tables/california_housing.parquet` and the runs of two studies: `results/rtdl_revisiting/rtdl_stats.tar.xz` (the
`stats.json` files of github.com/yandex-research/rtdl-revisiting-models) and
`results/tabr/tabr_evaluation_and_ensemble_reports.tar.xz` (`report.json`, github.com/yandex-research/tabular-dl-tabr).

With --reference the published network, of the authors' package `rtdl_revisiting_models` or as it was described, trained
by a plain loop on the same rows, stands in the place of XGBoost. `docs/fidelity.md` keeps what was measured. Networks
without public runs are compared with what `published_tables.py` holds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from published_tables import BASE as PRINTED_BASE
from published_tables import PRINTED
from reference_network import REFERENCES, reference_error

from tabbench.discovery import find_models, load_model
from tabbench.metrics import error_function
from tabbench.model import Context, Part
from tabbench.preparation import count_facts, fit_preparation
from tabbench.task import REGRESSION, Array

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.model import Model, Params

TABLE, TARGET, UNIT = "california_housing", "medianHouseValue", 1e5
SIZES = 13_209, 3_303, 4_128
"""Rows of train, valid and test in both studies, of 20,640."""
RTDL = Path("results/rtdl_revisiting/rtdl_stats.tar.xz")
TABR = Path("results/tabr/tabr_evaluation_and_ensemble_reports.tar.xz")
OWN = {
    "mlp_rtdl": (RTDL, "mlp tuned"),
    "resnet": (RTDL, "resnet tuned"),
    "ft_transformer": (
        RTDL,
        "ft_transformer default",
    ),  # what they tuned to normalises after the block; ours never does
    "node": (RTDL, "node tuned"),
    "tabnet": (RTDL, "tabnet tuned"),
    "saint": (TABR, "saint 2-evaluation"),
}
"""Our name: the study, and the name of its runs."""
BASE = {RTDL: "xgboost tuned", TABR: "xgboost_ 2-evaluation"}
KINDS = {RTDL: ("tuned", "default"), TABR: ("0-evaluation", "2-evaluation")}
"""Which runs of a study count; of the second the plain form of each model, without its variants."""
RENAMED = {
    "resnet": {"n_layers": "n_blocks", "d": "d_block", "d_hidden_factor": "hidden_factor",
               "hidden_dropout": "hidden_dropout", "residual_dropout": "residual_dropout"},
    "ft_transformer": {"n_layers": "n_blocks", "d_token": "d_block", "d_ffn_factor": "ffn_factor",
                       "attention_dropout": "attention_dropout", "ffn_dropout": "ffn_dropout",
                       "residual_dropout": "residual_dropout"},
    "node": {"num_layers": "n_layers", "layer_dim": "n_trees", "depth": "depth"},
    "tabnet": {"feature_dim": "n_d", "num_decision_steps": "n_steps", "relaxation_factor": "gamma"},
    "saint": {"depth": "depth", "dim": "d_token", "heads": "n_heads", "dim_head": "d_head", "ffn_mult": "ffn_factor",
              "attn_dropout": "attention_dropout", "ff_dropout": "ffn_dropout"},
}  # fmt: skip
"""Their words for sizes, and ours."""


@dataclass(frozen=True)
class Published:
    """One model's published runs: test RMSE by seed, in 100,000 dollars, and the configuration of all."""

    errors: Array
    config: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """What is trained here, and what it is compared with.

    Attributes:
        published: Runs of a study by its names of models.
        own: Which of them are our network's.
        base: Which are XGBoost's, as trained here with `xgboost`.
        params: The network's published configuration in our words.
        sizes: Rows of train, valid and test.
        standardises: Whether XGBoost sees a standardised target.
    """

    published: dict[str, Published]
    own: str
    base: str
    params: Params
    xgboost: dict[str, Any]
    sizes: tuple[int, int, int] = SIZES
    standardises: bool = True


def read_published(data: Path, study: Path) -> dict[str, Published]:
    """A study's runs on the table, by model and kind of run."""
    kinds, table = KINDS[study], TABLE if study == RTDL else "california"
    found: dict[str, list[dict[str, Any]]] = {}
    with tarfile.open(data / study) as tar:
        for member in tar:
            parts = Path(member.name).parts
            if len(parts) != 6 or parts[5] not in ("stats.json", "report.json") or parts[3] not in kinds:
                continue
            model, of = (parts[2], parts[1]) if study == RTDL else (parts[1], parts[2])
            if of == table and (file := tar.extractfile(member)) is not None:
                found.setdefault(f"{model} {parts[3]}", []).append(json.load(file))
    return {
        name: Published(np.array([run["metrics"]["test"]["rmse"] for run in runs]), runs[0]["config"])
        for name, runs in found.items()
    }


def our_params(name: str, config: dict[str, Any]) -> Params:
    """The published configuration in our words."""
    model, training = config["model"], config["training"] if "training" in config else config["optimizer"]
    rate = training["lr"] if "lr" in training else training["schedule"]["learning_rate"]
    params = {ours: model[theirs] for theirs, ours in RENAMED.get(name, {}).items()} | {"learning_rate": rate}
    if name == "node":
        return params | {"d_extra": model["tree_dim"] - 1, "n_trees": model["layer_dim"] * model["num_layers"]}
    if name == "tabnet":
        return params | {"sparsity": training["sparsity_loss_weight"]}
    if name == "mlp_rtdl":
        layers = model["d_layers"]
        widths = {"d_first": layers[0], "d_middle": layers[len(layers) // 2], "d_last": layers[-1]}
        params |= {"n_layers": len(layers), **widths, "dropout": model["dropout"]}
    return params | {"weight_decay": training["weight_decay"]}


def find_comparison(model: str, data: Path) -> Comparison:
    """From public runs, or from a printed table."""
    if model in OWN:
        study, own = OWN[model]
        runs = read_published(data, study)
        return Comparison(runs, own, BASE[study], our_params(model, runs[own].config), runs[BASE[study]].config)
    table = PRINTED[model]
    own, params = table.own[model]
    # two runs that have the printed mean and deviation
    runs = {name: Published(np.array([mean - std, mean + std]), {}) for name, (mean, std) in table.errors.items()}
    if table.xgboost is None:
        tuned = read_published(data, RTDL)[BASE[RTDL]].config
        return Comparison(runs, own, PRINTED_BASE, params, tuned, table.sizes)
    return Comparison(runs, own, PRINTED_BASE, params, table.xgboost, table.sizes, standardises=False)


def network_error(model: type[Model], params: Params, parts: list[Part], seed: int) -> float:
    """Test RMSE of one fit, stopped on valid."""
    preparation = fit_preparation(parts[0].X, model.card.reads)
    train, valid, test = (Part(preparation.transform(part.X), part.y) for part in parts)
    context = Context(
        rng=np.random.default_rng(seed),
        seed=seed,
        n_threads=1,
        metric="rmse",
        error=error_function("rmse", REGRESSION, 0),
        task=count_facts(parts[0].X, REGRESSION, 0),
        columns=preparation.columns,
    )
    made = model()
    made.fit(train, valid, {**model.default, **params}, context)
    return context.error(test.y, made.predict(test.X))


def xgboost_error(config: dict[str, Any], parts: list[Part], seed: int, standardises: bool) -> float:
    """Test RMSE of XGBoost with published parameters, stopped on valid as published."""
    import xgboost

    train, valid, test = parts
    mean, scale = (float(train.y.mean()), float(train.y.std())) if standardises else (0.0, 1.0)
    given = {**config["model"], "tree_method": "hist", "n_jobs": 1, "random_state": seed}
    given.pop("use_label_encoder", None)
    booster = xgboost.XGBRegressor(**given, early_stopping_rounds=config["fit"]["early_stopping_rounds"])
    booster.fit(train.X, (train.y - mean) / scale, eval_set=[(valid.X, (valid.y - mean) / scale)], verbose=False)
    prediction = booster.predict(test.X) * scale + mean
    return float(np.sqrt(np.mean((prediction - test.y) ** 2)))


def as_published(frame: pd.DataFrame) -> tuple[pd.DataFrame, Array]:
    """The columns of the published runs: rooms, bedrooms and people a household, where the table has their sums."""
    X = frame.drop(columns=TARGET).astype(float)
    for column in ("totalRooms", "totalBedrooms"):
        X[column] /= X["households"]
    return X.assign(households=X["population"] / X["households"]), frame[TARGET].to_numpy(dtype=float) / UNIT


def cut(X: pd.DataFrame, y: Array, n_rows: int, seed: int, sizes: tuple[int, int, int] = SIZES) -> list[Part]:
    """Train, valid and test of the published sizes, or of their shares of `n_rows`."""
    rows = np.random.default_rng(seed).permutation(len(y))
    ends = np.cumsum([size * n_rows // sum(sizes) for size in sizes])
    return [Part(X.iloc[part].reset_index(drop=True), y[part]) for part in np.split(rows, ends)[:3]]


def compare(ours: Array, published: dict[str, Published], own: str, base: str) -> list[str]:
    """Our ratio to XGBoost beside all published ones, nearest first, and whether it is nearest to its own."""
    divisor = published[base].errors.mean()
    ratios = {key: runs.errors / divisor for key, runs in published.items() if "default" not in key or key == own}
    lines = [f"{'ratio to XGBoost':34} {'mean':>8} {'std':>8}", f"{'ours':34} {ours.mean():8.4f} {ours.std():8.4f}"]
    nearest = sorted(ratios, key=lambda key: abs(ratios[key].mean() - ours.mean()))
    for key in nearest:
        mark = "  <- its own" if key == own else ""
        lines.append(f"published {key:24} {ratios[key].mean():8.4f} {ratios[key].std():8.4f}{mark}")
    gap = abs(ours.mean() - ratios[own].mean())
    noise = float(np.hypot(ours.std(), ratios[own].std()))
    closer = [key for key in nearest[: nearest.index(own)] if abs(ratios[key].mean() - ratios[own].mean()) > noise]
    verdict = f"nearer to {', '.join(closer)}" if closer else "nearest to its own"
    return [*lines, f"{verdict}: {gap:.4f} away, combined noise {noise:.4f}"]


def _spread(errors: Array) -> str:
    return f"{errors.mean():.4f} ± {errors.std():.4f}"


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=sorted([*OWN, *PRINTED]))
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, default=3, help="splits and fits (default 3)")
    parser.add_argument("--rows", type=int, default=sum(SIZES), help="fewer can only be compared with --reference")
    parser.add_argument(
        "--reference", action="store_true", help=f"train the published network too: {sorted(REFERENCES)}"
    )
    given = parser.parse_args(arguments)
    if given.reference and given.model not in REFERENCES:
        parser.error(f"no reference for {given.model}; there is one for {', '.join(sorted(REFERENCES))}")
    return given


def main(arguments: list[str]) -> int:
    """Run the comparison and print it."""
    import pandas as pd

    given = _asked(arguments)
    table = given.data / "tables" / f"{TABLE}.parquet"
    runs = given.data / (OWN[given.model][0] if given.model in OWN else RTDL)
    missing = [str(path) for path in (runs, table) if not path.exists()]
    if missing:
        print(f"Missing: {', '.join(missing)}. Say where they are with --data.", file=sys.stderr)
        return 2
    against = find_comparison(given.model, given.data)
    model = load_model(find_models()[given.model])
    X, y = as_published(pd.read_parquet(table))
    errors = []
    for seed in range(given.seeds):
        parts, started = cut(X, y, given.rows, seed, against.sizes), time.process_time()
        ours = network_error(model, against.params, parts, seed)
        seconds = time.process_time() - started
        if given.reference:
            params = {**model.default, **against.params}
            name, theirs = "the published network", reference_error(given.model, params, parts, seed)
        else:
            name, theirs = "XGBoost", xgboost_error(against.xgboost, parts, seed, against.standardises)
        errors.append((ours, theirs))
        print(f"seed {seed}: {given.model} {ours:.4f} in {seconds:.0f} s of CPU, {name} {theirs:.4f}", flush=True)
    measured = np.array(errors)
    print(f"here: {given.model} {_spread(measured[:, 0])}, {name} {_spread(measured[:, 1])}")
    ratios = measured[:, 0] / measured[:, 1]
    if given.reference:
        print(f"ratio to {name}: {_spread(ratios)}")
        return 0
    own, base = (f"{key} {_spread(against.published[key].errors)}" for key in (against.own, against.base))
    print(f"published: {own}, {base}")
    print("\n".join(compare(ratios, against.published, against.own, against.base)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

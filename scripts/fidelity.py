#!/usr/bin/env python
"""Train a network's published configuration on the published table, and print our error beside theirs.

    python scripts/fidelity.py resnet --data ../shared/data [--seeds 3] [--rows 4000]

Splits have the published sizes but not the published rows, so what is compared is the ratio to XGBoost: ours, with
the published parameters, on the same rows as the network; theirs as published. DATA holds
`tables/california_housing.parquet` and `results/rtdl_revisiting/rtdl_stats.tar.xz`, the `stats.json` files of
github.com/yandex-research/rtdl-revisiting-models. `docs/fidelity.md` keeps what was measured.
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
"""Rows of train, valid and test in Gorishniy et al. (2021), of 20,640."""
PUBLISHED_AS = {
    "mlp_rtdl": ("mlp", "tuned"),
    "resnet": ("resnet", "tuned"),
    "ft_transformer": (
        "ft_transformer",
        "default",
    ),  # what they tuned to normalises after the block, which ours never does
}
"""Our name: theirs, and which of their runs."""


@dataclass(frozen=True)
class Published:
    """One model's published runs: test RMSE by seed, in 100,000 dollars, and the configuration of all."""

    errors: Array
    config: dict[str, Any]


def read_published(archive: Path, kinds: tuple[str, ...] = ("tuned", "default")) -> dict[tuple[str, str], Published]:
    """Runs on the table by (model, kind)."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = Path(member.name).parts
            if len(parts) == 6 and parts[1] == TABLE and parts[3] in kinds and parts[5] == "stats.json":
                file = tar.extractfile(member)
                assert file is not None
                found.setdefault((parts[2], parts[3]), []).append(json.load(file))
    return {
        name: Published(np.array([run["metrics"]["test"]["rmse"] for run in runs]), runs[0]["config"])
        for name, runs in found.items()
    }


def our_params(name: str, config: dict[str, Any]) -> Params:
    """The published configuration in our words."""
    model, training = config["model"], config["training"]
    rates = {"learning_rate": training["lr"], "weight_decay": training["weight_decay"]}
    if name == "mlp_rtdl":
        layers = model["d_layers"]
        widths = {"d_first": layers[0], "d_middle": layers[len(layers) // 2], "d_last": layers[-1]}
        return {"n_layers": len(layers), **widths, "dropout": model["dropout"], **rates}
    dropouts = {key: model[key] for key in ("attention_dropout", "ffn_dropout", "hidden_dropout", "residual_dropout")
                if key in model}  # fmt: skip
    width = model["d"] if name == "resnet" else model["d_token"]
    factor = {"hidden_factor": model["d_hidden_factor"]} if name == "resnet" else {"ffn_factor": model["d_ffn_factor"]}
    return {"n_blocks": model["n_layers"], "d_block": width, **factor, **dropouts, **rates}


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


def xgboost_error(config: dict[str, Any], parts: list[Part], seed: int) -> float:
    """Test RMSE of XGBoost with published parameters, stopped on valid as published; the target standardised."""
    import xgboost

    train, valid, test = parts
    mean, scale = float(train.y.mean()), float(train.y.std())
    given = {**config["model"], "tree_method": "hist", "n_jobs": 1, "random_state": seed}
    booster = xgboost.XGBRegressor(**given, early_stopping_rounds=config["fit"]["early_stopping_rounds"])
    booster.fit(train.X, (train.y - mean) / scale, eval_set=[(valid.X, (valid.y - mean) / scale)], verbose=False)
    prediction = booster.predict(test.X) * scale + mean
    return float(np.sqrt(np.mean((prediction - test.y) ** 2)))


def cut(X: pd.DataFrame, y: Array, n_rows: int, seed: int) -> list[Part]:
    """Train, valid and test of the published sizes, or of their shares of `n_rows`."""
    rows = np.random.default_rng(seed).permutation(len(y))
    ends = np.cumsum([size * n_rows // sum(SIZES) for size in SIZES])
    return [Part(X.iloc[part].reset_index(drop=True), y[part]) for part in np.split(rows, ends)[:3]]


def compare(ours: Array, published: dict[tuple[str, str], Published], own: tuple[str, str]) -> list[str]:
    """Our ratio to XGBoost beside all published ones, nearest first, and whether it is nearest to its own."""
    base = published["xgboost", "tuned"].errors.mean()
    ratios = {key: runs.errors / base for key, runs in published.items() if key[1] == "tuned" or key == own}
    lines = [f"{'ratio to XGBoost':32} {'mean':>8} {'std':>8}", f"{'ours':32} {ours.mean():8.4f} {ours.std():8.4f}"]
    nearest = sorted(ratios, key=lambda key: abs(ratios[key].mean() - ours.mean()))
    for key in nearest:
        mark = "  <- its own" if key == own else ""
        lines.append(f"published {' '.join(key):22} {ratios[key].mean():8.4f} {ratios[key].std():8.4f}{mark}")
    gap = abs(ours.mean() - ratios[own].mean())
    noise = float(np.hypot(ours.std(), ratios[own].std()))
    closer = [key for key in nearest[: nearest.index(own)] if abs(ratios[key].mean() - ratios[own].mean()) > noise]
    verdict = f"nearer to {', '.join(' '.join(key) for key in closer)}" if closer else "nearest to its own"
    return [*lines, f"{verdict}: {gap:.4f} away, combined noise {noise:.4f}"]


def _spread(runs: Published) -> str:
    return f"{runs.errors.mean():.4f} ± {runs.errors.std():.4f}"


def main(arguments: list[str]) -> int:
    """Run the comparison and print it."""
    import pandas as pd

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=sorted(PUBLISHED_AS))
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seeds", type=int, default=3, help="splits and fits (default 3)")
    parser.add_argument("--rows", type=int, default=sum(SIZES), help="fewer are no comparison, but show that it runs")
    given = parser.parse_args(arguments)
    archive = given.data / "results" / "rtdl_revisiting" / "rtdl_stats.tar.xz"
    table = given.data / "tables" / f"{TABLE}.parquet"
    missing = [str(path) for path in (archive, table) if not path.exists()]
    if missing:
        print(f"Missing: {', '.join(missing)}. Say where they are with --data.", file=sys.stderr)
        return 2
    published, frame = read_published(archive), pd.read_parquet(table)
    own = PUBLISHED_AS[given.model]
    model, params = load_model(find_models()[given.model]), our_params(given.model, published[own].config)
    X, y = frame.drop(columns=TARGET), frame[TARGET].to_numpy(dtype=float) / UNIT
    errors = []
    for seed in range(given.seeds):
        started, parts = time.monotonic(), cut(X, y, given.rows, seed)
        ours = network_error(model, params, parts, seed)
        seconds, theirs = time.monotonic() - started, xgboost_error(published["xgboost", "tuned"].config, parts, seed)
        errors.append((ours, theirs))
        print(f"seed {seed}: {given.model} {ours:.4f} in {seconds:.0f} s, XGBoost {theirs:.4f}", flush=True)
    measured = np.array(errors)
    print("published RMSE:", own[0], _spread(published[own]), "and XGBoost", _spread(published["xgboost", "tuned"]))
    print("\n".join(compare(measured[:, 0] / measured[:, 1], published, own)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

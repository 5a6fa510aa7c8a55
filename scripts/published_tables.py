"""What studies printed of California housing whose runs are not public: test RMSE by model, and how it came about.

Errors are in 100,000 dollars. A study that printed the squared error is given as its root; the spread of the root is
the spread of the square over twice the root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabbench.model import Params


@dataclass(frozen=True)
class PrintedTable:
    """One study's table.

    Attributes:
        source: Paper, and where the figures and configurations stand.
        sizes: Rows of train, valid and test.
        errors: Mean and standard deviation of the test RMSE, by the study's name of a model.
        own: Their name of one of our models, and its configuration in our words.
        xgboost: Its parameters there, in the form of the public runs; None where they are not printed.
    """

    source: str
    sizes: tuple[int, int, int]
    errors: Mapping[str, tuple[float, float]]
    own: Mapping[str, tuple[str, Params]]
    xgboost: dict[str, Any] | None


def _roots(squares: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Mean and deviation of the RMSE from those of the MSE.

    >>> _roots({"XGBoost": (0.25, 0.01)})
    {'XGBoost': (0.5, 0.01)}
    """
    return {name: (mean**0.5, std / (2 * mean**0.5)) for name, (mean, std) in squares.items()}


SURVEY = PrintedTable(
    source=(
        "Borisov et al. (2022). Deep neural networks and tabular data: a survey. IEEE TNNLS; table in the README of "
        "github.com/kathrinse/TabSurvey, configurations in its config/best_params.yml. Five folds, of which each cuts "
        "5 % of train as valid"
    ),
    sizes=(15_686, 826, 4_128),
    errors=_roots(
        {
            "Linear Model": (0.528, 0.008),
            "KNN": (0.421, 0.009),
            "Decision Tree": (0.404, 0.007),
            "Random Forest": (0.272, 0.006),
            "XGBoost": (0.206, 0.005),
            "LightGBM": (0.195, 0.005),
            "CatBoost": (0.196, 0.004),
            "MLP": (0.263, 0.008),
            "VIME": (0.275, 0.007),
            "DeepFM": (0.260, 0.006),
            "NODE": (0.276, 0.005),
            "NAM": (0.725, 0.022),
            "TabNet": (0.346, 0.007),
            "TabTransformer": (0.451, 0.014),
            "SAINT": (0.226, 0.004),
            "STG": (0.285, 0.006),
        }
    ),
    own={
        "vime": ("VIME", {"p_m": 0.3, "k": 3, "alpha": 1.0, "beta": 1.0, "n_hidden": 5}),
        "deepfm": ("DeepFM", {"dropout": 0.484, "n_blocks": 2, "d_block": 256, "weight_decay": 1e-2}),
        "stg": ("STG", {"hidden": "500-400-20", "lam": 1.87e-3, "learning_rate": 1.48e-3}),
        "nam": (
            "NAM",
            {"learning_rate": 1.14e-3, "output_penalty": 9.1e-3, "dropout": 4.22e-3, "feature_dropout": 0.154},
        ),
        "tab_transformer": (
            "TabTransformer",
            {
                "d_token": 256,
                "n_blocks": 6,
                "n_heads": 4,
                "dropout": 0.3,
                "learning_rate": 1e-3,
                "weight_decay": 1e-2,
            },
        ),
    },
    xgboost={
        "model": {
            "n_estimators": 1000,
            "max_depth": 7,
            "reg_lambda": 5.47e-4,
            "reg_alpha": 0.4515,
            "learning_rate": 0.0845,
        },
        "fit": {"early_stopping_rounds": 20},
    },
)

T2G = PrintedTable(
    source=(
        "Yan et al. (2023). T2G-Former. AAAI, arXiv 2211.16887, tables 2 and 10; rows as Gorishniy et al. (2021). What "
        "table 10 prints beside the mean is taken for a variance: its root is near the spread of those authors' runs"
    ),
    sizes=(13_209, 3_303, 4_128),
    errors={
        "XGBoost": (0.436, 1.40e-6**0.5),
        "MLP": (0.499, 1.90e-5**0.5),
        "SNN": (0.498, 7.09e-5**0.5),
        "TabNet": (0.513, 1.61e-4**0.5),
        "DANet-28": (0.524, 5.25e-5**0.5),
        "NODE": (0.463, 2.60e-6**0.5),
        "AutoInt": (0.472, 1.76e-5**0.5),
        "DCNv2": (0.489, 1.51e-5**0.5),
        "FT-Transformer": (0.460, 1.13e-5**0.5),
        "T2G-Former": (0.455, 2.10e-5**0.5),
    },
    own={"danet": ("DANet-28", {"n_layers": 28, "n_units": 64, "k": 5, "dropout": 0.1})},
    xgboost=None,  # tuned in the space of Gorishniy et al. (2021): their parameters stand in
)

PRINTED = {model: table for table in (SURVEY, T2G) for model in table.own}
"""Our name: where its figure is printed."""
BASE = "XGBoost"

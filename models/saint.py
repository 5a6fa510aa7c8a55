"""SAINT of Somepalli et al. (2021): attention between the columns of a row and between the rows of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Family,
    Model,
    ModelCard,
    Params,
    Part,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    import pandas as pd
    from tabbench_models._network_trainer import Schedule
    from torch import nn

    from tabbench.model import Context, Training
    from tabbench.task import FloatArray, IntArray

WIDE = 100
"""Columns beyond which the authors' code makes tokens narrow and batches small."""


class SAINT(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="saint",
        title="SAINT",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper=(
            "Somepalli, Goldblum, Schwarzschild, Bruss, Goldstein (2021). SAINT: improved neural networks for tabular "
            "data via row attention and contrastive pre-training"
        ),
        code="tabbench, from the paper and the authors' description of defaults; without contrastive pre-training",
        licence="Apache-2.0",
        version=3,
        requires=("torch",),
        extra="network",
        is_transductive=True,  # rows that are predicted together look at each other
        space_source=(
            "Gorishniy et al. (2023) for depth, widths and the feed-forward factor; dropouts, learning rate and weight "
            "decay as that study draws them for FT-Transformer. The default is what the authors' train.py sets when "
            "rows attend: one block, 4 heads, width 32, feed-forward dropout 0.8 and, since their layer never uses "
            "its 0.8, no attention dropout"
        ),
        smoke={"depth": 1, "d_token": 8, "n_heads": 2, "ffn_factor": 1.0, "ffn_dropout": 0.0, "learning_rate": 3e-3},
    )
    default: ClassVar[Params] = {
        "depth": 1,
        "d_token": 32,
        "n_heads": 4,
        "d_head": 16,
        "ffn_factor": 4.0,
        "attention_dropout": 0.0,
        "ffn_dropout": 0.8,
        "learning_rate": 1e-4,
        "weight_decay": 1e-2,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "depth": trial.suggest_int("depth", 1, 4),
            "d_token": trial.suggest_int("d_token", 4, 32, step=4),
            "n_heads": 8,
            "d_head": trial.suggest_int("d_head", 2, 48),
            "ffn_factor": trial.suggest_float("ffn_factor", 2 / 3, 8 / 3),
            "attention_dropout": trial.suggest_float("attention_dropout", 0.0, 0.5),
            "ffn_dropout": trial.suggest_float("ffn_dropout", 0.0, 0.5),
            "learning_rate": trial.suggest_float("learning_rate", 3e-5, 1e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._saint_net import SAINTNetwork, Sizes

        d_token = params["d_token"]
        if self.is_wide(widths):
            d_token = min(4, d_token)
        return SAINTNetwork(
            widths,
            Sizes(
                depth=params["depth"],
                d_token=d_token,
                n_heads=params["n_heads"],
                d_head=params["d_head"],
                ffn_factor=params["ffn_factor"],
                attention_dropout=params["attention_dropout"],
                ffn_dropout=params["ffn_dropout"],
            ),
            batch_rows=64 if self.is_wide(widths) else 256,
        )

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        batch_rows = 64 if self.is_wide(widths) else 256
        return Schedule(params["learning_rate"], params["weight_decay"], batch_rows)

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        if valid is not None:
            order = _mixed(len(valid.y))
            valid = Part(valid.X.iloc[order], valid.y[order])
        return super().fit(train, valid, params, context)

    def predict(self, X: pd.DataFrame) -> FloatArray:
        order = _mixed(len(X))
        answer: FloatArray = super().predict(X.iloc[order])[np.argsort(order)]
        return answer

    @staticmethod
    def is_wide(widths: Widths) -> bool:
        """Whether the authors' code would shrink the network to keep it in memory."""
        return widths.n_numbers + len(widths.levels) > WIDE


def _mixed(n_rows: int) -> IntArray:
    """An order in which rows that lie together in a table, such as those of a class, do not make up a batch."""
    order: IntArray = np.random.default_rng(0).permutation(n_rows)
    return order


MODEL: type[Model] = SAINT

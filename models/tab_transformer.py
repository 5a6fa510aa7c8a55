"""The TabTransformer of Huang et al. (2020): categories hear of each other, numbers join at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import NetworkModel, Widths, batch_rows

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Categorical,
    Family,
    Missing,
    Model,
    ModelCard,
    Numeric,
    Params,
    Reads,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    from tabbench_models._network_trainer import Schedule
    from torch import nn

BATCH_ROWS = 256
MOST_EPOCHS = 1000
"""With the published rates a small table needs several hundred."""


class TabTransformer(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="tab_transformer",
        title="TabTransformer",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.CODES, missing=Missing.IMPUTE, numeric=Numeric.STANDARD),
        paper=(
            "Huang, Khetan, Cvitkovic, Karnin (2020). TabTransformer: tabular data modeling using contextual embeddings"
        ),
        code="tabbench, from the paper; without its pre-training on unlabelled rows",
        licence="Apache-2.0",
        version=3,
        requires=("torch",),
        extra="network",
        max_columns=200,  # the first layer of the head has 4 l² weights, l = 32 a categorical column
        space_source=(
            "Huang et al. (2020), as TabZilla ran it: width, depth, heads, dropout up to 0.5, learning rate and "
            "weight decay; learning rate from 1e-5 in place of 1e-6, since slower ones do not end in 1,000 epochs. "
            "A table under 8 x 256 rows has smaller batches: an eighth"
        ),
        smoke={"d_token": 8, "n_blocks": 1, "n_heads": 2, "learning_rate": 1e-2},
    )
    default: ClassVar[Params] = {
        "d_token": 32,
        "n_blocks": 6,
        "n_heads": 8,
        "dropout": 0.1,
        "learning_rate": 1e-4,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "d_token": trial.suggest_categorical("d_token", [32, 64, 128, 256]),
            "n_blocks": trial.suggest_categorical("n_blocks", [1, 2, 3, 6, 12]),
            "n_heads": trial.suggest_categorical("n_heads", [2, 4, 8]),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-1, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._tab_transformer_net import TabTransformerNetwork

        shape = params["d_token"], params["n_blocks"], params["n_heads"]
        return TabTransformerNetwork(widths, *shape, params["dropout"])

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        n_batch = batch_rows(BATCH_ROWS, widths.n_rows)
        return Schedule(params["learning_rate"], params["weight_decay"], n_batch, MOST_EPOCHS)


MODEL: type[Model] = TabTransformer

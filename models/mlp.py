"""A multilayer perceptron with embeddings for categories, dropout and early stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from torch import nn


class MLP(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="mlp",
        title="MLP",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Gorishniy, Rubachev, Khrulkov, Babenko (2021). Revisiting deep learning models for tabular data",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        version=2,
        space_version=2,
        space_source=(
            "Gorishniy et al. (2021), its space for Adult; batch 256 and patience 16 from Gorishniy et al. (2024). "
            "Departs: one width for all layers (mlp_rtdl has three)"
        ),
        smoke={"n_blocks": 1, "d_block": 64},
    )
    default: ClassVar[Params] = {
        "n_blocks": 2,
        "d_block": 128,
        "d_embedding": 16,
        "dropout": 0.1,
        "learning_rate": 1e-3,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        drops = trial.suggest_categorical("drops", [False, True])
        decays = trial.suggest_categorical("decays", [False, True])
        return {
            "n_blocks": trial.suggest_int("n_blocks", 1, 8),
            "d_block": trial.suggest_int("d_block", 1, 512),
            "d_embedding": trial.suggest_int("d_embedding", 64, 512),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5) if drops else 0.0,
            "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True) if decays else 0.0,
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._mlp_net import MLPNetwork

        return MLPNetwork(
            n_numbers=widths.n_numbers,
            levels=widths.levels,
            d_embedding=params["d_embedding"],
            n_blocks=params["n_blocks"],
            d_block=params["d_block"],
            dropout=params["dropout"],
            n_outputs=widths.n_outputs,
        )


MODEL: type[Model] = MLP

"""The ResNet for tables of Gorishniy et al. (2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from torch import nn


class ResNet(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="resnet",
        title="ResNet",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Gorishniy, Rubachev, Khrulkov, Babenko (2021). Revisiting deep learning models for tabular data",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        space_source=(
            "Gorishniy et al. (2021), its space for Adult; widths log-uniform in place of uniform, learning rate from "
            "1e-4 in place of 1e-5, since slower ones do not end in 200 epochs. The default is the example of the "
            "authors' package"
        ),
        smoke={"n_blocks": 1, "d_block": 64, "hidden_factor": 1.0},
    )
    default: ClassVar[Params] = {
        "n_blocks": 2,
        "d_block": 192,
        "hidden_factor": 2.0,
        "d_embedding": 64,
        "hidden_dropout": 0.15,
        "residual_dropout": 0.0,
        "learning_rate": 1e-3,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        drops = trial.suggest_categorical("drops_residual", [False, True])
        decays = trial.suggest_categorical("decays", [False, True])
        return {
            "n_blocks": trial.suggest_int("n_blocks", 1, 8),
            "d_block": trial.suggest_int("d_block", 64, 512, log=True),
            "hidden_factor": trial.suggest_float("hidden_factor", 1.0, 4.0),
            "d_embedding": trial.suggest_int("d_embedding", 64, 512, log=True),
            "hidden_dropout": trial.suggest_float("hidden_dropout", 0.0, 0.5),
            "residual_dropout": trial.suggest_float("residual_dropout", 0.0, 0.5) if drops else 0.0,
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True) if decays else 0.0,
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._resnet_net import ResNetNetwork

        dropouts = params["hidden_dropout"], params["residual_dropout"]
        d_block = params["d_block"]
        d_hidden = int(d_block * params["hidden_factor"])
        return ResNetNetwork(widths, params["d_embedding"], params["n_blocks"], d_block, d_hidden, dropouts)


MODEL: type[Model] = ResNet

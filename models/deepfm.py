"""DeepFM of Guo et al. (2017): a factorisation machine and a network on the same embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from torch import nn


class DeepFM(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="deepfm",
        title="DeepFM",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Guo, Tang, Ye, Li, He (2017). DeepFM: a factorization-machine based neural network for CTR prediction",
        code="tabbench, from the paper; several classes are our extension",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        space_source=(
            "what Guo et al. (2017) vary in section 3.3: layers, units 100 to 800 and dropout; beside them the length "
            "of embeddings, learning rate and weight decay. TabZilla varied dropout alone"
        ),
        smoke={"n_blocks": 1, "d_block": 64, "dropout": 0.1, "learning_rate": 1e-2},
    )
    default: ClassVar[Params] = {
        "d_embedding": 10,
        "n_blocks": 3,
        "d_block": 400,
        "dropout": 0.5,
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        decays = trial.suggest_categorical("decays", [False, True])
        return {
            "d_embedding": trial.suggest_int("d_embedding", 4, 32, log=True),
            "n_blocks": trial.suggest_int("n_blocks", 1, 5),
            "d_block": trial.suggest_int("d_block", 100, 800, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.9),
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True) if decays else 0.0,
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._deepfm_net import DeepFMNetwork

        layers = [params["d_block"]] * params["n_blocks"]
        return DeepFMNetwork(widths, params["d_embedding"], layers, params["dropout"])


MODEL: type[Model] = DeepFM

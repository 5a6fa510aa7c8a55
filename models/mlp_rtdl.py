"""The MLP of Gorishniy et al. (2021), with the sizes and freedom of that study and of TabZilla."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from torch import nn


class RtdlMLP(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="mlp_rtdl",
        title="MLP-rtdl",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Gorishniy, Rubachev, Khrulkov, Babenko (2021). Revisiting deep learning models for tabular data",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        space_source=(
            "Gorishniy et al. (2021), its space for Adult; widths log-uniform from 16 in place of uniform from 1, "
            "learning rate from 1e-4 in place of 1e-5, since narrower and slower ones do not end in 200 epochs. "
            "The default is what TabZilla ran: layers of 128, 256, 128"
        ),
        smoke={"n_layers": 2, "d_first": 64, "d_last": 64},
    )
    default: ClassVar[Params] = {
        "n_layers": 3,
        "d_first": 128,
        "d_middle": 256,
        "d_last": 128,
        "d_embedding": 8,
        "dropout": 0.1,
        "learning_rate": 1e-3,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        drops = trial.suggest_categorical("drops", [False, True])
        decays = trial.suggest_categorical("decays", [False, True])
        return {
            "n_layers": trial.suggest_int("n_layers", 1, 8),
            **{name: trial.suggest_int(name, 16, 512, log=True) for name in ("d_first", "d_middle", "d_last")},
            "d_embedding": trial.suggest_int("d_embedding", 64, 512, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5) if drops else 0.0,
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True) if decays else 0.0,
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._mlp_rtdl_net import RtdlMLPNetwork

        middle = [params["d_middle"]] * (params["n_layers"] - 2)
        layers = [params["d_first"], *middle, params["d_last"]] if params["n_layers"] > 1 else [params["d_first"]]
        return RtdlMLPNetwork(widths, layers, params["d_embedding"], params["dropout"])


MODEL: type[Model] = RtdlMLP

"""The neural additive model of Agarwal et al. (2020): one small network a column, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths, batch_rows

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from tabbench_models._network_trainer import Schedule
    from torch import nn

BATCH_ROWS = 1024


class NAM(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="nam",
        title="NAM",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Agarwal, Melnick, Frosst, Zhang, Lengerich, Caruana, Hinton (2020). Neural additive models: "
        "interpretable machine learning with neural nets",
        code="tabbench, from the paper; several classes are our extension",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        max_columns=500,  # 1000 units a number and row of a batch
        space_source=(
            "Agarwal et al. (2020), appendix: learning rate, weight and output penalties, both dropouts; beside them "
            "the kind of unit. The default is that of the authors' nam_train.py. Numbers are normal quantiles, not "
            "scaled to ±1; a category is a table of its levels, which is all that a network of it can be; the networks "
            "of numbers are averaged; a table under 8 x 1,024 rows has smaller batches: an eighth"
        ),
        smoke={"units": "relu", "n_units": 16, "dropout": 0.1, "learning_rate": 1e-2},
    )
    default: ClassVar[Params] = {
        "units": "exu",
        "n_units": 1000,
        "dropout": 0.5,
        "feature_dropout": 0.0,
        "output_penalty": 0.0,
        "learning_rate": 1e-2,
        "weight_decay": 0.0,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        units = trial.suggest_categorical("units", ["exu", "relu"])
        return {
            "units": units,
            "n_units": 1000 if units == "exu" else 64,
            "dropout": trial.suggest_float("dropout", 0.0, 0.9),
            "feature_dropout": trial.suggest_float("feature_dropout", 0.0, 0.2),
            "output_penalty": trial.suggest_float("output_penalty", 1e-3, 1e-1, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 1e-3, 1e-1, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-4, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._nam_net import NAMNetwork

        dropouts = params["dropout"], params["feature_dropout"]
        return NAMNetwork(widths, params["units"], params["n_units"], dropouts, params["output_penalty"])

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(
            params["learning_rate"],
            params["weight_decay"],
            batch_rows=batch_rows(BATCH_ROWS, widths.n_rows),
            n_epochs=1000,
            patience=60,
            rate_factor=lambda epochs_done: 0.995 ** int(epochs_done),
        )


MODEL: type[Model] = NAM

"""STG: a perceptron whose columns pass stochastic gates, with a penalty on the gates that stay open.

Yamada, Lindenbaum, Negahban, Kluger (2020), equations 5 to 7. Default sizes are those of the authors' example: hidden
layers of 60 and 20 with tanh, sigma 0.5.
"""

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

BATCH_ROWS = 128
SIGMA = 0.5
N_EPOCHS = 1000
HIDDEN = ("60-20", "500-50-10", "500-500-10", "500-400-20")


class STG(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="stg",
        title="STG",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.STANDARD),
        paper="Yamada, Lindenbaum, Negahban, Kluger (2020). Feature selection using stochastic gates. ICML 37",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        space_source=(
            "TabZilla (2023), whose draws crashed under its own numpy. Departs: AdamW for SGD, and patience 16. "
            "Default: sizes of the authors' example, learning rate and weight of the penalty of TabZilla"
        ),
        smoke={},
    )
    default: ClassVar[Params] = {"hidden": HIDDEN[0], "lam": 0.1, "learning_rate": 5e-3}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "hidden": trial.suggest_categorical("hidden", HIDDEN),
            "lam": trial.suggest_float("lam", 1e-3, 10.0, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._stg_net import StochasticGates

        return StochasticGates(
            n_numbers=widths.n_numbers,
            sigma=SIGMA,
            lam=params["lam"],
            widths=[int(width) for width in params["hidden"].split("-")],
            n_outputs=widths.n_outputs,
        )

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(
            params["learning_rate"],
            weight_decay=0.0,
            batch_rows=batch_rows(BATCH_ROWS, widths.n_rows),
            n_epochs=N_EPOCHS,
        )


MODEL: type[Model] = STG

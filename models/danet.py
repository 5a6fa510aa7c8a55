"""DANet: layers that choose groups of columns and abstract them, with shortcuts from the raw columns.

Chen, Liao, Wan, Chen, Wu (2022): abstract layers (equations 1 to 5) in basic blocks (equation 6). Default sizes are
those of the authors' code: 20 layers of width 64, 5 groups, dropout 0.1, learning rate 0.008 that falls by 5 % every
20 epochs, ghost batches of 256.
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

BATCH_ROWS, VIRTUAL_ROWS = 8192, 256
DECAY, DECAY_EPOCHS = 0.95, 20


class DANet(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="danet",
        title="DANet",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE),
        paper="Chen, Liao, Wan, Chen, Wu (2022). DANets: deep abstract networks for tabular data. AAAI 36(4):3930-3938",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        space_source=(
            "TabZilla (2023), with its groups 3..8 (its random draws were always 8). Departs: AdamW for QHAdam, "
            "and 200 epochs with patience 16 in place of 4,000 with 1,500. Default: the authors'. A table under 8 x "
            "8,192 rows has smaller batches: an eighth. Categories are one-hot in place of target-encoded"
        ),
        smoke={"n_layers": 4, "n_units": 32},
    )
    default: ClassVar[Params] = {
        "n_layers": 20,
        "n_units": 64,
        "k": 5,
        "dropout": 0.1,
        "learning_rate": 0.008,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "n_layers": trial.suggest_int("n_layers", 8, 32, step=2),
            "n_units": trial.suggest_categorical("n_units", [64, 96]),
            "k": trial.suggest_int("k", 3, 8),
            "dropout": trial.suggest_categorical("dropout", [0.0, 0.1, 0.2, 0.3]),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._danet_net import DANetwork, Groups
        from tabbench_models._ghost_norm import ghosts

        return DANetwork(
            n_numbers=widths.n_numbers,
            n_layers=params["n_layers"],
            groups=Groups(params["n_units"], params["k"]),
            dropout=params["dropout"],
            ghosts=ghosts(VIRTUAL_ROWS, batch_rows(BATCH_ROWS, widths.n_rows), widths.n_rows),
            n_outputs=widths.n_outputs,
        )

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(
            params["learning_rate"],
            params["weight_decay"],
            batch_rows=batch_rows(BATCH_ROWS, widths.n_rows),
            rate_factor=lambda epochs_done: DECAY ** (epochs_done // DECAY_EPOCHS),
        )


MODEL: type[Model] = DANet

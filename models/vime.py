"""VIME: an encoder that learns from columns alone, then a predictor whose answers agree on corrupted rows.

Yoon, Zhang, Jordon, van der Schaar (2020): self-supervised part of section 4.1 (equations 3 and 4), semi-supervised
part of section 4.2 (equations 5 to 8). Both see train rows only; the rows without target are the train rows. Default
sizes are those of the authors' code: corruption 0.3, alpha 2, 3 copies, beta 1, two hidden layers of 100, batches of
128, 10 epochs of the encoder's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import NetworkModel, Widths, batch_rows

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Categorical,
    Context,
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
    from collections.abc import Sequence

    import optuna
    from tabbench_models._network_trainer import Schedule
    from torch import Tensor, nn

BATCH_ROWS = 128


class VIME(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="vime",
        title="VIME",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE),
        paper=(
            "Yoon, Zhang, Jordon, van der Schaar (2020). VIME: extending the success of self- and semi-supervised "
            "learning to tabular domain. NeurIPS 33"
        ),
        code="tabbench, from the paper",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        space_source=(
            "TabZilla (2023). Departs: its self-supervised part saw valid rows, this one sees train rows; the "
            "encoder starts near the identity and is read before its ReLU; numbers are quantiles, since one long tail "
            "would press a column that is scaled to 0..1 into a point. Default: the authors' code"
        ),
        smoke={"learning_rate": 1e-2},
    )
    default: ClassVar[Params] = {
        "p_m": 0.3,
        "alpha": 2.0,
        "k": 3,
        "beta": 1.0,
        "n_hidden": 2,
        "d_hidden": 100,
        "learning_rate": 1e-3,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "p_m": trial.suggest_float("p_m", 0.1, 0.9),
            "alpha": trial.suggest_float("alpha", 0.1, 10.0),
            "k": trial.suggest_categorical("k", [2, 3, 5, 10, 15, 20]),
            "beta": trial.suggest_float("beta", 0.1, 10.0),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._vime_net import Encoder, VimeNetwork

        return VimeNetwork(
            Encoder(widths.n_numbers),
            p_m=params["p_m"],
            k=params["k"],
            beta=params["beta"],
            hidden=(params["n_hidden"], params["d_hidden"]),
            n_outputs=widths.n_outputs,
        )

    def start(self, inputs: Sequence[Tensor], params: Params, context: Context) -> None:
        from tabbench_models._vime_net import VimeNetwork, pretrain

        assert isinstance(self.trained, VimeNetwork)
        [rows] = inputs
        pretrain(self.trained.encoder, rows, batch_rows(BATCH_ROWS, len(rows)), params["p_m"], params["alpha"], context)

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(params["learning_rate"], weight_decay=0.0, batch_rows=batch_rows(BATCH_ROWS, widths.n_rows))


MODEL: type[Model] = VIME

"""TabNet: decision steps that attend to a few columns each, with a penalty on how many.

Arik, Pfister (2021): masks by sparsemax (equation 1), feature transformers of figure 4c, the entropy of the masks in
the loss (section 3.4). Default sizes are those of pytorch-tabnet, the implementation in use: width 8, 3 steps, 2 shared
and 2 own units, gamma 1.3, learning rate 0.02, batches of 1,024 and ghost batches of 128.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths, batch_rows

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Family,
    Model,
    ModelCard,
    Params,
    TaskFacts,
)

if TYPE_CHECKING:
    import optuna
    from tabbench_models._network_trainer import Schedule
    from torch import nn

BATCH_ROWS, VIRTUAL_ROWS = 1024, 128


class TabNet(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="tabnet",
        title="TabNet",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Arik, Pfister (2021). TabNet: attentive interpretable tabular learning. AAAI 35(8):6679-6687",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        space_source=(
            "Gorishniy et al. (2021): width, steps, relaxation, sparsity; units and embeddings as TabZilla (2023), its "
            "units 1..3 in place of 1..5. Departs: learning rate log-uniform to 0.05, since the default's is 0.02, and "
            "no decay of it. Default: pytorch-tabnet's. A table under 8 x 1,024 rows has smaller batches: an eighth"
        ),
        smoke={"n_steps": 2, "n_independent": 1, "n_shared": 1},
    )
    default: ClassVar[Params] = {
        "n_d": 8,
        "n_steps": 3,
        "gamma": 1.3,
        "n_independent": 2,
        "n_shared": 2,
        "d_embedding": 1,
        "sparsity": 1e-3,
        "learning_rate": 0.02,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "n_d": trial.suggest_categorical("n_d", [8, 16, 32, 64, 128]),
            "n_steps": trial.suggest_int("n_steps", 3, 10),
            "gamma": trial.suggest_float("gamma", 1.0, 2.0),
            "n_independent": trial.suggest_int("n_independent", 1, 3),
            "n_shared": trial.suggest_int("n_shared", 1, 3),
            "d_embedding": trial.suggest_int("d_embedding", 1, 3),
            "sparsity": trial.suggest_float("sparsity", 1e-6, 0.1, log=True),
            "learning_rate": trial.suggest_float("learning_rate", 1e-3, 0.05, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._ghost_norm import ghosts
        from tabbench_models._tabnet_net import Sizes, TabNetNetwork

        return TabNetNetwork(
            n_numbers=widths.n_numbers,
            levels=widths.levels,
            sizes=Sizes(**{name: value for name, value in params.items() if name != "learning_rate"}),
            ghosts=ghosts(VIRTUAL_ROWS, batch_rows(BATCH_ROWS, widths.n_rows), widths.n_rows),
            n_outputs=widths.n_outputs,
        )

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(
            params["learning_rate"], weight_decay=0.0, batch_rows=batch_rows(BATCH_ROWS, widths.n_rows), clip_norm=1.0
        )


MODEL: type[Model] = TabNet

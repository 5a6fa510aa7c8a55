"""NODE: densely connected layers of differentiable oblivious trees.

Popov, Morozov, Babenko (2020): soft cuts by entmax and its two-class form (equations 1 to 4), layers that read all
layers before them (section 3.2), a start from the data (section 3.1). Default sizes are those of the authors' notebook
`year_node_8layers`: 8 layers of 128 trees of depth 6, two numbers in a leaf beside the answer, learning rate 0.001.
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
START_ROWS = 128
"""Rows that thresholds and temperatures start from: no more work than a step, since no deadline is looked at."""


class NODE(NetworkModel):
    binary_outputs = 2
    card: ClassVar[ModelCard] = ModelCard(
        name="node",
        title="NODE",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=Reads(categorical=Categorical.ONE_HOT, missing=Missing.IMPUTE, numeric=Numeric.QUANTILE),
        paper=(
            "Popov, Morozov, Babenko (2020). Neural oblivious decision ensembles for deep learning on tabular data. "
            "ICLR"
        ),
        code="tabbench, from the paper",
        licence="Apache-2.0",
        version=2,
        requires=("torch",),
        extra="network",
        space_source=(
            "Popov, Morozov, Babenko (2020), their grid. Departs: AdamW in place of QHAdam, the best epoch in place of "
            "an average of checkpoints, batches of 128 as TabZilla (2023). Default: the authors' notebook for Year. "
            "Categories are one-hot in place of target-encoded"
        ),
        smoke={"n_layers": 2, "n_trees": 64, "depth": 4, "learning_rate": 0.02},
    )
    default: ClassVar[Params] = {"n_layers": 8, "n_trees": 1024, "depth": 6, "d_extra": 2, "learning_rate": 1e-3}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {
            "n_layers": trial.suggest_categorical("n_layers", [2, 4, 8]),
            "n_trees": trial.suggest_categorical("n_trees", [1024, 2048]),  # of all layers together
            "depth": trial.suggest_categorical("depth", [6, 8]),
            "d_extra": trial.suggest_categorical("d_extra", [1, 2]),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._node_net import NodeNetwork

        return NodeNetwork(
            n_numbers=widths.n_numbers,
            n_layers=params["n_layers"],
            n_trees=params["n_trees"] // params["n_layers"],
            depth=params["depth"],
            d_extra=params["d_extra"],
            n_outputs=widths.n_outputs,
        )

    def start(self, inputs: Sequence[Tensor], params: Params, context: Context) -> None:
        import torch
        from tabbench_models._node_net import NodeNetwork

        assert isinstance(self.trained, NodeNetwork)
        self.trained.start_from(inputs[0][torch.randperm(len(inputs[0]))[:START_ROWS]])

    def schedule(self, widths: Widths, params: Params) -> Schedule:
        from tabbench_models._network_trainer import Schedule

        return Schedule(params["learning_rate"], weight_decay=0.0, batch_rows=batch_rows(BATCH_ROWS, widths.n_rows))


MODEL: type[Model] = NODE

"""The Feature Tokenizer and Transformer of Gorishniy et al. (2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tabbench_models._network_model import READS, NetworkModel, Widths

from tabbench.model import BINARY, MULTICLASS, REGRESSION, Family, Model, ModelCard, Params, TaskFacts

if TYPE_CHECKING:
    import optuna
    from torch import nn


class FTTransformer(NetworkModel):
    card: ClassVar[ModelCard] = ModelCard(
        name="ft_transformer",
        title="FT-Transformer",
        family=Family.NETWORK,
        task_types=frozenset({BINARY, MULTICLASS, REGRESSION}),
        reads=READS,
        paper="Gorishniy, Rubachev, Khrulkov, Babenko (2021). Revisiting deep learning models for tabular data",
        code="tabbench, from the paper",
        licence="Apache-2.0",
        requires=("torch",),
        extra="network",
        space_source=(
            "Gorishniy et al. (2021), its space for Adult; width in steps of 8 on a log scale in place of a uniform "
            "one. The default is the one of the paper (Table 13)"
        ),
        smoke={"n_blocks": 1, "d_block": 32, "learning_rate": 3e-3},
    )
    default: ClassVar[Params] = {
        "n_blocks": 3,
        "d_block": 192,
        "ffn_factor": 4 / 3,
        "attention_dropout": 0.2,
        "ffn_dropout": 0.1,
        "residual_dropout": 0.0,
        "learning_rate": 1e-4,
        "weight_decay": 1e-5,
    }

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        drops = trial.suggest_categorical("drops_residual", [False, True])
        return {
            "n_blocks": trial.suggest_int("n_blocks", 1, 4),
            "d_block": 8 * trial.suggest_int("d_block_eighth", 8, 64, log=True),
            "ffn_factor": trial.suggest_float("ffn_factor", 2 / 3, 8 / 3),
            "attention_dropout": trial.suggest_float("attention_dropout", 0.0, 0.5),
            "ffn_dropout": trial.suggest_float("ffn_dropout", 0.0, 0.5),
            "residual_dropout": trial.suggest_float("residual_dropout", 0.0, 0.2) if drops else 0.0,
            "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-3, log=True),
        }

    def network(self, widths: Widths, params: Params) -> nn.Module:
        from tabbench_models._ft_transformer_net import Dropouts, FTTransformerNetwork

        d_block = params["d_block"]
        dropouts = Dropouts(params["attention_dropout"], params["ffn_dropout"], params["residual_dropout"])
        return FTTransformerNetwork(widths, params["n_blocks"], d_block, int(d_block * params["ffn_factor"]), dropouts)


MODEL: type[Model] = FTTransformer

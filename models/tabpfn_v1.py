"""TabPFN v1: the transformer that TabZilla ranked, which reads train rows as its context.

Hollmann, Müller, Eggensperger, Hutter (2023), through version 0.1.11 of the `tabpfn` package with its only weights: an
ensemble of 32, as in the paper and in TabZilla. Its estimator asks scikit-learn for an argument that is gone, so the
function below it is called. It excludes later versions of the package, and so `tabpfn_v2`, from the environment.
"""

from __future__ import annotations

import importlib
import os
from contextlib import contextmanager
from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar, Optional

import numpy as np
from tabbench_models._tabpfn import missing_weights, weights_folder
from tabbench_models._targets import Targets

from tabbench.model import (
    BINARY,
    MULTICLASS,
    Categorical,
    Context,
    Family,
    Missing,
    Model,
    ModelCard,
    Params,
    Part,
    Reads,
    TaskFacts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import optuna
    import pandas as pd
    from torch import Tensor

    from tabbench.task import FloatArray, TaskType

PACKAGE = "0.1"
WEIGHTS = "models_diff/prior_diff_real_checkpoint_n_0_epoch_42.cpkt"
URL = f"https://github.com/PriorLabs/TabPFN/raw/refs/tags/v1.0.0/tabpfn/{WEIGHTS}"
TRUSTS_PICKLES = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


class TabPFNv1:
    card: ClassVar[ModelCard] = ModelCard(
        name="tabpfn_v1",
        title="TabPFN v1",
        family=Family.FOUNDATION,
        task_types=frozenset({BINARY, MULTICLASS}),
        reads=Reads(categorical=Categorical.ORDINAL, missing=Missing.IMPUTE),
        paper=(
            "Hollmann, Müller, Eggensperger, Hutter (2023). TabPFN: a transformer that solves small tabular "
            "classification problems in a second. ICLR"
        ),
        code="https://github.com/PriorLabs/TabPFN",
        licence="Apache-2.0",
        requires=("tabpfn", "torch"),
        extra="tabpfn_v1",
        space_source="the paper's ensemble of 32; nothing is tuned",
        pretrained_on="synthetic tables alone",
        weights_licence="Apache-2.0, as the package",
        max_rows=1024,
        max_columns=100,
        max_classes=10,
        stops_itself=False,
    )
    default: ClassVar[Params] = {"n_ensemble": 32}

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {}

    @staticmethod
    def unavailable(task_type: TaskType) -> str | None:
        found = metadata.version("tabpfn")
        if not found.startswith(f"{PACKAGE}."):
            return f"tabpfn {found} is installed, and has no v1 weights: pip install 'tabpfn=={PACKAGE}.11'"
        return missing_weights(WEIGHTS, URL)

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> None:
        self.targets, self.n_threads, self.seed = Targets(train.y, context), context.n_threads, context.seed
        if self.targets.is_constant:
            return
        with _pickled_weights():
            (*_, self.network), self.config, _ = _interface().load_model_workflow(
                0, -1, "", weights_folder(), device="cpu"
            )
        self.n_ensemble = params["n_ensemble"]
        self.X, self.y = _tensor(train.X), self.targets.encode(train.y)

    def predict(self, X: pd.DataFrame) -> FloatArray:
        import torch
        from tabbench_models._network_trainer import private_torch

        if self.targets.is_constant:
            return self.targets.constant(len(X))
        interface = _interface()
        rows = torch.cat([self.X, _tensor(X)])[:, None]
        labels = torch.from_numpy(np.concatenate([self.y, np.zeros(len(X))])).float()[:, None]
        with private_torch(self.seed, self.n_threads, "cpu"):
            answer = interface.transformer_predict(
                self.network,
                rows,
                labels,
                len(self.y),
                inference_mode=True,
                preprocess_transform="mix",
                N_ensemble_configurations=self.n_ensemble,
                softmax_temperature=None,
                multiclass_decoder="permutation",
                feature_shift_decoder=True,
                differentiable_hps_as_style=self.config["differentiable_hps_as_style"],
                seed=self.seed,
                **interface.get_params_from_config(self.config),
            )
        return self.targets.decode(answer.squeeze(0).detach().numpy())


def _tensor(X: pd.DataFrame) -> Tensor:
    import torch

    return torch.from_numpy(X.to_numpy(dtype=np.float32, copy=True))


def _interface() -> Any:
    """The package's module; its layers take `Optional` from a module of torch that no longer has it."""
    import torch.nn.modules.transformer as layers

    lacks = not hasattr(layers, "Optional")
    if lacks:
        setattr(layers, "Optional", Optional)  # noqa: B010  mypy knows no such name
    try:
        return importlib.import_module("tabpfn.scripts.transformer_prediction_interface")
    finally:
        if lacks:
            delattr(layers, "Optional")


@contextmanager
def _pickled_weights() -> Iterator[Any]:
    """The checkpoint is a pickle of more than tensors, which torch refuses to load unless told so."""
    before = os.environ.get(TRUSTS_PICKLES)
    os.environ[TRUSTS_PICKLES] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[TRUSTS_PICKLES]
        else:
            os.environ[TRUSTS_PICKLES] = before


MODEL: type[Model] = TabPFNv1

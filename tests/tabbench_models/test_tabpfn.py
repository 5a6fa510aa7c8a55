"""TabPFN without its package and weights: what is told, and that weights are found where they are said to lie."""

from __future__ import annotations

import importlib
import pickle
import sys
from importlib.metadata import version
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tabbench_models import tabpfn_v2
from tabbench_models._tabpfn import missing_weights, weights_folder
from tabbench_models.tabpfn_v1 import MODEL as V1
from tabbench_models.tabpfn_v1 import WEIGHTS, _interface
from tabbench_models.tabpfn_v2 import MODEL as V2

from tabbench.discovery import missing_library
from tabbench.model import MayBeUnavailable
from tabbench.task import BINARY, MULTICLASS, REGRESSION, TaskType

from .prepared import table

if TYPE_CHECKING:
    from pathlib import Path


def test_weights_that_are_not_there_are_told_with_the_command_that_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path))
    told = missing_weights("a/b.ckpt", "https://example.org/b.ckpt")
    assert told is not None
    assert f"curl -L --create-dirs -o '{tmp_path}/a/b.ckpt' 'https://example.org/b.ckpt'" in told
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.ckpt").touch()
    assert missing_weights("a/b.ckpt", "") is None
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", " ")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if sys.platform == "linux":
        assert weights_folder() == tmp_path / "cache" / "tabpfn"


def test_each_version_asks_for_its_own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path))
    assert isinstance(V1, MayBeUnavailable)
    assert isinstance(V2, MayBeUnavailable)
    assert tabpfn_v2.CLASSIFIER in (V2.unavailable(BINARY) or "")
    assert tabpfn_v2.REGRESSOR in (V2.unavailable(REGRESSION) or "")
    monkeypatch.setattr("importlib.metadata.version", lambda _: "9.2.0")
    assert "pip install 'tabpfn==0.1.11'" in (V1.unavailable(BINARY) or "")
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.1.11")
    assert "epoch_42.cpkt" in (V1.unavailable(BINARY) or "")


class Stub:
    """Takes what the package's estimators document; answers class shares, or the mean."""

    given: dict[str, Any]

    def __init__(self, **given: Any) -> None:
        type(self).given = given

    def fit(self, X: Any, y: Any) -> None:
        self.y = y

    def predict(self, X: Any) -> Any:
        return np.full(len(X), self.y.mean())

    def predict_proba(self, X: Any) -> Any:
        return np.tile(np.bincount(self.y) / len(self.y), (len(X), 1))


@pytest.mark.parametrize("task_type", [BINARY, MULTICLASS, REGRESSION])
def test_package_is_called_with_the_weights_path_the_seed_and_the_device(
    task_type: TaskType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = ModuleType("tabpfn")
    vars(package).update(TabPFNClassifier=Stub, TabPFNRegressor=Stub)
    monkeypatch.setitem(sys.modules, "tabpfn", package)
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path))
    rows = table(task_type, V2.card.reads)
    model = V2()
    model.fit(rows.train, rows.valid, V2.default, rows.context(task_type))
    file = tabpfn_v2.REGRESSOR if task_type is REGRESSION else tabpfn_v2.CLASSIFIER
    assert Stub.given["model_path"] == str(tmp_path / file)
    assert (Stub.given["random_state"], Stub.given["device"], Stub.given["n_estimators"]) == (7, "cpu", 8)
    prediction = model.predict(rows.test.X)
    if task_type is REGRESSION:
        assert prediction == pytest.approx(rows.train.y.mean())
    else:
        assert prediction.shape == (len(rows.test.y), rows.n_classes)
        assert np.allclose(prediction.sum(axis=1), 1)


@pytest.mark.filterwarnings("ignore::UserWarning")  # the package's own, of newer libraries
@pytest.mark.parametrize("task_type", [BINARY, MULTICLASS])
def test_first_version_runs_through_its_package_on_a_checkpoint_of_random_weights(
    task_type: TaskType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    if missing_library(V1.card) or not version("tabpfn").startswith("0.1."):
        pytest.skip("tabpfn 0.1.11 is not installed")
    interface, encoders = _interface(), importlib.import_module("tabpfn.encoders")
    transformer = importlib.import_module("tabpfn.transformer").TransformerModel(
        encoders.Linear(100, 32, replace_nan_by_zero=True), 10, 32, 4, 64, 2, y_encoder=encoders.Linear(1, 32),
        dropout=0.0, efficient_eval_masking=True,
    )  # fmt: skip
    assert callable(interface.transformer_predict)
    config = {
        "max_num_classes": 10, "num_features": 100, "emsize": 32, "nhead": 4, "nhid_factor": 2, "nlayers": 2,
        "dropout": 0.0, "efficient_eval_masking": True, "normalize_by_used_features": True,
        "normalize_to_ranking": False, "differentiable_hps_as_style": False,
    }  # fmt: skip
    file = tmp_path / WEIGHTS
    file.parent.mkdir()
    torch.save(({**transformer.state_dict(), "criterion.weight": torch.ones(10)}, None, config), file)
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", str(tmp_path))
    rows, model = table(task_type, V1.card.reads), V1()
    assert isinstance(V1, MayBeUnavailable)
    assert V1.unavailable(task_type) is None
    model.fit(rows.train, None, V1.default, rows.context(task_type))
    first = model.predict(rows.test.X)
    assert first.shape == (len(rows.test.y), rows.n_classes)
    assert np.allclose(first.sum(axis=1), 1)
    assert np.array_equal(pickle.loads(pickle.dumps(model)).predict(rows.test.X), first)

"""What the conformance suite does not ask of each model: that it learns, and the odd cases of its library."""

from __future__ import annotations

import importlib
import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pandas as pd
import pytest
import tabbench_models

from tabbench.discovery import missing_library
from tabbench.model import Categorical, Family, Model, Numeric, Part, PreparedColumn
from tabbench.task import BINARY, MULTICLASS, REGRESSION, TaskType

from .prepared import LEVELS, Table, accuracy_error, rmse, table

if TYPE_CHECKING:
    from tabbench.task import Array

NAMES = sorted(
    path.stem for folder in tabbench_models.__path__ if Path(folder).is_dir()
    for path in Path(folder).glob("[!_]*.py") if path.stem != "constant"
)  # fmt: skip
NAMES = [
    name for name in NAMES if missing_library(importlib.import_module(f"tabbench_models.{name}").MODEL.card) is None
]


def is_large_network(name: str) -> bool:
    """Whether a model takes long enough to fit that only the slow tests try it; `mlp` stands for the networks."""
    card = importlib.import_module(f"tabbench_models.{name}").MODEL.card
    return card.family is Family.NETWORK and name != "mlp"


def case(name: str, *more: Any) -> Any:
    return pytest.param(name, *more, marks=[pytest.mark.slow] if is_large_network(name) else [])


CASES = [case(name, task_type) for name in NAMES for task_type in (BINARY, MULTICLASS, REGRESSION)]
SINGLE = [case(name) for name in NAMES]


def model_of(name: str) -> type[Model]:
    found: type[Model] = importlib.import_module(f"tabbench_models.{name}").MODEL
    return found


def fitted(name: str, task_type: TaskType, rows: Table | None = None, **changes: Any) -> tuple[Model, Table]:
    kind = model_of(name)
    rows = rows or table(task_type, kind.card.reads)
    params = {**kind.default, **kind.card.smoke, **changes.pop("params", {})}
    model = kind()
    model.fit(rows.train, changes.pop("valid", rows.valid), params, rows.context(task_type, **changes))
    return model, rows


@pytest.mark.parametrize(("name", "task_type"), CASES)
def test_model_learns_more_than_the_constant(name: str, task_type: TaskType) -> None:
    model, rows = fitted(name, task_type, max_steps=60)
    prediction, y = model.predict(rows.test.X), rows.test.y
    if task_type is REGRESSION:
        assert rmse(y, prediction) < 0.95 * np.std(y)
    else:  # not by log loss: a single tree is too sure of itself
        assert accuracy_error(y, prediction) < 0.9 * (1 - 1 / rows.n_classes)


@pytest.mark.parametrize(("name", "task_type"), CASES)
def test_model_without_valid_part_survives_pickling(name: str, task_type: TaskType) -> None:
    model, rows = fitted(name, task_type, valid=None, max_steps=15)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(rows.test.X), model.predict(rows.test.X))


@pytest.mark.parametrize("name", SINGLE)
def test_class_absent_from_train_has_probability_zero(name: str) -> None:
    rows = table(MULTICLASS, model_of(name).card.reads)
    keep = rows.train.y != 1
    without = Table(Part(rows.train.X[keep], rows.train.y[keep]), rows.valid, rows.test, rows.columns, 3)
    model, _ = fitted(name, MULTICLASS, without, max_steps=15)
    p = model.predict(rows.test.X)
    assert p.shape == (len(rows.test.y), 3)
    assert np.all(p[:, 1] == 0)
    assert np.allclose(p.sum(axis=1), 1)


def few(rows: Table, y: Array) -> Table:
    return Table(Part(rows.train.X[: len(y)], y), rows.valid, rows.test, rows.columns, rows.n_classes)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("labels", [[0, 1, 2], [2, 2, 2, 2], [0, 1], [0, 0, 0, 1]])
def test_a_row_a_class_or_one_class_is_enough(name: str, labels: list[int]) -> None:
    rows = few(table(MULTICLASS, model_of(name).card.reads), np.array(labels))
    model, _ = fitted(name, MULTICLASS, rows, max_steps=5)
    p = model.predict(rows.test.X)
    assert np.allclose(p.sum(axis=1), 1)
    absent = [k for k in range(3) if k not in labels]
    assert np.all(p[:, absent] == 0)


@pytest.mark.parametrize("name", SINGLE)
def test_constant_target_is_predicted_as_it_is(name: str) -> None:
    rows = few(table(REGRESSION, model_of(name).card.reads), np.full(30, 12.5))
    model, _ = fitted(name, REGRESSION, rows, max_steps=5)
    assert model.predict(rows.test.X) == pytest.approx(12.5)


@pytest.mark.parametrize("name", SINGLE)
def test_every_column_constant_or_missing_still_predicts(name: str) -> None:
    rows = table(BINARY, model_of(name).card.reads)
    flat = rows.train.X.iloc[np.zeros(len(rows.train.y), dtype=int)].reset_index(drop=True)
    model, _ = fitted(
        name, BINARY, Table(Part(flat, rows.train.y), rows.valid, rows.test, rows.columns, 2), max_steps=5
    )
    assert np.allclose(model.predict(rows.test.X).sum(axis=1), 1)


@pytest.mark.parametrize("name", [n for n in NAMES if model_of(n).card.reads.numeric is Numeric.RAW])
def test_numbers_that_float32_cannot_tell_apart_still_predict(name: str) -> None:
    y = np.arange(60) % 2
    X = pd.DataFrame({"x0": 1e9 + np.arange(60) / 60})
    part, columns = Part(X, y), (PreparedColumn("x0", is_categorical=False),)
    model, _ = fitted(name, BINARY, Table(part, part, part, columns, 2), max_steps=5)
    assert np.allclose(model.predict(X).sum(axis=1), 1)


@pytest.mark.parametrize("name", SINGLE)
def test_category_without_a_level_in_train_still_predicts(name: str) -> None:
    reads = model_of(name).card.reads
    rows = table(BINARY, reads)
    X = rows.train.X.copy()
    if reads.categorical is Categorical.NATIVE:
        X["x4"] = pd.Categorical([None] * len(X), categories=range(LEVELS))
    elif reads.categorical is not Categorical.ONE_HOT:
        X["x4"] = X["x4"].dtype.type(0)
    model, _ = fitted(name, BINARY, Table(Part(X, rows.train.y), rows.valid, rows.test, rows.columns, 2), max_steps=5)
    assert np.all(np.isfinite(model.predict(rows.test.X)))


@pytest.mark.parametrize("name", [n for n in NAMES if model_of(n).card.reads.categorical is Categorical.NATIVE])
def test_category_with_no_levels_at_all_still_predicts(name: str) -> None:
    rows = table(BINARY, model_of(name).card.reads)

    def without(part: Part) -> Part:
        return Part(part.X.assign(x4=pd.Categorical([None] * len(part.y), categories=[])), part.y)

    emptied = Table(without(rows.train), without(rows.valid), without(rows.test), rows.columns, 2)
    model, _ = fitted(name, BINARY, emptied, max_steps=5)
    assert np.all(np.isfinite(model.predict(emptied.test.X)))


@pytest.mark.parametrize("name", [n for n in NAMES if model_of(n).card.reads.categorical is Categorical.NATIVE])
def test_category_of_six_hundred_levels_is_learned_from(name: str) -> None:
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 600, size=900)
    codes[::3] = 599  # the commonest level comes last
    X = pd.DataFrame({"x0": pd.Categorical.from_codes(codes, categories=list(range(600)))})
    part = Part(X, (codes == 599).astype(np.int64))
    columns = (PreparedColumn("x0", is_categorical=True, n_levels=600),)
    model, rows = fitted(name, BINARY, Table(part, part, part, columns, 2), max_steps=40)
    assert accuracy_error(rows.test.y, model.predict(X)) < 0.05


@pytest.mark.parametrize("name", SINGLE)
def test_drawn_configurations_are_json_with_names_of_the_default(name: str) -> None:
    kind = model_of(name)
    facts = table(BINARY, kind.card.reads).context(BINARY).task
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(20):
        drawn = kind.space(study.ask(), facts)
        assert set(drawn) <= set(kind.default)
        json.dumps({**kind.default, **drawn}, allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
def test_card_is_complete_and_named_after_its_file(name: str) -> None:
    card = model_of(name).card
    assert card.name == name
    assert all([card.paper, card.code, card.licence, card.requires, card.space_source, card.title])


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("task_type", [BINARY, REGRESSION])
def test_drawn_configurations_can_be_fitted(name: str, task_type: TaskType) -> None:
    kind = model_of(name)
    rows = table(task_type, kind.card.reads)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=2))
    for _ in range(1 if is_large_network(name) else 4):
        drawn = kind.space(study.ask(), rows.context(task_type).task)
        model, _ = fitted(name, task_type, rows, params=drawn, max_steps=2 if is_large_network(name) else 4)
        assert np.all(np.isfinite(model.predict(rows.test.X)))


def test_leaf_of_a_decision_tree_is_never_certain() -> None:
    """Laplace's estimate, by hand: one leaf of all rows, and leaves that are pure."""
    kind: type[Model] = importlib.import_module("tabbench_models.decision_tree").MODEL
    rows = table(BINARY, kind.card.reads)
    train, n_rows = rows.train, len(rows.train.y)
    model = kind()
    model.fit(train, None, {"max_depth": 1, "min_samples_leaf": n_rows}, rows.context(BINARY))
    shares = (np.bincount(train.y) + 1) / (n_rows + 2)
    assert model.predict(rows.test.X) == pytest.approx(np.tile(shares, (len(rows.test.y), 1)))
    model = kind()
    model.fit(train, None, {"max_depth": 40, "min_samples_leaf": 1}, rows.context(BINARY))
    found = model.predict(train.X)
    assert found.sum(axis=1) == pytest.approx(1)
    assert found.max() < 1
    assert np.array_equal(found.argmax(axis=1), train.y)

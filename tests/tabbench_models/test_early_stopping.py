"""Models that train in steps: when they stop, what they say of it, and that they predict at their best step."""

from __future__ import annotations

import importlib
import pickle
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tabbench.model import Model, Part, StoppedBy, Training
from tabbench.task import BINARY, MULTICLASS, REGRESSION, TaskType

from .prepared import Table, accuracy_error, recorded, table

if TYPE_CHECKING:
    from tabbench.task import Array, FloatArray

BOOSTERS = ["catboost", "hist_gradient_boosting", "lightgbm", "xgboost"]
STEPWISE = [*BOOSTERS, "mlp"]
FORESTS = ["random_forest", "extra_trees"]


def train(
    name: str, task_type: TaskType, has_valid: bool = True, rows: Table | None = None, **changes: Any
) -> tuple[Model, Training, Table]:
    kind: type[Model] = importlib.import_module(f"tabbench_models.{name}").MODEL
    rows = rows or table(task_type, kind.card.reads)
    params = {**kind.default, **changes.pop("params", {})}
    model = kind()
    training = model.fit(rows.train, rows.valid if has_valid else None, params, rows.context(task_type, **changes))
    assert training is not None
    return model, training, rows


@pytest.mark.parametrize("task_type", [BINARY, MULTICLASS, REGRESSION])
@pytest.mark.parametrize("name", STEPWISE)
def test_prediction_is_that_of_the_best_step(name: str, task_type: TaskType) -> None:
    curve: list[tuple[int, float]] = []
    model, training, rows = train(name, task_type, report=recorded(curve))
    assert [step for step, _ in curve] == list(range(1, training.n_steps + 1))
    errors = [error for _, error in curve]
    assert training.stopped_by is StoppedBy.PATIENCE
    assert training.best_step == 1 + int(np.argmin(errors)) < training.n_steps
    reached = rows.context(task_type).error(rows.valid.y, model.predict(rows.valid.X))
    assert reached == pytest.approx(min(errors), rel=1e-4)


@pytest.mark.parametrize("name", STEPWISE)
def test_refit_trains_exactly_the_steps_asked_for(name: str) -> None:
    _, training, _ = train(name, BINARY, has_valid=False, n_steps=7)
    assert training == Training(n_steps=7, best_step=7, cap=7, stopped_by=StoppedBy.DONE)


@pytest.mark.parametrize("name", BOOSTERS)
def test_refit_of_the_same_rows_gives_the_model_that_was_stopped(name: str) -> None:
    model, training, rows = train(name, REGRESSION)
    again, _, _ = train(name, REGRESSION, has_valid=False, n_steps=training.best_step)
    assert again.predict(rows.test.X) == pytest.approx(model.predict(rows.test.X))


@pytest.mark.parametrize("name", STEPWISE)
def test_steps_are_capped_for_tests_and_that_is_told(name: str) -> None:
    _, training, _ = train(name, BINARY, max_steps=3)
    assert (training.n_steps, training.cap, training.stopped_by) == (3, 3, StoppedBy.CAP)


@pytest.mark.parametrize("name", STEPWISE)
def test_runner_can_stop_a_training_at_a_step(name: str) -> None:
    model, training, rows = train(name, MULTICLASS, report=recorded([], stop_at=4))
    assert (training.n_steps, training.stopped_by) == (4, StoppedBy.PRUNED)
    assert np.all(np.isfinite(model.predict(rows.test.X)))


@pytest.mark.parametrize("name", [*STEPWISE, *FORESTS])
def test_deadline_in_the_past_still_gives_a_model(name: str) -> None:
    model, training, rows = train(name, BINARY, deadline=time.monotonic() - 1)
    assert training.stopped_by is StoppedBy.DEADLINE
    assert training.n_steps <= 2
    assert np.all(np.isfinite(model.predict(rows.test.X)))


@pytest.mark.slow  # each waits for its deadline
@pytest.mark.parametrize("name", [*STEPWISE, *FORESTS])
def test_deadline_is_obeyed_within_a_fifth(name: str) -> None:
    train(name, BINARY, max_steps=2)  # imports are not what is timed
    kind: type[Model] = importlib.import_module(f"tabbench_models.{name}").MODEL
    rows = table(REGRESSION, kind.card.reads, n_train=6000)
    slow = {"learning_rate": 1e-5} if name in STEPWISE else {}

    def seconds() -> float:
        start = time.monotonic()
        _, training, _ = train(name, REGRESSION, rows=rows, params=slow, deadline=start + 1.0)
        assert training.stopped_by in {StoppedBy.DEADLINE, StoppedBy.DONE}
        return time.monotonic() - start

    assert any(seconds() < 1.2 for _ in range(3)), "others on the machine can delay a fit, and not hasten it"


@pytest.mark.parametrize("name", STEPWISE)
def test_training_stops_on_any_metric_of_the_protocol(name: str) -> None:
    curve: list[tuple[int, float]] = []
    model, _, rows = train(name, MULTICLASS, metric="accuracy", error=accuracy_error, report=recorded(curve))
    assert accuracy_error(rows.valid.y, model.predict(rows.valid.X)) == min(error for _, error in curve)


@pytest.mark.slow
@pytest.mark.parametrize("task_type", [BINARY, MULTICLASS, REGRESSION])
def test_catboost_stops_on_a_metric_it_has_no_word_for(task_type: TaskType) -> None:
    """The same error by the library's word and by a name that it does not know gives the same training."""
    word = "rmse" if task_type is REGRESSION else "log_loss"
    known: list[tuple[int, float]] = []
    unknown: list[tuple[int, float]] = []
    model, training, rows = train("catboost", task_type, metric=word, report=recorded(known))
    other, same, _ = train("catboost", task_type, metric="nameless", report=recorded(unknown))
    assert same == training
    assert [error for _, error in unknown] == pytest.approx([error for _, error in known], rel=1e-5)
    again = pickle.loads(pickle.dumps(other))
    assert np.array_equal(again.predict(rows.test.X), model.predict(rows.test.X))


def test_catboost_stops_on_area_under_the_curve() -> None:
    from sklearn.metrics import roc_auc_score

    def error(y: Array, prediction: FloatArray) -> float:
        return 1.0 - float(roc_auc_score(y, prediction[:, 1]))

    curve: list[tuple[int, float]] = []
    model, _, rows = train("catboost", BINARY, metric="roc_auc", error=error, report=recorded(curve))
    assert error(rows.valid.y, model.predict(rows.valid.X)) == pytest.approx(min(e for _, e in curve))


@pytest.mark.parametrize("name", STEPWISE)
def test_class_seen_in_valid_only_does_not_stop_the_fit(name: str) -> None:
    kind: type[Model] = importlib.import_module(f"tabbench_models.{name}").MODEL
    rows = table(MULTICLASS, kind.card.reads)
    keep = rows.train.y != 2
    without = Table(Part(rows.train.X[keep], rows.train.y[keep]), rows.valid, rows.test, rows.columns, 3)
    model, _, _ = train(name, MULTICLASS, rows=without, max_steps=10)
    assert np.all(model.predict(rows.test.X)[:, 2] == 0)


@pytest.mark.parametrize("name", FORESTS)
def test_forest_grown_in_chunks_equals_one_grown_at_once(name: str) -> None:
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    model, training, rows = train(name, MULTICLASS)
    kind = RandomForestClassifier if name == "random_forest" else ExtraTreesClassifier
    whole = kind(n_estimators=100, random_state=7).fit(rows.train.X.to_numpy(np.float32), rows.train.y)
    assert training.n_steps == 100
    assert np.array_equal(model.predict(rows.test.X), whole.predict_proba(rows.test.X.to_numpy(np.float32)))

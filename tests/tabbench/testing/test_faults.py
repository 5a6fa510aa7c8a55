"""Every conformance case is failed by a model made to fail it, and by no sound one."""

import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tabbench.model import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    Categorical,
    Family,
    Missing,
    ModelCard,
    Numeric,
    Reads,
    StoppedBy,
    Training,
)
from tabbench.testing import CASES, Outcome, check_model, run_case, tables

EVERY_TYPE = frozenset({BINARY, MULTICLASS, REGRESSION})
CARD = ModelCard(
    "sound", "Sound", Family.OTHER, EVERY_TYPE, Reads(Categorical.ONE_HOT, Missing.IMPUTE, Numeric.STANDARD)
)


class Sound:
    """Least squares on the target or on class indicators, made into shares."""

    card = CARD
    default: ClassVar[dict[str, float]] = {"ridge": 1.0}

    @staticmethod
    def space(trial: Any, task: Any) -> dict[str, Any]:
        return {"ridge": trial.suggest_float("ridge", 0.1, 10.0, log=True)}

    def fit(self, train: Any, valid: Any, params: Any, context: Any) -> Any:
        self.n_classes = context.task.n_classes
        y = np.eye(self.n_classes)[train.y] if self.n_classes else train.y
        self.center = y.mean(axis=0)
        X = train.X.to_numpy(dtype=float)
        self.weights = np.linalg.solve(X.T @ X + params["ridge"] * np.eye(X.shape[1]), X.T @ (y - self.center))

    def predict(self, X: Any) -> Any:
        # Not `@`: BLAS rounds a row otherwise than a batch.
        scores = np.einsum("ij,j...->i...", X.to_numpy(dtype=float), self.weights) + self.center
        if not self.n_classes:
            return scores
        shares = np.clip(scores, 0.01, None)
        return shares / shares.sum(axis=1, keepdims=True)


class Stepper(Sound):
    """Steps whose valid error wanders, so that the best is seldom the last."""

    card = replace(CARD, name="stepper")
    keeps_best = True
    listens = True
    counts = True
    looks_at_clock = True

    def fit(self, train: Any, valid: Any, params: Any, context: Any) -> Training:
        super().fit(train, valid, params, context)
        cap = context.cap(300) if self.counts else 30
        full, errors, stopped = self.weights, [], StoppedBy.CAP
        scales = 1 + context.rng.normal(size=cap)
        for step in range(1, cap + 1):
            self.weights = full * scales[step - 1]
            if context.max_steps is None and context.n_steps is None:
                time.sleep(0.01)
            errors.append(0.0 if valid is None else context.error(valid.y, self.predict(valid.X)))
            if valid is not None and context.report(step, errors[-1]) and self.listens:
                stopped = StoppedBy.PRUNED
                break
            if context.deadline and time.monotonic() > context.deadline and self.looks_at_clock:
                stopped = StoppedBy.DEADLINE
                break
        best = step if valid is None else int(np.argmin(errors)) + 1
        self.weights = full * scales[(best if self.keeps_best else step) - 1]
        return Training(step, best, cap, stopped)


class TrainsNothing(Stepper):
    """Its batch is larger than the table, say."""

    def fit(self, train: Any, valid: Any, params: Any, context: Any) -> Training:
        return replace(super().fit(train, valid, params, context), n_steps=0, best_step=0)


def faulty(
    fit: Callable[..., Any] | None = None,
    predict: Callable[..., Any] | None = None,
    base: type[Any] = Sound,
    **members: Any,
) -> type[Any]:
    """A model that does `fit(self, train, valid, params, context)` or `predict(self, X, answer)` beside its work."""

    class Faulty(base):
        def fit(self, train: Any, valid: Any, params: Any, context: Any) -> Any:
            if fit is not None:
                fit(self, train, valid, params, context)
            return super().fit(train, valid, params, context)

        def predict(self, X: Any) -> Any:
            answer = super().predict(X)
            return answer if predict is None else predict(self, X, answer)

    for name, member in members.items():
        setattr(Faulty, name, member)
    return Faulty


def refuse(condition: Callable[[Any], Any]) -> type[Any]:
    """Raises in `fit` when a condition holds of the train part."""

    def fit(self: Any, train: Any, valid: Any, params: Any, context: Any) -> None:
        if condition(train):
            raise ValueError("cannot fit this")

    return faulty(fit)


def card(**changes: Any) -> ModelCard:
    return replace(CARD, **changes)


NATIVE = card(reads=Reads(), task_types=frozenset({REGRESSION}))


class Gapless(Sound):
    """Reads everything natively and cannot bear what is missing at the place `where` says."""

    card = NATIVE
    where = "numbers"

    def fit(self, train: Any, valid: Any, params: Any, context: Any) -> None:
        self.n_classes, self.center, self.weights = 0, train.y.mean(), 0.0

    def predict(self, X: Any) -> Any:
        held = X.select_dtypes("category") if self.where == "levels" else X.select_dtypes("number")
        if held.isna().any(axis=None):
            raise ValueError("input contains NaN")
        return np.full(len(X), self.center)


def count_calls(self: Any, *_: Any) -> None:
    type(self).calls = getattr(type(self), "calls", 0) + 1


def wandering(self: Any, X: Any, answer: Any) -> Any:
    self.asked = getattr(self, "asked", 0) + 1
    return answer[..., ::-1] if answer.ndim > 1 and self.asked > 1 else answer + (answer.ndim == 1) * self.asked


def keep_rows(self: Any, train: Any, *_: Any) -> None:
    self.train_y = train.y


def knows_test_rows(self: Any, X: Any, answer: Any) -> Any:
    if len(X) != 60 or self.n_classes:
        return answer
    for seed in range(3):
        y = tables.numbers(REGRESSION, noise=0.0).permuted(np.random.default_rng(seed)).y
        if np.array_equal(y[:100], self.train_y):
            return y[140:]
    return answer


def keep_lambda(self: Any, *_: Any) -> None:
    self.callback = lambda: None


def write_in_place(self: Any, train: Any, *_: Any) -> None:
    train.X.iloc[0, 0] = 7.0


def set_environment(*_: Any) -> None:
    os.environ["OMP_NUM_THREADS"] = "13"


def leave_file(*_: Any) -> None:
    Path("left_behind.txt").write_text("here")


def print_much(*_: Any) -> None:
    os.write(1, b"a line\n" * 50)


def tune_on_size(trial: Any, task: Any) -> dict[str, Any]:
    return {"ridge": trial.suggest_float("ridge", 0.1, float(task.n_rows))}


def tune_more(trial: Any, task: Any) -> dict[str, Any]:
    return {"ridge": 1.0, "more": trial.suggest_int("more", 0, 3)}


def fail_small_ridge(self: Any, train: Any, valid: Any, params: Any, context: Any) -> None:
    if params["ridge"] != 1.0:
        raise ValueError("ridge must be 1")


def present_columns(self: Any, X: Any, answer: Any) -> Any:
    return answer[:, np.asarray(self.center) > 0] if self.n_classes else answer


class Quantiles(Sound):
    card = CARD

    def predict_quantiles(self, X: Any, q: Any) -> Any:
        return self.predict(X)[:, None] - np.asarray(q)


FAULTS: dict[str, list[type[Any]]] = {
    "card_is_complete": [
        faulty(card=card(title=" ")),
        faulty(card=card(version=0)),
        faulty(card=card(requires=("no_such_package",))),
    ],
    "configurations_are_json": [faulty(default={"ridge": 1.0, "x": {1, 2}}), faulty(default={"ridge": float("nan")})],
    "draws_do_not_depend_on_the_task": [faulty(space=staticmethod(tune_on_size))],
    "default_has_every_fixed_name": [faulty(space=staticmethod(tune_more))],
    "hooks_answer": [
        faulty(skip=staticmethod(lambda task: True)),
        faulty(unavailable=staticmethod(lambda task_type: "")),
    ],
    "predicts_every_task_type": [
        faulty(predict=lambda self, X, answer: answer[:5]),
        faulty(predict=lambda self, X, answer: answer.reshape(len(X), -1, 1)),
        faulty(predict=lambda self, X, answer: list(answer)),
        faulty(predict=lambda self, X, answer: answer.round().astype(int)),
        faulty(predict=lambda self, X, answer: answer * np.nan),
        faulty(predict=lambda self, X, answer: answer * 0.5),
        faulty(predict=lambda self, X, answer: answer * 3 - 1),
    ],
    "predicts_mixed_tables": [refuse(lambda train: train.X.shape[1] > 8)],
    "fits_what_its_space_draws": [faulty(fail_small_ridge)],
    "predicts_unseen_levels": [faulty(base=Gapless, where="levels")],
    "predicts_missing_numbers": [faulty(base=Gapless)],
    "bears_a_constant_column": [refuse(lambda train: (train.X.nunique() == 1).any())],
    "bears_an_empty_column": [faulty(base=Gapless)],
    "bears_one_row_a_class": [refuse(lambda train: len(train.y) < 5)],
    "bears_an_absent_class": [faulty(predict=present_columns)],
    "same_seed_same_bytes": [faulty(count_calls, lambda self, X, answer: answer ** (1 + self.calls % 2))],
    "predicting_changes_nothing": [faulty(predict=wandering)],
    "pickles": [faulty(keep_lambda)],
    "a_row_alone_equals_the_row_in_a_batch": [faulty(predict=lambda self, X, answer: answer[::-1].copy())],
    "beats_the_constant": [faulty(predict=lambda self, X, answer: answer[..., ::-1] if self.n_classes else answer / 9)],
    "learns_nothing_from_a_permuted_target": [faulty(keep_rows, knows_test_rows)],
    "predicts_quantiles_in_order": [Quantiles],
    "leaves_global_random_state_alone": [
        faulty(lambda *_: random.random()),
        faulty(lambda *_: np.random.rand()),  # noqa: NPY002  the fault
    ],
    "leaves_thread_settings_alone": [faulty(set_environment)],
    "leaves_its_input_alone": [faulty(write_in_place)],
    "leaves_no_file": [faulty(leave_file)],
    "prints_little": [faulty(print_much)],
    "predicts_with_its_best_step": [faulty(base=Stepper, keeps_best=False)],
    "stops_when_told": [faulty(base=Stepper, listens=False)],
    "takes_the_steps_it_is_given": [faulty(base=Stepper, counts=False), TrainsNothing],
    "fits_without_valid": [faulty(lambda self, train, valid, params, context: valid.X)],
    "obeys_its_deadline": [faulty(base=Stepper, looks_at_clock=False)],
}
NO_FAULT_KNOWN = {"bears_odd_names"}  # a plugin never sees the names; this guards the preparation before it


@pytest.fixture(autouse=True)
def _own_folder_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_every_case_has_a_fault_that_shows_it() -> None:
    assert set(FAULTS) | NO_FAULT_KNOWN == set(CASES)
    assert not set(FAULTS) & NO_FAULT_KNOWN


@pytest.mark.slow
@pytest.mark.parametrize(("name", "model"), [(name, model) for name, models in FAULTS.items() for model in models])
def test_a_case_fails_the_fault_it_is_for(name: str, model: type[Any]) -> None:
    report = run_case(model, CASES[name])
    assert report.outcome is Outcome.FAILED, str(report)
    assert report.message
    assert "To mend:" in str(report)


@pytest.mark.slow
@pytest.mark.parametrize("model", [Sound, Stepper])
def test_a_sound_model_fails_no_case(model: type[Any]) -> None:
    setattr(sys.modules[__name__], model.__name__, model)
    report = check_model(model)
    assert report.is_conforming, str(report)


def test_each_case_says_what_is_required_and_how_to_mend() -> None:
    for case in CASES.values():
        assert case.requires.endswith(".")
        assert case.mend.endswith(".")
        assert "\n" not in case.requires

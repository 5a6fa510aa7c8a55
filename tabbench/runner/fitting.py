"""What happens inside a fit child: fit, predict, measure, answer. Nothing here chooses or scores."""

from __future__ import annotations

import resource
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tabbench.metrics.quantiles import LEVELS
from tabbench.model import Context, Model, Params, Part, PredictsQuantiles, Prepares, StoppedBy, Training
from tabbench.task import REGRESSION
from tabbench.tuning.rungs import Climb

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from tabbench.runner.fitted_model import FittedModel
    from tabbench.tuning.rungs import Rung

TRACEBACK_CHARACTERS = 4_000
REASON_CHARACTERS = 500


@dataclass(frozen=True, eq=False)
class FitData:
    """All that a fit child may see of an inner fold: no labels but those to fit on and to stop on.

    Attributes:
        stop: None in a refit.
        X_valid: Rows to predict beside test; None in a refit.
    """

    model: type[Model]
    train: Part
    stop: Part | None
    X_valid: pd.DataFrame | None
    X_test: pd.DataFrame
    context: Context


@dataclass(frozen=True)
class FitRequest:
    """One configuration to fit on one inner fold.

    Attributes:
        n_steps: Of a refit: train exactly so many.
        is_watched: A pruner looks at the learning curve.
    """

    fold: int
    params: Params
    seed: int
    deadline: float | None
    n_steps: int | None = None
    is_watched: bool = False


@dataclass(frozen=True)
class Curve:
    """A learning curve: what the model reported after each step; seconds are None where they were not kept."""

    step: tuple[int, ...]
    seconds: tuple[float, ...] | None
    error: tuple[float, ...]


@dataclass(frozen=True)
class Costs:
    """What a fit took, in seconds and MiB."""

    prepare_seconds: float
    fit_seconds: float
    predict_valid_seconds: float
    predict_test_seconds: float
    cpu_seconds: float
    peak_memory_mib: float | None


class Raw(NamedTuple):
    """Predictions as the model returned them; no quantiles where it has no hook for them."""

    values: Any
    quantiles: Any = None


@dataclass(frozen=True, eq=False)
class FitReply:
    """A fit that ended by itself.

    Attributes:
        is_pruned: It was asked to stop as hopeless, and predicted nothing.
        valid, test: What it predicted; None where it was not asked.
        fitted: What a timing pass measures of the fitted model; None in a run.
    """

    training: Training | None
    curve: Curve
    is_pruned: bool
    valid: Raw | None
    test: Raw | None
    costs: Costs
    fitted: FittedModel | None = None


@dataclass(frozen=True)
class FitFailure:
    """A fit that raised."""

    reason: str
    traceback: str


class FitServer:
    """Serves the trials of one job: what `prepare` builds is built once an inner fold and shared.

    Args:
        data: By number of the inner fold.
        measure: Called with each fitted model, outside of all that is timed; None in a run.
    """

    def __init__(
        self, data: Mapping[int, FitData], measure: Callable[[Model, FitData], FittedModel] | None = None
    ) -> None:
        self._data, self._measure = data, measure
        self._prepared: dict[int, tuple[Any, float]] = {}

    def answer(self, request: FitRequest, is_hopeless: Callable[[Rung], bool]) -> FitReply | FitFailure:
        """Fit one configuration, whatever the plugin does short of ending the process.

        Args:
            request: What to fit.
            is_hopeless: Asks the pruner, who is in another process.
        """
        try:
            return self._fit(request, is_hopeless)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it becomes a row
            return _failure(error)

    def _fit(self, request: FitRequest, is_hopeless: Callable[[Rung], bool]) -> FitReply:
        data = self._data[request.fold]
        recorder = _Recorder(request.deadline, is_hopeless if request.is_watched else None)
        context = replace(
            data.context,
            seed=request.seed,
            rng=np.random.default_rng(request.seed),
            deadline=request.deadline,
            n_steps=request.n_steps,
            report=recorder.report,
        )
        reset_peak_memory()
        prepared, prepare_seconds = self._prepare(request.fold, context)
        context = replace(context, prepared=prepared)
        model = data.model()
        cpu_start = _cpu_seconds()
        start = time.perf_counter()
        recorder.start()
        training = _plain(model.fit(data.train, data.stop, request.params, context), recorder.asked_to_stop)
        is_pruned = recorder.asked_to_stop is StoppedBy.PRUNED
        fitted = time.perf_counter()
        asks_quantiles = (
            self._measure is None and context.task.type is REGRESSION and isinstance(model, PredictsQuantiles)
        )
        valid = None if is_pruned else _predict(model, data.X_valid, asks_quantiles)
        valid_predicted = time.perf_counter()
        test = None if is_pruned else _predict(model, data.X_test, asks_quantiles)
        end = time.perf_counter()
        costs = Costs(
            prepare_seconds=prepare_seconds,
            fit_seconds=fitted - start,
            predict_valid_seconds=valid_predicted - fitted,
            predict_test_seconds=end - valid_predicted,
            cpu_seconds=_cpu_seconds() - cpu_start,
            peak_memory_mib=peak_memory_mib(),
        )
        fitted_model = None if self._measure is None else self._measure(model, data)
        return FitReply(training, recorder.curve(), is_pruned, valid, test, costs, fitted_model)

    def _prepare(self, fold: int, context: Context) -> tuple[Any, float]:
        """What the model's hook builds, and the seconds that took; nothing in none without the hook."""
        data = self._data[fold]
        if not isinstance(data.model, Prepares):
            return None, 0.0
        if fold not in self._prepared:
            start = time.perf_counter()
            built = data.model.prepare(data.train, data.stop, context)
            self._prepared[fold] = built, time.perf_counter() - start
        return self._prepared[fold]


def _predict(model: Model, X: pd.DataFrame | None, asks_quantiles: bool) -> Raw | None:
    if X is None:
        return None
    values = np.asarray(model.predict(X), dtype=np.float64)
    if not asks_quantiles:
        return Raw(values)
    assert isinstance(model, PredictsQuantiles)
    return Raw(values, np.asarray(model.predict_quantiles(X, LEVELS.copy()), dtype=np.float64))


def _failure(error: Exception) -> FitFailure:
    """An exception in words that can be stored: bounded, and without halves of characters."""
    told = (f"{type(error).__name__}: {error}"[:REASON_CHARACTERS], traceback.format_exc()[-TRACEBACK_CHARACTERS:])
    return FitFailure(*(text.encode("utf-8", "replace").decode() for text in told))


def _plain(training: object, asked_to_stop: StoppedBy | None) -> Training | None:
    """What `fit` returned, in numbers that can be stored; the model cannot know why it was asked to stop."""
    if training is None:
        return None
    if not isinstance(training, Training):
        raise TypeError(f"fit returned a {type(training).__name__}; return a tabbench.model.Training, or None")
    wrong = why_impossible(training)
    if wrong is not None:
        raise ValueError(wrong)
    steps = (int(training.n_steps), int(training.best_step), int(training.cap))
    stopped_by = StoppedBy(training.stopped_by)
    return Training(*steps, asked_to_stop if asked_to_stop and stopped_by is StoppedBy.PRUNED else stopped_by)


def why_impossible(training: Training) -> str | None:
    """What cannot be of the steps that `fit` returned, in a sentence; None where they can."""
    is_at_rest = training.n_steps == training.best_step == 0  # an optimiser on constant columns, at its start
    is_possible = is_at_rest or 1 <= training.best_step <= training.n_steps <= training.cap
    return None if is_possible else f"1 <= best_step <= n_steps <= cap does not hold of {training}"


class _Recorder:
    """What `context.report` does: keeps the learning curve, and says when to stop: for the time, or as hopeless."""

    def __init__(self, deadline: float | None, is_hopeless: Callable[[Rung], bool] | None) -> None:
        self._deadline, self._is_hopeless = deadline, is_hopeless
        self.asked_to_stop: StoppedBy | None = None
        self._climb = Climb()
        self._points: list[tuple[int, float, float]] = []
        self._start = time.perf_counter()

    def start(self) -> None:
        self._start = time.perf_counter()

    def report(self, step: int, valid_error: float) -> bool:
        step, valid_error = int(step), float(valid_error)
        self._points.append((step, time.perf_counter() - self._start, valid_error))
        if self.asked_to_stop is None:
            if self._is_hopeless is not None:
                rung = self._climb.report(step, valid_error)
                if rung is not None and self._is_hopeless(rung):
                    self.asked_to_stop = StoppedBy.PRUNED
                    return True
            if self._deadline is not None and time.monotonic() >= self._deadline:
                self.asked_to_stop = StoppedBy.DEADLINE
        return self.asked_to_stop is not None

    def curve(self) -> Curve:
        steps, seconds, errors = zip(*self._points, strict=True) if self._points else ((), (), ())
        return Curve(tuple(steps), tuple(round(s, 4) for s in seconds), tuple(errors))


def _cpu_seconds() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def reset_peak_memory() -> None:
    """Begin a new peak for this process; needs no privileges, does nothing where there is no /proc."""
    try:
        with open("/proc/self/clear_refs", "w") as f:  # noqa: PTH123 - a kernel switch, not a file
            f.write("5")
    except OSError:
        pass


def peak_memory_mib() -> float | None:
    """Highest resident memory of this process since the last reset; None where there is no /proc."""
    try:
        with open("/proc/self/status") as f:  # noqa: PTH123 - as above
            for line in f:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None

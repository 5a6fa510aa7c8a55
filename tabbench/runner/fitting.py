"""What happens inside a fit child: fit, predict, measure, answer. Nothing here chooses or scores."""

from __future__ import annotations

import resource
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.model import Context, Model, Params, Part, Prepares, StoppedBy, Training

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import FloatArray

TRACEBACK_CHARACTERS = 4_000
REASON_CHARACTERS = 500


@dataclass(frozen=True, eq=False)
class FitData:
    """All that a fit child may see of a split: no test labels, no valid role beyond stopping."""

    model: type[Model]
    train: Part
    valid: Part
    X_test: pd.DataFrame
    context: Context


@dataclass(frozen=True)
class FitRequest:
    """One configuration to fit."""

    params: Params
    seed: int
    deadline: float | None


@dataclass(frozen=True)
class Curve:
    """A learning curve: what the model reported after each step."""

    step: tuple[int, ...]
    seconds: tuple[float, ...]
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


@dataclass(frozen=True, eq=False)
class FitReply:
    """A fit that ended by itself."""

    training: Training | None
    curve: Curve
    valid_prediction: Any
    test_prediction: Any
    costs: Costs


@dataclass(frozen=True)
class FitFailure:
    """A fit that raised."""

    reason: str
    traceback: str


class FitServer:
    """Serves the trials of one job: what `prepare` builds is built once and shared."""

    def __init__(self, data: FitData) -> None:
        self._data = data
        self._prepared: Any = None
        self._prepare_seconds: float | None = None

    def answer(self, request: FitRequest) -> FitReply | FitFailure:
        """Fit one configuration, whatever the plugin does short of ending the process."""
        try:
            return self._fit(request)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it becomes a row
            return _failure(error)

    def _fit(self, request: FitRequest) -> FitReply:
        data, recorder = self._data, _Recorder(request.deadline)
        context = replace(
            data.context,
            seed=request.seed,
            rng=np.random.default_rng(request.seed),
            deadline=request.deadline,
            report=recorder.report,
        )
        reset_peak_memory()
        context = replace(context, prepared=self._prepare(context))
        model = data.model()
        cpu_start = _cpu_seconds()
        recorder.start()
        start = time.perf_counter()
        training = _plain(model.fit(data.train, data.valid, request.params, context), recorder.has_asked_to_stop)
        fitted = time.perf_counter()
        valid_prediction = np.asarray(model.predict(data.valid.X), dtype=np.float64)
        valid_predicted = time.perf_counter()
        test_prediction: FloatArray = np.asarray(model.predict(data.X_test), dtype=np.float64)
        end = time.perf_counter()
        costs = Costs(
            prepare_seconds=self._prepare_seconds or 0.0,
            fit_seconds=fitted - start,
            predict_valid_seconds=valid_predicted - fitted,
            predict_test_seconds=end - valid_predicted,
            cpu_seconds=_cpu_seconds() - cpu_start,
            peak_memory_mib=peak_memory_mib(),
        )
        return FitReply(training, recorder.curve(), valid_prediction, test_prediction, costs)

    def _prepare(self, context: Context) -> Any:
        model = self._data.model
        if isinstance(model, Prepares) and self._prepare_seconds is None:
            start = time.perf_counter()
            self._prepared = model.prepare(self._data.train, self._data.valid, context)
            self._prepare_seconds = time.perf_counter() - start
        return self._prepared


def _failure(error: Exception) -> FitFailure:
    """An exception in words that can be stored: bounded, and without halves of characters."""
    told = (f"{type(error).__name__}: {error}"[:REASON_CHARACTERS], traceback.format_exc()[-TRACEBACK_CHARACTERS:])
    return FitFailure(*(text.encode("utf-8", "replace").decode() for text in told))


def _plain(training: object, is_deadline: bool) -> Training | None:
    """What `fit` returned, in numbers that can be stored; we know that we asked it to stop for its time."""
    if training is None:
        return None
    if not isinstance(training, Training):
        raise TypeError(f"fit returned a {type(training).__name__}; return a tabbench.model.Training, or None")
    steps = (int(training.n_steps), int(training.best_step), int(training.cap))
    stopped_by = StoppedBy(training.stopped_by)
    return Training(*steps, StoppedBy.DEADLINE if is_deadline and stopped_by is StoppedBy.PRUNED else stopped_by)


class _Recorder:
    """Keeps the learning curve and says when the deadline has come."""

    def __init__(self, deadline: float | None) -> None:
        self._deadline = deadline
        self.has_asked_to_stop = False
        self._points: list[tuple[int, float, float]] = []
        self._start = time.perf_counter()

    def start(self) -> None:
        self._start = time.perf_counter()

    def report(self, step: int, valid_error: float) -> bool:
        self._points.append((int(step), time.perf_counter() - self._start, float(valid_error)))
        self.has_asked_to_stop = self._deadline is not None and time.monotonic() >= self._deadline
        return self.has_asked_to_stop

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

"""What a group of metafeatures is, and how those that are written here are declared."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.sample import UndefinedError
from tabbench.task import FloatArray, TaskType

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.metafeatures.sample import Sample

ALL_TYPES = frozenset(TaskType)
CLASSES = frozenset({TaskType.BINARY, TaskType.MULTICLASS})
SUMMARIES = ("mean", "sd", "min", "median", "max")
"""What a list of numbers (one a column, a pair, a fold) is told by, in the groups that are written here."""


class Value(NamedTuple):
    """One metafeature under its full name: a number, or why there is none."""

    feature: str
    value: float | None
    status: FeatureStatus
    reason: str | None = None
    seconds: float | None = None


class OpenGroup(Protocol):
    """A group at work on one sample."""

    def compute(self, step: str) -> list[Value]:
        """Do one of the group's steps."""


@dataclass(frozen=True, eq=False)
class OwnGroup:
    """Metafeatures that are written here: each a function with a docstring, whose name is that of the feature.

    A function that is annotated to return a `FloatArray` gives a list, told by its summaries.

    Attributes:
        name: As in the names of its features.
        purpose: A sentence.
        version: Of the code; raised when a number changes.
        task_types: Those it is for.
        max_rows: It is computed on a subsample of at most so many rows; None for all.
        reads_test: It looks at test inputs.
        modules: Libraries that it needs, import names.
        source: Whose numbers these are.
    """

    name: str
    purpose: str
    functions: tuple[Callable[[Sample], float | FloatArray], ...]
    version: int = 1
    task_types: frozenset[TaskType] = ALL_TYPES
    max_rows: int | None = None
    reads_test: bool = False
    modules: tuple[str, ...] = ()
    source: str = "tabbench"

    def steps(self) -> tuple[str, ...]:
        """Names of the functions."""
        return tuple(function.__name__ for function in self.functions)

    def features(self, step: str) -> tuple[str, ...]:
        """The step's own name, or one a summary."""
        name = f"{self.name}.{step}"
        return tuple(f"{name}.{s}" for s in SUMMARIES) if gives_list(self.function(step)) else (name,)

    def function(self, step: str) -> Callable[[Sample], float | FloatArray]:
        """The function of that name."""
        return next(f for f in self.functions if f.__name__ == step)

    def open(self, sample: Sample) -> OpenGroup:
        """Nothing to get ready: what functions share is kept by the sample."""
        return _OpenOwn(self, sample)


def gives_list(function: Callable[..., object]) -> bool:
    """Whether a function says that it returns several numbers."""
    return str(function.__annotations__["return"]) == "FloatArray"


class _OpenOwn:
    def __init__(self, group: OwnGroup, sample: Sample) -> None:
        self._group, self._sample = group, sample

    def compute(self, step: str) -> list[Value]:
        names = self._group.features(step)
        start = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of libraries, about classes with few rows and constant columns
                found = self._group.function(step)(self._sample)
        except UndefinedError as error:
            seconds = (time.perf_counter() - start) / len(names)
            return [Value(name, None, FeatureStatus.UNDEFINED, str(error), seconds) for name in names]
        seconds = (time.perf_counter() - start) / len(names)
        if not gives_list(self._group.function(step)):
            return [_told(names[0], float(found), seconds, "the formula gives no number on this table")]
        values = np.asarray(found, dtype=np.float64)
        why = f"of {len(values)} numbers, {np.isfinite(values).sum()} of them finite"
        return [_told(name, v, seconds, why) for name, v in zip(names, summarise(values), strict=True)]


def _told(name: str, value: float, seconds: float, why: str) -> Value:
    if np.isfinite(value):
        return Value(name, value, FeatureStatus.OK, None, seconds)
    return Value(name, None, FeatureStatus.UNDEFINED, why, seconds)


def summarise(values: FloatArray) -> list[float]:
    """Mean, standard deviation (over n), least, median and largest of the finite values; NaN of none.

    >>> summarise(np.array([1.0, 2.0, 6.0, np.nan]))[0::4]
    [3.0, 6.0]
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return [float("nan")] * len(SUMMARIES)
    return [float(f(values)) for f in (np.mean, np.std, np.min, np.median, np.max)]

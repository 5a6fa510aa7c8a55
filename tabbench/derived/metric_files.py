"""A metric from a Python file: a name, and a function from labels and predictions to an error."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.errors import PluginError, nearest
from tabbench.hashing import hash_bytes
from tabbench.metrics import METRICS, error_of, metric_named, score
from tabbench.metrics.quantiles import QuantileScores, quantile_scores
from tabbench.task import TaskType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tabbench.task import Array, FloatArray

RAISED = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What code of a user may raise by mistake."""
OWN = "tabbench"


@dataclass(frozen=True, eq=False)
class NewMetric:
    """A metric to score stored predictions by.

    Attributes:
        source_hash: Of its file; scores made by another content of the file are made anew.
        task_types: Those it is for.
        error: From labels (n,) and the stored prediction, (n,) numbers or (n, n_classes) probabilities in float64, to
            an error: lower is better, 0 is perfect, None or NaN where it is undefined.
        reads_quantiles: It is given predicted quantiles, (n, 19), in place of the prediction.
    """

    name: str
    source_hash: str
    task_types: frozenset[TaskType]
    error: Callable[[Array, FloatArray, TaskType], float | None]
    reads_quantiles: bool = False


def own_metric(name: str) -> NewMetric:
    """One of tabbench's metrics, for rows that were stored before it existed.

    Raises:
        UnknownNameError: If there is none of that name.
    """
    metric = metric_named(name, where="tabbench score; a file of your own ends in .py")
    if name in QuantileScores._fields:
        return NewMetric(name, OWN, metric.task_types, lambda y, q, _: getattr(quantile_scores(y, q), name), True)
    return NewMetric(name, OWN, metric.task_types, lambda y, p, task_type: error_of(score(y, p, task_type), name))


def load_metric(path: Path) -> NewMetric:
    """A metric from a file with `NAME`, `error(y, prediction)` and, unless it is for all, `TASK_TYPES`.

    Raises:
        PluginError: If there is no such file, it cannot be read or run, or lacks one of these.
    """
    if not path.is_file():
        raise PluginError(f"There is no metric file {path} (looked in {path.absolute().parent}).")
    try:
        code = path.read_bytes()
        spec = importlib.util.spec_from_file_location(f"tabbench_metric_{hash_bytes(code)}", path)
        if spec is None or spec.loader is None:
            raise ImportError("not a Python file: its name must end in .py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except RAISED as error:
        raise PluginError(f"Metric file {path} cannot be run: {type(error).__name__}: {error}") from error
    name, function = getattr(module, "NAME", None), getattr(module, "error", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in METRICS:
        raise PluginError(
            f"Metric file {path} has NAME = {name!r}. Give it a name of lower-case letters, digits and '_' that no "
            'metric of tabbench has: NAME = "top_2_error".'
        )
    if not callable(function):
        raise PluginError(
            f"Metric file {path} has no function. Write: def error(y, prediction): return …  # lower is better"
        )
    return NewMetric(
        name,
        hash_bytes(code),
        _task_types(path, getattr(module, "TASK_TYPES", tuple(TaskType))),
        lambda y, p, _: _number(function(y, p), path),
    )


def _task_types(path: Path, given: object) -> frozenset[TaskType]:
    known = [str(t) for t in TaskType]
    words = (
        [given] if isinstance(given, str) else list(given) if isinstance(given, tuple | list | set | frozenset) else []
    )
    wrong = [word for word in words if str(word) not in known]
    if wrong or not words:
        near = nearest(str(wrong[0]), known) if wrong else None
        hint = f" Did you mean {near}?" if near else ""
        raise PluginError(f"Metric file {path} has TASK_TYPES = {given!r}. Known: {', '.join(known)}.{hint}")
    return frozenset(TaskType(str(word)) for word in words)


def _number(value: object, path: Path) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever it is, it is tried
    except (TypeError, ValueError) as error:
        raise PluginError(f"`error` of {path} returned {value!r}, not a number or None.") from error
    return None if number != number else number

"""The contract for models: what a plugin states, and what it is given.

A plugin is one file with one class and a last line `MODEL: type[Model] = TheClass`. The class has a `card`,
a `default` configuration, a search `space`, `fit` and `predict`. Everything else is the runner's work.
Optional hooks are protocols of their own: a class that has the method has the hook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from tabbench.task import BINARY, MULTICLASS, REGRESSION, Array, FloatArray, TaskType

if TYPE_CHECKING:
    import numpy as np
    import optuna
    import pandas as pd

__all__ = [
    "BINARY", "MULTICLASS", "REGRESSION", "Categorical", "Context", "Date", "Family", "Kind", "MayBeUnavailable",
    "Missing", "Model", "ModelCard", "Numeric", "Params", "Part", "Prepares", "PreparedColumn", "PredictsQuantiles",
    "Reads", "Skips", "StoppedBy", "TaskFacts", "Training",
]  # fmt: skip

Params = Mapping[str, Any]
"""One configuration: JSON values by name."""


class Categorical(StrEnum):
    """In which form a model wants its categorical columns. Levels unseen in train become missing.

    native: pandas `category` columns whose categories are the integers 0..k-1, missing is NaN.
    codes: int64 columns, 0 is missing, unseen or pooled, 1..k are levels (for embeddings).
    ordinal: float64 columns of level numbers 0..k-1; missing follows `Reads.missing`.
    one_hot: one 0/1 column a level. Like `codes`, pools levels under 10 rows or beyond the 100 most frequent.
    """

    NATIVE = "native"
    CODES = "codes"
    ORDINAL = "ordinal"
    ONE_HOT = "one_hot"


class Missing(StrEnum):
    """What happens to a missing number: handed through as NaN, or the train median and a 0/1 column beside it."""

    NATIVE = "native"
    IMPUTE = "impute"


class Numeric(StrEnum):
    """How numbers are scaled, fitted on train: not at all, to mean 0 and variance 1, or to normal quantiles."""

    RAW = "raw"
    STANDARD = "standard"
    QUANTILE = "quantile"


class Date(StrEnum):
    """Dates become numbers: seconds since 1970, year, month, day of month, day of week, hour."""

    PARTS = "parts"


@dataclass(frozen=True)
class Reads:
    """In which form a model wants its columns; the runner prepares them, fitted on the train part alone."""

    categorical: Categorical = Categorical.NATIVE
    missing: Missing = Missing.NATIVE
    numeric: Numeric = Numeric.RAW
    date: Date = Date.PARTS


class Family(StrEnum):
    """What a model is, for grouping and colour."""

    BASELINE = "baseline"
    LINEAR = "linear"
    NEIGHBORS = "neighbors"
    KERNEL = "kernel"
    TREE = "tree"
    FOREST = "forest"
    BOOSTED_TREES = "boosted_trees"
    NETWORK = "network"
    FOUNDATION = "foundation"
    OTHER = "other"


class Kind(StrEnum):
    """A single model, a system that combines many, or a baseline that others are measured against."""

    MODEL = "model"
    SYSTEM = "system"
    BASELINE = "baseline"


@dataclass(frozen=True)
class ModelCard:
    """What a plugin says of itself.

    Attributes:
        name: For ever: it stands in every row. Lower-case letters, digits and underscores.
        version, space_version: Raised when the implementation or a default changes numbers; when the space changes.
        requires: Modules that fit or predict import ("sklearn.ensemble"); loaded once a machine, before any fit.
        extra: The extra of tabbench that installs them; empty for a plugin of one's own.
        space_source: The published space that is followed, and why it departs where it does.
        defaults_tuned_on: Tables that the default configuration was tuned on, as a task or suite name.
        pretrained_on: What pretrained weights saw; None without weights.
        max_rows, max_columns, max_classes: Beyond these a task is skipped, with the reason; columns as prepared too.
        train_subsample: Fitted on a random part of train, of so many rows at most: another entrant than without.
        is_deterministic: The same seed gives the same bytes.
        is_transductive: A row's prediction depends on the rows beside it.
        stops_itself: `fit` obeys `context.deadline` within 20 %; otherwise only the kill stops it.
        smoke: A configuration for tests, where the published size is slow.
    """

    name: str
    title: str
    family: Family
    task_types: frozenset[TaskType]
    reads: Reads
    kind: Kind = Kind.MODEL
    version: int = 1
    paper: str = ""
    code: str = ""
    licence: str = ""
    requires: tuple[str, ...] = ()
    extra: str = ""
    space_version: int = 1
    space_source: str = ""
    defaults_tuned_on: str | None = None
    pretrained_on: str | None = None
    weights_hash: str | None = None
    weights_licence: str | None = None
    max_rows: int | None = None
    max_columns: int | None = None
    max_classes: int | None = None
    train_subsample: int | None = None
    is_deterministic: bool = True
    is_transductive: bool = False
    stops_itself: bool = True
    smoke: Params = field(default_factory=dict)


@dataclass(frozen=True)
class TaskFacts:
    """What a model may know of a task before it sees rows: counts on the train part, raw columns."""

    type: TaskType
    n_rows: int
    n_columns: int
    n_categorical: int
    max_levels: int
    n_classes: int  # 0 for regression
    has_missing: bool


@dataclass(frozen=True)
class PreparedColumn:
    """A column as the model sees it; `n_levels` counts codes 0..n_levels-1 of a categorical, 0 for a number."""

    name: str
    is_categorical: bool
    n_levels: int = 0


@dataclass(frozen=True, eq=False)
class Part:
    """Rows to fit on, or to stop on.

    Attributes:
        X: Columns x0, x1, … in the form the card's `reads` asks for. Never to be changed in place.
        y: Shape (n_rows,). Labels 0..n_classes-1 (int64; a class may be absent), or float64 for regression.
    """

    X: pd.DataFrame
    y: Array


class StoppedBy(StrEnum):
    """Why training ended."""

    PATIENCE = "patience"
    CAP = "cap"
    DEADLINE = "deadline"
    PRUNED = "pruned"
    DONE = "done"


@dataclass(frozen=True)
class Training:
    """What an iterative `fit` returns; None from a model without steps.

    Attributes:
        n_steps, cap: Boosting rounds or epochs that were run, and the most that were allowed.
        best_step: Those that predictions use, 1..n_steps.
    """

    n_steps: int
    best_step: int
    cap: int
    stopped_by: StoppedBy


@dataclass(frozen=True, eq=False)
class Context:
    """What the runner hands to `fit` beside the data.

    Attributes:
        rng, seed: All chance, for numpy and for libraries that take a number in [0, 2**31).
        n_threads, device: Use exactly so many, on "cpu" or "cuda".
        metric: Name of the metric to stop on (a lower-is-better error: log_loss, rmse, roc_auc as 1-AUC …).
        error: `error(y, prediction)` computes that error, prediction shaped as `predict` returns it.
        columns, prepared: The columns of X, in order; what `prepare` returned, None without that hook.
        deadline: `time.monotonic()` at which to stop and keep the best so far; None for no limit.
        n_steps: A refit: train exactly so many steps; valid is then None.
        max_steps: Never train more steps (tests).
        report: `report(step, valid_error)` after each step, counted from 1; True asks to stop now.
    """

    rng: np.random.Generator
    seed: int
    n_threads: int
    metric: str
    error: Callable[[Array, FloatArray], float]
    task: TaskFacts
    columns: tuple[PreparedColumn, ...]
    device: str = "cpu"
    deadline: float | None = None
    prepared: Any = None
    n_steps: int | None = None
    max_steps: int | None = None
    report: Callable[[int, float], bool] = lambda _step, _valid_error: False

    def cap(self, most: int) -> int:
        """Steps to train at most: a refit's exact number, else `most` and no more than `max_steps`."""
        if self.n_steps is not None:
            return self.n_steps
        return most if self.max_steps is None else min(most, self.max_steps)


class Model(Protocol):
    """A plugin: one file, one class; made without arguments for every fit."""

    card: ClassVar[ModelCard]
    default: ClassVar[Params]
    """The configuration of trial 0: all names that `fit` reads, as JSON values."""

    @staticmethod
    def space(trial: optuna.Trial, task: TaskFacts) -> Params:
        """Draw a configuration by `trial.suggest_*`; `fit` gets `default` overlaid with what is returned.

        The draw must be the same for every task of a type: a range that depends on the task is written as a
        fraction of it and multiplied out in `fit`.
        """

    def fit(self, train: Part, valid: Part | None, params: Params, context: Context) -> Training | None:
        """Train; with `valid`, stop on `context.metric` and keep the best step."""

    def predict(self, X: pd.DataFrame) -> FloatArray:
        """Shape (n_rows,) for regression, (n_rows, n_classes) probabilities for classes. Changes nothing."""


@runtime_checkable
class Skips(Protocol):
    """Hook: says why the model does not apply to a task, or None; becomes a row with status `skipped`."""

    @staticmethod
    def skip(task: TaskFacts) -> str | None:
        """A reason, or None."""


@runtime_checkable
class MayBeUnavailable(Protocol):
    """Hook: says what the model lacks here beside its libraries, such as weights; a row `unavailable`, never done."""

    @staticmethod
    def unavailable(task_type: TaskType) -> str | None:
        """What is missing for tasks of this type, of those on the card, with the command that gets it; or None."""


@runtime_checkable
class Prepares(Protocol):
    """Hook: builds once per job what all its configurations share; found again as `context.prepared`."""

    @staticmethod
    def prepare(train: Part, valid: Part | None, context: Context) -> Any:
        """Anything; it stays in the process that fits."""


@runtime_checkable
class PredictsQuantiles(Protocol):
    """Hook: probabilistic regression."""

    def predict_quantiles(self, X: pd.DataFrame, q: FloatArray) -> FloatArray:
        """Shape (n_rows, n_quantiles), ascending along the second axis for ascending q."""

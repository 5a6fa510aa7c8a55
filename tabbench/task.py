"""The contract for data: datasets, tasks, splits, suites and metrics."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tabbench.hashing import content_id
from tabbench.suite import SameTable, SplitsRun

if TYPE_CHECKING:
    import pandas as pd

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Array = NDArray[Any]


class TaskType(StrEnum):
    """What is predicted."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


BINARY, MULTICLASS, REGRESSION = TaskType.BINARY, TaskType.MULTICLASS, TaskType.REGRESSION


class ColumnKind(StrEnum):
    """How a column's values are to be read."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    DATE = "date"


class Role(StrEnum):
    """What a column is for. Only features reach a model, and dates only as features."""

    FEATURE = "feature"
    TARGET = "target"
    TIME = "time"
    GROUP = "group"
    IGNORED = "ignored"


class Origin(StrEnum):
    """Where a table's rows come from."""

    REAL = "real"
    SIMULATED = "simulated"
    FICTIONAL = "fictional"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Column:
    """One typed column of a dataset; `n_levels` is 0 unless it is categorical."""

    name: str
    kind: ColumnKind
    role: Role = Role.FEATURE
    n_missing: int = 0
    n_levels: int = 0


@dataclass(frozen=True)
class DatasetCard:
    """What is known of a table without opening it.

    Attributes:
        name: For ever; it stands in every row.
        version: Raised when the rows change; a corrected table is a new version.
        content_hash: Hash of column names, kinds and values, whatever the file format.
        source: Where it was taken from, precisely enough to take it again.
        licence: The table's own, not that of the package that carries it.
        family: Tables that are variants of one source share it.
        openml_id: Dataset id on OpenML where it has one.
        traps: Known faults, a sentence each.
    """

    name: str
    version: int
    title: str
    columns: tuple[Column, ...]
    n_rows: int
    content_hash: str
    source: str
    licence: str
    origin: Origin
    family: str
    citation: str = ""
    openml_id: int | None = None
    traps: tuple[str, ...] = ()


class SplitKind(StrEnum):
    """How test rows are chosen.

    `kfold` and `holdout` stratify classes and, for regression, target quantiles. `temporal` tests on the part of
    time that follows the train part. `grouped` keeps a group in one part. `fixed` has rows that came with the task.
    """

    KFOLD = "kfold"
    HOLDOUT = "holdout"
    TEMPORAL = "temporal"
    GROUPED = "grouped"
    FIXED = "fixed"


class Window(StrEnum):
    """What a temporal split trains on: all that lies before its test block, or the block before it alone."""

    EXPANDING = "expanding"
    SLIDING = "sliding"


@dataclass(frozen=True)
class SplitRule:
    """The recipe of a task's splits; with the rows it determines them.

    Attributes:
        test_fraction: Share of test rows of a `holdout`, which has one fold.
        train_fraction: Share of train rows of a `holdout`, valid among them; 0 for all that are not test.
        valid_fraction: Share of rows that a `holdout` itself holds out of train; 0 leaves that to the protocol.
        window: For `temporal`.
        gap: Time left out between train and test of a `temporal` split, in units of the time column (dates: seconds).
        keeps_equal_rows: Rows with equal features stand in one fold.
        rows_hash: Hash of the row numbers themselves, for `fixed` splits.
    """

    kind: SplitKind = SplitKind.KFOLD
    n_repeats: int = 1
    n_folds: int = 3
    seed: int = 0
    test_fraction: float = 0.3
    train_fraction: float = 0.0
    valid_fraction: float = 0.0
    window: Window = Window.EXPANDING
    gap: float = 0.0
    keeps_equal_rows: bool = False
    rows_hash: str = ""


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of one (repeat, fold), each part ascending.

    Attributes:
        train: All rows that may be learned from; the protocol cuts valid out of them.
        valid: The part of `train` that the source itself holds out, where it does.
    """

    repeat: int
    fold: int
    train: IntArray
    test: IntArray
    valid: IntArray | None = None


@dataclass(frozen=True)
class Task:
    """A dataset with a target, a type, a metric and fixed splits; light, without its table.

    Attributes:
        name: `bundled/NAME`, `openml/31`, `openml/d/31`, `file:PATH::TARGET`, `folder:PATH` or `frame/NAME`, with
            modifiers behind it: `bundled/diamonds~rows=1000~rotate`.
        metric: Name of the primary metric.
        classes: Labels in the order of a model's probability columns; empty for regression.
        modifiers: Seeded changes to the table, in order, as they stand in the name: `rows=1000`, `rotate`.
    """

    name: str
    dataset: DatasetCard
    target: str
    type: TaskType
    metric: str
    split_rule: SplitRule
    classes: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()

    @property
    def task_hash(self) -> str:
        """Hash of what the task asks: rows, roles, target, type and modifiers, but not its splits or metric."""
        roles = [[c.name, c.kind, c.role] for c in self.dataset.columns]
        asked = [self.dataset.content_hash, roles, self.target, self.type, list(self.classes)]
        return content_id([*asked, list(self.modifiers)] if self.modifiers else asked)

    @property
    def splits_hash(self) -> str:
        """Hash of the rule and of the rows it applies to."""
        return content_id([self.task_hash, asdict(self.split_rule)])

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns a model may see."""
        return tuple(c for c in self.dataset.columns if c.role is Role.FEATURE)

    @property
    def splits(self) -> tuple[tuple[int, int], ...]:
        """Every (repeat, fold), in order."""
        rule = self.split_rule
        return tuple((r, f) for r in range(rule.n_repeats) for f in range(rule.n_folds))

    def with_splits(self, rule: SplitRule) -> Task:
        """The same question on other splits: another `splits_hash`, so other jobs."""
        return replace(self, split_rule=rule)


@dataclass(frozen=True, eq=False)
class TaskData:
    """A task with its table in memory.

    Attributes:
        X: Features under their own names: float64, category (levels are strings) or datetime64 columns;
            missing is NaN or NaT. Index 0..n_rows-1.
        y: Shape (n_rows,). Labels 0..k-1 (int64), or float64 for regression.
        time: Shape (n_rows,), float64 seconds or any ordered number, for temporal tasks.
        group: Shape (n_rows,), int64 group numbers, for grouped tasks.
        splits: Row numbers that came with the task, in the order of `Task.splits`; None where the rule makes them.
    """

    task: Task
    X: pd.DataFrame
    y: Array
    time: FloatArray | None = None
    group: IntArray | None = None
    splits: tuple[Split, ...] | None = None


@dataclass(frozen=True)
class Suite:
    """A named, versioned list of tasks.

    Attributes:
        tasks: Task names, in order.
        smoke: Those of them that are run but never ranked.
        splits: Which of each task's splits are run.
        datasets: What the datasets of the tasks are called, in the order of the tasks; empty if not told.
        duplicates: Known tasks on one table, inside the suite and across suites.
    """

    name: str
    version: int
    title: str
    tasks: tuple[str, ...]
    smoke: tuple[str, ...] = ()
    citation: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()
    splits: SplitsRun = SplitsRun.ALL
    datasets: tuple[str, ...] = ()
    duplicates: tuple[SameTable, ...] = ()


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True)
class Metric:
    """A score with a unit and a direction.

    Attributes:
        optimum: The score of a perfect prediction. `error` is |optimum - score|: always lower-is-better.
    """

    name: str
    title: str
    unit: str
    direction: Direction
    optimum: float
    task_types: frozenset[TaskType] = field(default_factory=lambda: frozenset(TaskType))

    def error(self, score: float) -> float:
        """The score as an error: 0 is perfect, lower is better."""
        return score - self.optimum if self.direction is Direction.LOWER else self.optimum - score


def primary_metric(task_type: TaskType) -> str:
    """The metric that stops, chooses and ranks unless the protocol names another."""
    return "rmse" if task_type is REGRESSION else "log_loss"

"""What the scripts of the site know: facts as JSON, errors as arrays. `scripts/data/types.js` says the same in JSDoc.

Tasks, models and splits are called by their number: tasks and models in the order of their names, splits in the order
of task, repeat and fold. The orders are those of `tabbench.ranking`, so that sums run in the same order there and here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tabbench.task import FloatArray

VERSION = 1
"""Raised when the files change their shape, so that a page of another build says so."""
PRIMARY = "primary"
"""The metric of a view that ranks each task by what its configurations were chosen by."""
TASK_COLUMNS = ("fit_seconds", "predict_seconds", "search_seconds", "memory_mib", "optimism", "passed_over")
"""What a view tells of each task and model: means over the splits that the model finished."""


@dataclass(frozen=True)
class TaskData:
    """What tasks are filtered by.

    Attributes:
        majority_share: Share of the most frequent class, as the constant predictor's accuracy tells; None if unknown.
        split_kind: How its splits were made: `kfold temporal grouped …`.
        suites: Names of the suites of the store that hold it.
        family: Related tables share one: intervals draw them together.
        page: Its page, from the site's root.
    """

    name: str
    title: str
    task_type: str
    n_rows: int
    n_columns: int
    n_categorical: int
    n_classes: int
    missing_share: float
    majority_share: float | None
    split_kind: str
    suites: tuple[str, ...]
    family: str
    page: str


@dataclass(frozen=True)
class ModelData:
    """What models are filtered by.

    Attributes:
        seen_tasks: Numbers of the tasks that its weights or defaults have seen, as far as its card names them.
        has_space: Whether there is anything to tune: without, it stands once in a pool of all regimes.
        page: Its page, from the site's root.
    """

    name: str
    title: str
    family: str
    kind: str
    licence: str
    version: int
    pretrained_on: str | None
    defaults_tuned_on: str | None
    seen_tasks: tuple[int, ...]
    has_space: bool
    page: str


@dataclass(frozen=True)
class SplitKeys:
    """Every split, in the order of task, repeat, fold."""

    task: tuple[int, ...]
    repeat: tuple[int, ...]
    fold: tuple[int, ...]


@dataclass(frozen=True)
class MetricData:
    """A metric that can be ranked by; `task_types` are those it fits."""

    name: str
    title: str
    unit: str
    task_types: tuple[str, ...]


@dataclass(frozen=True)
class ViewData:
    """A regime under a metric: where its numbers are.

    Attributes:
        file: Path from the site's root of little-endian float64: first the errors, split by split, a number a model;
            then each of `TASK_COLUMNS`, task by task. NaN is no row; +infinity among the errors is a row without one.
        times: `timing pass` or `shared machine`: where fit and predict seconds were seen.
        notices: What `tabbench rank` says of these rows.
    """

    regime: str
    metric: str
    file: str
    times: str
    notices: tuple[str, ...]


@dataclass(frozen=True)
class SiteData:
    """Everything but the arrays.

    Attributes:
        test_per_train: Test rows over train rows of each split; None where the store does not tell.
    """

    version: int
    title: str
    suite: str
    data_as_of: str
    tabbench_version: str
    n_trials: int
    tasks: tuple[TaskData, ...]
    splits: SplitKeys
    models: tuple[ModelData, ...]
    metrics: tuple[MetricData, ...]
    views: tuple[ViewData, ...]
    test_per_train: tuple[float | None, ...] = ()
    task_columns: tuple[str, ...] = TASK_COLUMNS

    @property
    def times(self) -> str:
        """Where the fit and predict seconds of all regimes were seen; each regime's where they differ."""
        views = [view for view in self.views if view.metric == PRIMARY]
        kinds = {view.times for view in views}
        return kinds.pop() if len(kinds) == 1 else ", ".join(f"{view.regime}: {view.times}" for view in views)

    def to_json(self) -> str:
        """As `data/site.json` holds it; the same text for the same data."""
        return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True, eq=False)
class ViewArrays:
    """The numbers of a view.

    Attributes:
        errors: Shape (n_splits, n_models); NaN where there is no row, infinite where a row has no error.
        by_task: Shape (len(TASK_COLUMNS), n_tasks, n_models); NaN where there is no number.
    """

    errors: FloatArray
    by_task: FloatArray

    def to_bytes(self) -> bytes:
        """As the view's file holds it."""
        both = np.concatenate([self.errors.ravel(), self.by_task.ravel()])
        return both.astype("<f8").tobytes()


@dataclass(frozen=True)
class FirstView:
    """The leaderboard as the first page opens, ranked here so that it stands before any array is loaded.

    Attributes:
        regime: The regime it is of, by the primary metric.
        rows: Records as `scripts/leaderboard/rows.js` makes them, best first; None where there is no number.
        notices: What is said beside them.
    """

    regime: str
    rows: tuple[dict[str, Any], ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class BrowserData:
    """What the builder hands to the pages' scripts.

    Attributes:
        site: The facts.
        arrays: By the path of the view's file.
        first: The rows that the first page opens with.
        documents: Further files by their path: what the plots need beyond the errors.
    """

    site: SiteData
    arrays: dict[str, ViewArrays]
    first: FirstView
    documents: dict[str, bytes] = field(default_factory=dict)

"""The predictions that a job kept, with the labels they are scored against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tabbench.data.catalog import load_task
from tabbench.errors import DataError, TabbenchError
from tabbench.metrics import error_of_stored
from tabbench.results import Status
from tabbench.store.history import read_job

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tabbench.results import TrialRow
    from tabbench.store.layout import Store
    from tabbench.store.records import FinishedTrial, Prediction
    from tabbench.task import Array, TaskData, TaskType

VALID, TEST = "valid", "test"
SAME = 1e-6
"""Share by which an error computed here may differ from the stored one: another machine may add up in another order."""


@dataclass(frozen=True, eq=False)
class KeptTrial:
    """A scored trial with its predictions: float32, shape (n_rows,) for regression, (n_rows, n_classes) else.

    Attributes:
        valid_quantiles, test_quantiles: Shape (n_rows, 19), where the model predicted them.
    """

    row: TrialRow
    valid: NDArray[np.float32]
    test: NDArray[np.float32]
    valid_quantiles: NDArray[np.float32] | None = None
    test_quantiles: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class KeptJob:
    """The scored trials of a job by number, and the labels of the rows they predict.

    Attributes:
        rows: What these rows are: the task's content, and the row numbers of valid and test.
    """

    task_type: TaskType
    rows: tuple[str, tuple[int, ...], tuple[int, ...]]
    y_valid: Array
    y_test: Array
    trials: tuple[KeptTrial, ...]


@lru_cache(maxsize=2)
def _task(name: str) -> TaskData:
    return load_task(name)


def read_kept(store: Store, job_id: str) -> KeptJob:
    """Read what a job predicted.

    Raises:
        DataError: If it kept no predictions; if its task is not here, or not as it was; or if the labels are not those
            that its trials were scored against.
        StoreError: If a later version of tabbench wrote the store.
    """
    found = [t for t in read_job(store, job_id, with_predictions=True) if _is_candidate(t)]
    if not found:
        raise DataError("no predictions were kept")
    first = found[0].trial
    try:
        data = _task(first.task)
    except TabbenchError as error:
        raise DataError(f"{first.task} cannot be opened here: {error}") from error
    if data.task.task_hash != first.task_hash:
        raise DataError(f"the rows or roles of {first.task} are others now")
    rows = _rows(found[0])
    for trial in found:
        if _rows(trial) != rows:
            raise DataError(f"trial {trial.trial.trial} predicted other rows than trial {first.trial}")
    y_valid, y_test = (data.y[list(part)] for part in rows)
    trials = tuple(KeptTrial(t.trial, **{p.part: p.values for p in t.predictions}) for t in found)
    kept = KeptJob(data.task.type, (first.task_hash, *rows), y_valid, y_test, trials)
    _check_labels(kept)
    return kept


def _is_candidate(finished: FinishedTrial) -> bool:
    row = finished.trial
    return row.status is Status.OK and row.refit_of is None and {p.part for p in finished.predictions} >= {VALID, TEST}


def _rows(finished: FinishedTrial) -> tuple[tuple[int, ...], tuple[int, ...]]:
    valid, test = (tuple(_part(finished, part).rows.tolist()) for part in (VALID, TEST))
    return valid, test


def _part(finished: FinishedTrial, part: str) -> Prediction:
    return next(p for p in finished.predictions if p.part == part)


def _check_labels(kept: KeptJob) -> None:
    """Score one trial again: labels that were changed for the fit (noise) or since would show."""
    first = kept.trials[0]
    error = error_of_stored(first.row.choice_metric, kept.task_type)
    for part, y, prediction, stored in (
        (VALID, kept.y_valid, first.valid, first.row.valid_error),
        (TEST, kept.y_test, first.test, first.row.test_error),
    ):
        if stored is not None and len(y):
            found = error(y, prediction)
            if found is None or abs(found - stored) > SAME * max(abs(stored), SAME):
                raise DataError(
                    f"the {part} labels of {first.row.task} here are not those that its trials were scored against "
                    f"({first.row.choice_metric} of trial {first.row.trial}: stored {stored:.9g}, here {found})"
                )

"""What a fit or a trial predicted for some rows: checked, put together, scored, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.metrics import clean_prediction, score
from tabbench.metrics.quantiles import LEVELS, clean_quantiles
from tabbench.store.records import Prediction
from tabbench.task import REGRESSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tabbench.results import Scores
    from tabbench.runner.fitting import Raw
    from tabbench.task import Array, IntArray, Task

    Values = NDArray[np.float32]


class Predicted(NamedTuple):
    """Predictions as they are scored and stored.

    Attributes:
        values: Shape (n_rows,) for regression, (n_rows, n_classes) else.
        quantiles: Shape (n_rows, 19), at .05, .1 … .95, of a model that predicts them.
    """

    values: Values
    quantiles: Values | None = None

    def scores(self, y: Array, task: Task) -> Scores:
        """Every metric, against the labels of the same rows."""
        return score(y, self.values, task.type, self.quantiles)

    def kept(self, part: str, rows: IntArray, task: Task) -> tuple[Prediction, ...]:
        """What is stored: the prediction, and the quantiles as a part of their own."""
        n_outputs = 1 if task.type is REGRESSION else len(task.classes)
        values = Prediction(part=part, rows=rows, n_outputs=n_outputs, values=self.values)
        if self.quantiles is None:
            return (values,)
        return values, Prediction(f"{part}_quantiles", rows=rows, n_outputs=len(LEVELS), values=self.quantiles)


def checked(raw: Raw, task: Task, n_rows: int) -> Predicted:
    """What the model returned, as it is stored.

    Raises:
        PluginError: If it is not what the contract says.
    """
    values = clean_prediction(raw.values, task.type, n_rows, len(task.classes))
    return Predicted(values, None if raw.quantiles is None else clean_quantiles(raw.quantiles, n_rows))


def out_of_fold(members: Sequence[Predicted], rows: Sequence[IntArray]) -> Predicted:
    """Each row as the fold predicted it that was not fitted on it, in ascending order of rows.

    Args:
        members: By inner fold.
        rows: The row numbers that each predicted; they do not overlap.
    """
    order = np.argsort(np.concatenate(rows), kind="stable")
    values = np.concatenate([member.values for member in members])[order]
    quantiles = [member.quantiles for member in members if member.quantiles is not None]
    return Predicted(values, np.concatenate(quantiles)[order] if quantiles else None)


def mean_of(members: Sequence[Predicted], task: Task) -> Predicted:
    """The mean of several models' predictions of the same rows, of quantiles level by level (Vincent averaging)."""
    if len(members) == 1:
        return members[0]
    n_rows = len(members[0].values)
    values = np.mean([member.values for member in members], axis=0, dtype=np.float64)
    quantiles = [member.quantiles for member in members if member.quantiles is not None]
    return Predicted(
        clean_prediction(values, task.type, n_rows, len(task.classes)),
        clean_quantiles(np.mean(quantiles, axis=0, dtype=np.float64), n_rows) if quantiles else None,
    )

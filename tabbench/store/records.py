"""Rows as plain mappings for JSON and Arrow, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import numpy as np

from tabbench.results import FitRow, Status, TrialRow
from tabbench.schema import columns_of, flatten
from tabbench.store.arrow_schema import plain_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from tabbench.task import IntArray

Record = dict[str, Any]
Row = TypeVar("Row")


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a trial predicted for one part.

    Attributes:
        part: "valid" or "test"; "valid_quantiles" or "test_quantiles" where the model predicts them.
        rows: Shape (n_rows,), row numbers in the dataset, ascending.
        n_outputs: 1 for regression, else classes; 19 quantiles.
        values: float32, shape (n_rows,) for one output, else (n_rows, n_outputs).
    """

    part: str
    rows: IntArray
    n_outputs: int
    values: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FinishedTrial:
    """A trial with all that is stored of it. `predictions` is empty where none were kept, or none were read."""

    trial: TrialRow
    fits: tuple[FitRow, ...] = ()
    predictions: tuple[Prediction, ...] = ()

    @property
    def key(self) -> tuple[int, int]:
        """(trial, attempt): what tells two rows of a job apart."""
        return self.trial.trial, self.trial.attempt


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"A stored row cannot hold {type(value).__name__}.")


def json_text(record: Any) -> str:
    """A record as one line of JSON; datetimes in UTC. NaN and infinities keep Python's spelling."""
    return json.dumps(record, default=_json_value, separators=(",", ":"), ensure_ascii=False)


def trial_record(finished: FinishedTrial) -> Record:
    """The flat columns of a trial and of its fits."""
    return {"trial": flatten(finished.trial), "fits": [flatten(f) for f in finished.fits]}


@cache
def _datetime_columns(row_type: type) -> tuple[str, ...]:
    return tuple(c.name for c in columns_of(row_type) if plain_type(c.type).scalar is datetime)


def parse_datetimes(row_type: type, record: Record) -> Record:
    """Turn the ISO strings of a record read from JSON into datetimes, in place."""
    for name in _datetime_columns(row_type):
        if isinstance(record.get(name), str):
            record[name] = datetime.fromisoformat(record[name])
    return record


@cache
def _hints(row_type: Any) -> dict[str, Any]:
    return get_type_hints(row_type)


def row_from_record(row_type: type[Row], record: Mapping[str, Any]) -> Row:
    """Build a row from its flat columns; datetimes must be parsed already.

    Raises:
        KeyError: If a column is missing.
    """
    values: Record = {}
    hints = _hints(row_type)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    for f in fields(row_type):  # type: ignore[arg-type]  # every row type is a dataclass
        hint = hints[f.name]
        if is_dataclass(hint) and isinstance(hint, type):
            prefix = f"{f.name}_"
            values[f.name] = hint(**{g.name: record[prefix + g.name] for g in fields(hint)})
        elif hint is Status:
            values[f.name] = Status(record[f.name])
        elif isinstance(record[f.name], list):
            values[f.name] = tuple(record[f.name])
        else:
            values[f.name] = record[f.name]
    return row_type(**values)


def finished_from_record(record: Mapping[str, Any], predictions: tuple[Prediction, ...] = ()) -> FinishedTrial:
    """Build a finished trial from a shard's row: trial columns and `fits`."""
    fits = tuple(row_from_record(FitRow, f) for f in record["fits"])
    return FinishedTrial(row_from_record(TrialRow, record), fits, predictions)

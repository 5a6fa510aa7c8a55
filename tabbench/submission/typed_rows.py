"""Rows of strangers: JSON held against the schema, value by value, before anything else looks at it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tabbench.results import FitRow, TrialRow
from tabbench.schema import columns_of
from tabbench.store.arrow_schema import PlainType, plain_type
from tabbench.store.records import row_from_record
from tabbench.submission.bundle import PARTS, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = TypeVar("Row")

MOST_CHARACTERS = 1 << 20
MOST_INTEGER = 2**63


class WrongRowError(ValueError):
    """A line is no row of its table."""


class TrialLine(NamedTuple):
    """One line of `trials/JOB.jsonl`.

    Attributes:
        parts: Which predictions of it lie in `predictions/JOB.f32`.
    """

    trial: TrialRow
    fits: tuple[FitRow, ...]
    parts: tuple[str, ...]


def parse_line(text: bytes) -> Any:
    """JSON of one line.

    Raises:
        WrongRowError: If it is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WrongRowError(f"no JSON: {error}") from error


def typed_row(row_type: type[Row], value: object) -> Row:
    """A row of a table: every column there, of its type, and no other.

    NaN and infinities are numbers here; who looks at values says where they must not stand.

    Raises:
        WrongRowError: Naming the column.
    """
    record = _mapping(value, row_type.__name__)
    plain = _columns(row_type)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    if record.keys() != plain.keys():
        odd = sorted(record.keys() ^ plain.keys())[0]
        raise WrongRowError(f"{row_type.__name__} {'lacks' if odd in plain else 'has no'} {printable(odd)!r}")
    try:
        return row_from_record(row_type, {name: _typed(plain[name], record[name], name) for name in plain})
    except ValueError as error:  # a status that does not exist
        raise error if isinstance(error, WrongRowError) else WrongRowError(printable(error)) from error


def trial_line(value: object) -> TrialLine:
    """A line of a job's trials.

    Raises:
        WrongRowError: If it is none.
    """
    record = _mapping(value, "a trial's line")
    if record.keys() != {"trial", "fits", "parts"}:
        raise WrongRowError("a trial's line has the keys trial, fits and parts")
    fits, parts = record["fits"], record["parts"]
    if not isinstance(fits, list) or not isinstance(parts, list) or parts != [p for p in PARTS if p in parts]:
        raise WrongRowError(f"fits is a list of rows, parts a list of {', '.join(PARTS)} in that order")
    return TrialLine(typed_row(TrialRow, record["trial"]), tuple(typed_row(FitRow, fit) for fit in fits), tuple(parts))


def _mapping(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise WrongRowError(f"{what} is a {type(value).__name__}, not an object")
    return value


@cache
def _columns(row_type: type) -> dict[str, PlainType]:
    return {c.name: plain_type(c.type) for c in columns_of(row_type)}


def _typed(plain: PlainType, value: object, name: str) -> Any:
    if value is None:
        if not plain.is_nullable:
            raise WrongRowError(f"{name} is missing")
        return None
    if plain.is_list:
        if not isinstance(value, list):
            raise WrongRowError(f"{name} is a {type(value).__name__}, not a list")
        return [_scalar(plain.scalar, one, name) for one in value]
    return _scalar(plain.scalar, value, name)


def _scalar(kind: type, value: object, name: str) -> Any:
    if kind is datetime:
        return _time(value, name)
    if kind is float and type(value) is int and abs(value) < MOST_INTEGER:
        return float(value)
    if type(value) is not kind:
        raise WrongRowError(f"{name} is {printable(repr(value), 60)}, not a {kind.__name__}")
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        raise WrongRowError(f"{name} has {len(value):,} characters")
    if type(value) is int and abs(value) >= MOST_INTEGER:
        raise WrongRowError(f"{name} is beyond 64 bits")
    return value


def _time(value: object, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is not None and found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise WrongRowError(f"{name} is {printable(repr(value), 60)}, not a time with its zone")


def is_finite(value: float | None) -> bool:
    """Whether a number may stand in a row: missing, or neither NaN nor infinite."""
    return value is None or math.isfinite(value)

"""Arrow schemas of the stored tables, made from their dataclasses."""

from __future__ import annotations

import types
import typing
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from tabbench.results import FitRow, PredictionRow, TrialRow
from tabbench.schema import columns_of


class PlainType(typing.NamedTuple):
    """A column's type without Arrow or SQL: the scalar, whether a list of it, whether NULL may stand there."""

    scalar: type
    is_list: bool
    is_nullable: bool


def plain_type(hint: Any) -> PlainType:
    """Take a column's annotation apart.

    Raises:
        TypeError: If the annotation is none that a column may have.

    >>> plain_type(tuple[int, ...] | None)
    PlainType(scalar=<class 'int'>, is_list=True, is_nullable=True)
    """
    is_nullable = is_list = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        kept = [a for a in typing.get_args(hint) if a is not types.NoneType]
        is_nullable = len(kept) < len(typing.get_args(hint))
        hint = kept[0] if len(kept) == 1 else hint
    if typing.get_origin(hint) is tuple:
        is_list, hint = True, typing.get_args(hint)[0]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        hint = str
    if hint not in (str, int, float, bool, datetime):
        raise TypeError(f"A column cannot hold {hint!r}: str, StrEnum, int, float, bool, datetime or a tuple of one.")
    return PlainType(hint, is_list, is_nullable)


def _arrow_type(plain: PlainType, *, is_narrow: bool) -> Any:
    import pyarrow as pa

    scalar = {
        str: pa.string(),
        int: pa.int32() if is_narrow and plain.is_list else pa.int64(),
        float: pa.float32() if is_narrow and plain.is_list else pa.float64(),
        bool: pa.bool_(),
        datetime: pa.timestamp("us", tz="UTC"),
    }[plain.scalar]
    return pa.list_(scalar) if plain.is_list else scalar


def arrow_fields(row_type: type, *, is_narrow: bool = False) -> list[Any]:
    """One Arrow field a column; `is_narrow` halves the numbers inside lists to 32 bits."""
    import pyarrow as pa

    plain = [(c.name, plain_type(c.type)) for c in columns_of(row_type)]
    return [pa.field(name, _arrow_type(p, is_narrow=is_narrow), nullable=p.is_nullable) for name, p in plain]


@cache
def arrow_schema(row_type: type) -> Any:
    """The pyarrow schema of a table of such rows."""
    import pyarrow as pa

    return pa.schema(arrow_fields(row_type))


@cache
def trial_schema() -> Any:
    """The pyarrow schema of a shard: a trial a row, with its fits in a list."""
    import pyarrow as pa

    fits = pa.list_(pa.struct(arrow_fields(FitRow)))
    return pa.schema([*arrow_fields(TrialRow), pa.field("fits", fits, nullable=False)])


@cache
def prediction_schema() -> Any:
    """The pyarrow schema of stored predictions: row numbers int32, values float32."""
    import pyarrow as pa

    return pa.schema(arrow_fields(PredictionRow, is_narrow=True))

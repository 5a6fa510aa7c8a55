"""How a dataclass becomes a stored table: what each column is, and rows flattened.

A field of a nested dataclass becomes a column with a prefix: `valid: Scores` gives `valid_log_loss` and so on.
"""

from collections.abc import Iterator
from dataclasses import field, fields, is_dataclass
from enum import StrEnum
from typing import Any, NamedTuple, get_type_hints


class Mark(StrEnum):
    """What a column is: two runs of the same job agree in identity and outcome, not in what is measured."""

    IDENTITY = "identity"
    OUTCOME = "outcome"
    MEASURED = "measured"


def _column(mark: Mark, doc: str, unit: str = "") -> Any:
    return field(metadata={"mark": mark, "doc": doc, "unit": unit})


def identity(doc: str, unit: str = "") -> Any:
    """A column that says what the row is about."""
    return _column(Mark.IDENTITY, doc, unit)


def outcome(doc: str, unit: str = "") -> Any:
    """A column that the same job gives again."""
    return _column(Mark.OUTCOME, doc, unit)


def measured(doc: str, unit: str = "") -> Any:
    """A column that differs between two runs: times, memory, where it ran."""
    return _column(Mark.MEASURED, doc, unit)


class ColumnSpec(NamedTuple):
    """One column of a stored table."""

    name: str
    type: Any
    mark: Mark
    doc: str
    unit: str


def columns_of(row_type: type) -> Iterator[ColumnSpec]:
    """The columns of a table, nested score blocks flattened."""
    hints = get_type_hints(row_type)
    for f in fields(row_type):
        hint = hints[f.name]
        if is_dataclass(hint) and isinstance(hint, type):
            for c in columns_of(hint):
                yield c._replace(
                    name=f"{f.name}_{c.name}", mark=f.metadata["mark"], doc=f"{f.metadata['doc']}: {c.doc}"
                )
        else:
            yield ColumnSpec(f.name, hint, f.metadata["mark"], f.metadata["doc"], f.metadata["unit"])


def flatten(row: Any) -> dict[str, Any]:
    """A row as a mapping from column name to value."""
    flat: dict[str, Any] = {}
    for f in fields(row):
        value = getattr(row, f.name)
        if is_dataclass(value):
            flat.update({f"{f.name}_{k}": v for k, v in flatten(value).items()})
        else:
            flat[f.name] = value
    return flat

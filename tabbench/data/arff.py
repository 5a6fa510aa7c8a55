"""Read an ARFF file: Weka's text format with typed columns, dense or sparse.

liac-arff parts the lines into values. What it refuses and files in the wild have is put right first: ranges behind
a number type (`REAL [0,1]`), dates, tabs in the header, a comma behind the last value. A bare `?` or nothing is
missing; a quoted `'?'` is the level of that name if the header declares it.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tabbench.data.arff_dates import WEKA_FORMAT, strptime_format
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

ATTRIBUTE = re.compile(r"""@attribute\s+("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s{]+)\s*(\S.*)""", re.IGNORECASE)
N_SHOWN = 80


class ArffKind(StrEnum):
    """What a declared column holds."""

    NUMBER = "number"
    TEXT = "text"
    LEVELS = "levels"
    DATE = "date"


KINDS = {
    **dict.fromkeys(("NUMERIC", "REAL", "INTEGER"), ArffKind.NUMBER),
    "STRING": ArffKind.TEXT,
    "DATE": ArffKind.DATE,
}


@dataclass(frozen=True)
class Attribute:
    """One declared column: `declared` is its type as liac-arff reads it, `date_format` that of strptime."""

    name: str
    kind: ArffKind
    line: int
    declared: str = "STRING"
    date_format: str = ""


@dataclass(frozen=True)
class ArffText:
    """A file parted where its data begin; `first_line` is the number of the first line behind `@data`, from 1."""

    where: str
    attributes: tuple[Attribute, ...]
    lines: tuple[str, ...]
    first_line: int

    def rows(self) -> Iterator[tuple[int, str]]:
        """Lines that hold a row, with their numbers."""
        for number, line in enumerate(self.lines, self.first_line):
            if (text := line.strip()) and not text.startswith("%"):
                yield number, text

    def error(self, line: int, what: str) -> DataError:
        """What is wrong on a line; the line itself is shown."""
        shown = self.lines[line - self.first_line].strip() if line >= self.first_line else ""
        shown = shown if len(shown) <= N_SHOWN else shown[:N_SHOWN] + "…"
        return DataError(f"{self.where}, line {line}: {what}." + (f" The line: {shown}" if shown else ""))


def read_arff(path: Path) -> pd.DataFrame:
    """The table in an ARFF file: float64, category, datetime64 and text columns, rows numbered from 0.

    Raises:
        UnknownNameError: If a column is of a type that is not read.
        DataError: If it is no ARFF file, is cut short, or a value does not fit its column. Says the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 (byte {error.start + 1:,}). Save the file as UTF-8.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    import pandas as pd

    arff = _part(text, str(path))
    levels, rows = _decode(arff)
    columns = zip(*rows, strict=True) if rows else [()] * len(arff.attributes)
    read = [_column(arff, a, levels[a.name], values) for a, values in zip(arff.attributes, columns, strict=True)]
    return pd.DataFrame({column.name: column for column in read})


def _part(text: str, where: str) -> ArffText:
    lines = text.split("\n")
    attributes: dict[str, Attribute] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        word = text.split(None, 1)[0].lower() if text else "%"
        if word == "@attribute":
            attribute = _attribute(text, number, where)
            if attribute.name in attributes:
                first = attributes[attribute.name].line
                raise DataError(f"{where}, line {number}: column {attribute.name!r} stands on line {first} already.")
            attributes[attribute.name] = attribute
        elif word == "@data":
            if not attributes:
                raise DataError(f"{where}, line {number}: @data comes before any @attribute. Declare the columns.")
            return ArffText(where, tuple(attributes.values()), tuple(lines[number:]), number + 1)
        elif not word.startswith("%") and word != "@relation":
            raise DataError(f"{where}, line {number}: {text[:N_SHOWN]!r} is no header of ARFF. Is it another format?")
    raise DataError(f"{where} has no line @data among {len(lines):,}: it is cut short, or is no ARFF file.")


def _attribute(text: str, line: int, where: str) -> Attribute:
    where = f"{where}, line {line}"
    match = ATTRIBUTE.fullmatch(text)
    if match is None:
        raise DataError(f"{where}: {text[:N_SHOWN]!r} declares no column. Write: @attribute NAME TYPE")
    name, declared = match[1], match[2].strip()
    if name[0] in "'\"":
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    if declared.startswith("{"):
        if "}" not in declared:
            raise DataError(f"{where}: the levels of {name!r} have no closing brace. Is the file cut short?")
        levels = declared[: declared.rindex("}") + 1]  # a comment may follow
        return Attribute(name, ArffKind.LEVELS, line, re.sub(r",\s*}$", "}", levels))
    word = re.split(r"[\s\[]", declared, maxsplit=1)[0]  # a range may follow: REAL [0,1]
    if word.upper() not in KINDS:
        raise UnknownNameError("type of a column", word, [*KINDS, "{level,level}"], where=where)
    kind = KINDS[word.upper()]
    if kind is ArffKind.DATE:
        java = declared[len(word) :].strip().strip("\"'") or WEKA_FORMAT
        return Attribute(name, kind, line, date_format=strptime_format(java, where))
    return Attribute(name, kind, line)


def _decode(arff: ArffText) -> tuple[dict[str, list[str | None]], list[list[str | None]]]:
    """The levels that each column declares, and the rows as text; None is missing."""
    import arff as liac

    header = ["@RELATION t", *(f"@ATTRIBUTE a{at} {a.declared}" for at, a in enumerate(arff.attributes)), "@DATA"]
    last_line = 0

    def lines(drops_comma: bool) -> Iterator[str]:
        nonlocal last_line
        yield from header
        for last_line, text in arff.rows():  # noqa: B007 the error below says it
            yield text.removesuffix(",") if drops_comma else text

    def decode(drops_comma: bool = False) -> dict[str, Any]:
        found: dict[str, Any] = liac.ArffDecoder().decode(lines(drops_comma))
        return found

    try:
        try:
            table = decode()
        except liac.BadDataFormat:
            if not arff.lines[last_line - arff.first_line].strip().endswith(","):
                raise
            table = decode(drops_comma=True)
    except (liac.ArffException, csv.Error, ValueError, LookupError) as error:
        if not last_line:
            attribute = arff.attributes[max(error.line - 2, 0)] if isinstance(error, liac.ArffException) else None
            where = attribute.line if attribute else 0
            raise arff.error(where, "the levels cannot be read; quote those with blanks or commas") from error
        raise arff.error(last_line, _words(error, len(arff.attributes))) from error
    declared = [kind if isinstance(kind, list) else [] for _, kind in table["attributes"]]
    levels = {a.name: kept for a, kept in zip(arff.attributes, declared, strict=True)}
    return levels, table["data"]


def _words(error: Exception, n_columns: int) -> str:
    """What liac-arff found, without its own text: that fails on values with a percent sign."""
    import arff as liac

    if isinstance(error, liac.BadDataFormat):
        return f"not one value for each of the {n_columns} declared columns; if it is the last line, the file is cut"
    if isinstance(error, liac.BadNominalValue):
        value = str(error.message).removeprefix("Data value ").rpartition(" not found")[0]
        return f"{value!r} is not among the levels that its column declares; declare it, or write ? for missing"
    if isinstance(error, liac.ArffException):
        return "cannot be parted into values; is a quote not closed, or a value with blanks not quoted"
    return f"cannot be parted into values ({error})"


def _column(arff: ArffText, attribute: Attribute, levels: list[str | None], values: Sequence[str | None]) -> pd.Series:
    import pandas as pd

    name = attribute.name
    text = pd.Series([*values], name=name, dtype=object)
    if attribute.kind is ArffKind.LEVELS:
        known = [level for level in dict.fromkeys(levels) if level is not None]
        return pd.Series(pd.Categorical(text, categories=pd.Index(known, dtype=object)), name=name)
    if attribute.kind is ArffKind.TEXT:
        return text
    read = _date(attribute.date_format) if attribute.kind is ArffKind.DATE else float
    row, read_values = 0, []
    try:
        for row, value in enumerate(values):  # noqa: B007 the error below says it
            read_values.append(None if value is None else read(value))
    except ValueError as error:
        line, _ = list(arff.rows())[row]
        raise arff.error(line, f"column {name!r} holds {values[row]!r}, which is no {attribute.kind}") from error
    return pd.Series(read_values, name=name, dtype="datetime64[us]" if attribute.kind is ArffKind.DATE else "float64")


def _date(date_format: str) -> Callable[[str], datetime]:
    return lambda value: datetime.strptime(value, date_format)  # noqa: DTZ007 ARFF knows no time zones

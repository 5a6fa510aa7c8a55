"""Read a table from a local file: CSV, TSV, Parquet, Feather or ARFF.

Parquet, Feather and ARFF say of which type a column is, and that stands. In CSV and TSV a column is of numbers, dates
(ISO 8601 only) or truth values if every value is; else it is text. An empty field is missing. `MISSING` words are
missing in a column of numbers or dates and stay levels in a column of text: `NA` may be Namibia.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbench.data.arff import read_arff
from tabbench.data.tables import with_columns
from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

DELIMITERS = {".csv": ",", ".tsv": "\t"}
ARFF = ".arff"
READABLE = (*DELIMITERS, ".parquet", ".feather", ARFF)
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
OTHER_FORMATS = {
    b"PAR1": "Parquet",
    b"ARROW1": "Feather",
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "gzip",
}


def read_file(path: Path) -> pd.DataFrame:
    """The table in a file, as it stands there; rows numbered from 0.

    Raises:
        UnknownNameError: If the ending is none that is read.
        DataError: If there is no such file, it is a folder, it has no rows, two columns share a name, or it is not what
            its ending says.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder. Name a table in it, file:PATH::TARGET; arrays are named folder:{path}.")
    if path.suffix.lower() not in READABLE:
        raise UnknownNameError("ending of a table", path.suffix, READABLE, where=str(path))
    if not path.is_file():
        raise DataError(f"There is no file {path} (looked in {path.absolute().parent}).{_neighbour(path)}")
    if not path.stat().st_size:
        raise DataError(f"{path} is empty.")
    if path.suffix.lower() == ARFF:
        frame = read_arff(path)
        _check_rows(len(frame), [*map(str, frame)], path)
        return frame
    table = _read_arrow(path)
    names = _column_names(table, path)
    _check_rows(table.num_rows, names, path)
    frame = plain_frame(table, str(path)).drop(columns=[n for n in names if n.startswith("__index_level_")])
    return _without_empty_text(frame) if path.suffix.lower() in DELIMITERS else frame


def plain_frame(table: Any, where: str) -> pd.DataFrame:
    """An Arrow table as a frame without types that pandas would keep as objects; times are in UTC.

    Raises:
        DataError: If a column holds lists, durations or bytes.
    """
    frame: pd.DataFrame = _plain_types(table, where).to_pandas(date_as_object=False, ignore_metadata=True)
    return frame


def _check_rows(n_rows: int, names: list[str], path: Path) -> None:
    if not n_rows:
        raise DataError(f"{path} holds a header but no rows (columns: {', '.join(names)}).")


def _neighbour(path: Path) -> str:
    from tabbench.errors import nearest

    folder = path.absolute().parent
    if not folder.is_dir():
        return " Nor is there such a folder."
    near = nearest(path.name, [file.name for file in folder.iterdir() if file.suffix.lower() in READABLE])
    return f" Did you mean {near}?" if near else ""


def _read_arrow(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import feather, parquet

    ending = path.suffix.lower()
    try:
        if ending == ".parquet":
            return parquet.read_table(path)
        if ending == ".feather":
            return feather.read_table(path)
        return _read_text(path, DELIMITERS[ending])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read as {ending[1:]}: {error}.") from error


def _read_text(path: Path, delimiter: str) -> Any:
    from pyarrow import csv

    with path.open("rb") as file:
        head = file.read(8)
    for magic, name in OTHER_FORMATS.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {name}, not text as its ending says. Rename it, or write it as CSV.")
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=csv.ConvertOptions(null_values=list(MISSING), strings_can_be_null=False),
    )


def _column_names(table: Any, path: Path) -> list[str]:
    try:
        names = [str(name) for name in table.column_names]
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: the column names are not UTF-8. Save the file as UTF-8.") from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path}: columns {twice} stand twice. Rename one of each.")
    if "" in names:
        raise DataError(f"{path}: column {names.index('') + 1} has no name. Name it, or take it out.")
    return names


def _plain_types(table: Any, where: str) -> Any:
    import pyarrow as pa

    types = pa.types
    for place, field in enumerate(table.schema):
        kind = field.type
        if types.is_nested(kind) or types.is_duration(kind):
            raise DataError(f"{where}: column {field.name!r} holds {kind}. Make it numbers, text or dates.")
        if types.is_binary(kind) or types.is_large_binary(kind):
            raise DataError(f"{where}: column {field.name!r} is not text in UTF-8. Save it as UTF-8.")
        if types.is_null(kind) or types.is_decimal(kind):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
        elif types.is_timestamp(kind) and kind.tz:
            table = table.set_column(place, field.name, table.column(place).cast(pa.timestamp("us")))
        elif types.is_time(kind):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table


def _without_empty_text(frame: pd.DataFrame) -> pd.DataFrame:
    return with_columns(frame, {n: frame[n].mask(frame[n] == "") for n in frame if not _has_own_type(frame[n])})


def _has_own_type(values: pd.Series) -> bool:
    return values.dtype.kind in "biufM"

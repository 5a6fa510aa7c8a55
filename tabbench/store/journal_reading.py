"""Read journals, whole lines only, whoever writes them meanwhile."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.results import SCHEMA_VERSION, FitRow, TrialRow
from tabbench.store.broken import BrokenFileError
from tabbench.store.layout import predictions_beside
from tabbench.store.migrations import upgrade
from tabbench.store.records import Prediction, Record, parse_datetimes

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class JournalLine:
    """One finished trial as it stands in a journal.

    Attributes:
        record: A shard's row: the trial's columns and `fits`.
        start, end: Which bytes of the predictions file are this trial's.
    """

    record: Record
    start: int
    end: int


def newer_schema_error(path: Path | str, version: int) -> StoreError:
    """What to tell a user whose store was written by a later tabbench."""
    return StoreError(
        f"{path} has schema version {version}, and this tabbench reads up to {SCHEMA_VERSION}. "
        "Nothing was touched. Upgrade it: pip install --upgrade tabbench"
    )


def read_journal(path: Path) -> list[JournalLine]:
    """The finished trials of a journal; a torn last line is left out. Empty if the file is gone.

    Raises:
        BrokenFileError: If a complete line cannot be read.
        StoreError: If a later version of tabbench wrote it.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # it became a shard
        return []
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    if not lines:
        return []
    try:
        version = json.loads(lines[0])["schema_version"]
        if version > SCHEMA_VERSION:
            raise newer_schema_error(path, version)
        found, start = [], 0
        for line in lines[1:]:
            entry = json.loads(line)
            found.append(JournalLine(_shard_row(entry), start, entry["predictions_end"]))
            start = entry["predictions_end"]
        return _upgraded(found, version)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenFileError(f"line {1 + len(lines)} or before: {error!r}") from error


def _upgraded(lines: list[JournalLine], version: int) -> list[JournalLine]:
    """Lines that an earlier tabbench wrote, as this one would have written them."""
    if version == SCHEMA_VERSION or not lines:
        return lines
    import pyarrow as pa

    records = upgrade(pa.Table.from_pylist([line.record for line in lines]), version).to_pylist()
    return [replace(line, record=record) for line, record in zip(lines, records, strict=True)]


def _shard_row(entry: Record) -> Record:
    trial = parse_datetimes(TrialRow, entry["trial"])
    trial["fits"] = [parse_datetimes(FitRow, f) for f in entry["fits"]]
    return trial


def read_prediction_table(journal: Path, line: JournalLine) -> Any | None:
    """The predictions of one line as an Arrow table; None where it has none.

    Raises:
        BrokenFileError: If the bytes are not what the line says.
    """
    import pyarrow as pa

    if line.end == line.start:
        return None
    path = predictions_beside(journal)
    try:
        with path.open("rb") as file:
            file.seek(line.start)
            data = file.read(line.end - line.start)
        if len(data) < line.end - line.start:
            raise BrokenFileError(f"{path.name} ends before byte {line.end}")
        return pa.ipc.open_stream(data).read_all()
    except FileNotFoundError:
        return None
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise BrokenFileError(f"{path.name}: {error}") from error


def predictions_from_table(table: Any) -> tuple[Prediction, ...]:
    """Predictions of one trial, valid before test as written."""
    found = []
    for i, row in enumerate(table.select(["part", "n_outputs"]).to_pylist()):
        rows, values = (table.column(c)[i].values.to_numpy(zero_copy_only=False) for c in ("rows", "values"))
        n_outputs = row["n_outputs"]
        shaped = values if n_outputs == 1 else values.reshape(-1, n_outputs)
        found.append(Prediction(row["part"], rows.astype("int64"), n_outputs, shaped))
    return tuple(found)

"""Put several stores into a new one: the same row once, and rows that contradict each other told and never averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.results import FitRow, TrialRow
from tabbench.schema import Mark, columns_of
from tabbench.store.durable import locked, write_whole
from tabbench.store.gathering import Gathered, folders_of, gather, keys_of, shards_in
from tabbench.store.packs import write_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from tabbench.store.gathering import Key
    from tabbench.store.layout import Store

STABLE = tuple(c.name for c in columns_of(TrialRow) if c.mark is not Mark.MEASURED)
STABLE_OF_FITS = tuple(c.name for c in columns_of(FitRow) if c.mark is not Mark.MEASURED)
COPIED = ("documents", "metafeatures")
"""Folders whose files are named by what they hold."""


@dataclass(frozen=True)
class Conflict:
    """Two rows of one key that differ in what the same job must give again.

    Attributes:
        columns: In which they differ; those of fits as `fits.NAME`.
    """

    job_id: str
    trial: int
    attempt: int
    model: str
    task: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """What came of a merge.

    Attributes:
        n_trials: Rows of the new store.
        n_same: Rows that another store had too.
        conflicts: Rows of which the first store's was kept.
    """

    n_trials: int
    n_same: int
    conflicts: tuple[Conflict, ...]


def merge(stores: Sequence[Store], target: Store) -> Merged:
    """Put the trials, predictions and small tables of some stores into a new one; they are left as they are.

    Of a row that several have, the first store's is kept, with its predictions. Journals are read as far as they are.

    Raises:
        StoreError: If a store is not there, the target holds something, or a file cannot be read or written.
    """
    for store in stores:
        store.require()
    if target.root.exists() and any(target.root.iterdir()):
        raise StoreError(f"{target.root} is there already and not empty. Name a new folder: -o FOLDER.")
    target.create()
    n_trials = n_rows = 0
    conflicts: list[Conflict] = []
    for folder in sorted({folder for store in stores for folder in folders_of(store)}):
        found = Gathered()
        for store in stores:
            journals = sorted((store.root / "journals" / folder).glob("*.jsonl"))
            one = gather(store, shards_in(store, folder), journals)
            found.tables.append(one.trials())  # within a store the first of a key is the row: journals come last
            found.predictions_in += one.predictions_in
        trials = found.trials()
        n_rows += sum(table.num_rows for table in found.tables)
        n_trials += trials.num_rows
        conflicts += _conflicts(found.tables)
        if trials.num_rows:
            with locked(target.root / "journals" / f"{folder}.lock"):
                write_pack(target, folder, trials, found.predictions(trials))
    for store in stores:
        _copy(store, target)
    return Merged(n_trials, n_rows - n_trials, tuple(conflicts))


def _conflicts(tables: Sequence[Any]) -> Iterable[Conflict]:
    """Keys whose rows differ between tables, the first table that has a key being what others are held against."""
    import pyarrow as pa

    first: dict[Key, dict[str, Any]] = {}
    counts: dict[Key, int] = {}
    for table in tables:
        for key in keys_of(table):
            counts[key] = counts.get(key, 0) + 1
    for table in tables:
        numbers = [number for number, key in enumerate(keys_of(table)) if counts[key] > 1]
        for row in table.select([*STABLE, "fits"]).take(pa.array(numbers, pa.int64())).to_pylist():
            key = (row["job_id"], row["trial"], row["attempt"])
            kept = first.setdefault(key, row)
            if kept is not row and (columns := _differing(kept, row)):
                yield Conflict(*key, row["model"], row["task"], columns)


def _differing(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
    """Columns in which two rows differ; NaN equals NaN."""
    found = [name for name in STABLE if repr(one[name]) != repr(other[name])]
    if len(one["fits"]) != len(other["fits"]):
        return (*found, "fits")
    pairs = list(zip(one["fits"], other["fits"], strict=True))
    return (*found, *(f"fits.{c}" for c in STABLE_OF_FITS if any(repr(a[c]) != repr(b[c]) for a, b in pairs)))


def _copy(store: Store, target: Store) -> None:
    for kind in COPIED:
        for path in sorted((store.root / kind).rglob("*.*")):
            there = target.root / path.relative_to(store.root)
            if path.is_file() and not path.name.startswith(".") and not there.exists():
                _copy_file(path, there)


def _copy_file(path: Path, there: Path) -> None:
    content = path.read_bytes()
    write_whole(there, lambda temporary: _write(temporary, content))


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)

"""What is known of one job, and how its journals become a shard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbench.store.broken import BrokenFileError, set_aside
from tabbench.store.durable import locked, sync_folder, try_lock, unlock
from tabbench.store.journal_reading import JournalLine, predictions_from_table, read_journal, read_prediction_table
from tabbench.store.layout import Store, is_pack, predictions_beside, predictions_of, shard_number
from tabbench.store.packs import finish_packing
from tabbench.store.records import FinishedTrial, Record, finished_from_record
from tabbench.store.shards import read_shard, rows_of_job, trial_table, write_shard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Key = tuple[int, int]

MOST_LOOKS = 5
"""Times that a job's files are listed while others pack them."""


def record_key(record: Record) -> Key:
    """(trial, attempt) of a shard's row."""
    return record["trial"], record["attempt"]


def read_job(store: Store, job_id: str, *, with_predictions: bool = False) -> list[FinishedTrial]:
    """All finished trials of a job, from shards and from all journals.

    Journals are read before shards: a job that becomes a shard meanwhile is seen in one or the other.

    Returns:
        The last attempt of each trial, by trial.

    Raises:
        StoreError: If a later version of tabbench wrote a file.
    """
    found: dict[Key, FinishedTrial] = {}
    for path, lines in read_journals(store, store.journals_of(job_id)):
        for line in lines:
            table = read_prediction_table(path, line) if with_predictions else None
            predictions = predictions_from_table(table) if table is not None else ()
            found.setdefault(record_key(line.record), finished_from_record(line.record, predictions))
    for path, table in _read_shards(store, job_id):
        kept = _shard_predictions(store, job_id, path) if with_predictions else {}
        for record in table.to_pylist():
            finished = finished_from_record(record, kept.get(record_key(record), ()))
            found[finished.key] = finished
    last: dict[int, FinishedTrial] = {}
    for (trial, _), finished in sorted(found.items(), key=lambda item: item[0]):
        last[trial] = finished
    return list(last.values())


def read_journals(store: Store, paths: Sequence[Path]) -> list[tuple[Path, list[JournalLine]]]:
    """The lines of several journals; one that cannot be read is set aside, unless a writer holds it."""
    found = []
    for path in paths:
        try:
            found.append((path, read_journal(path)))
        except BrokenFileError as error:
            _set_journal_aside(store, path, error)
    return found


def _set_journal_aside(store: Store, path: Path, why: BrokenFileError) -> None:
    fd = try_lock(path)
    if fd is None:
        return
    try:
        set_aside(store, path, why)
        if predictions_beside(path).exists():
            set_aside(store, predictions_beside(path), f"it belongs to {path.name}")
    finally:
        unlock(fd)


def _read_shards(store: Store, job_id: str) -> list[tuple[Path, Any]]:
    """Shards of a job, then its part of packs; asked for once more if some became a pack meanwhile."""
    for _ in range(MOST_LOOKS):
        found, is_whole = [], True
        for path in [*store.shards_of(job_id), *store.packs_beside(job_id)]:
            try:
                found.append((path, read_shard(path, job_id)))
            except FileNotFoundError:
                is_whole = False
            except BrokenFileError as error:
                set_aside(store, path, error)
        if is_whole:
            break
    return [(path, table) for path, table in found if table.num_rows]


def _shard_predictions(store: Store, job_id: str, shard: Path) -> dict[Key, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[Key, Any] = {}
    for path in [shard, *(store.packs_beside(job_id) if not is_pack(shard) else [])]:
        file = predictions_of(path)
        try:
            with pq.ParquetFile(file) as opened:
                table = rows_of_job(opened, job_id)
        except FileNotFoundError:
            continue  # none were kept, or they were packed since: then they are in a pack beside
        except (pa.ArrowException, OSError) as error:
            set_aside(store, file, error)
            continue
        for i, key in enumerate(zip(table["trial"].to_pylist(), table["attempt"].to_pylist(), strict=True)):
            found[key] = found.get(key, ()) + predictions_from_table(table.slice(i, 1))
        break
    return found


def _nothing(_step: str) -> None:
    """The default of `reached`."""


def finish_job(store: Store, job_id: str, worker_id: str, *, reached: Callable[[str], None] = _nothing) -> int:
    """Turn the journals of a job that nobody writes any more into one shard, and remove them.

    A crash between any two steps loses nothing: rows seen twice are told by their key, and the next call
    goes on where this one stopped. Close the own journal first.

    Args:
        store: The store.
        job_id: The job.
        worker_id: Who finishes it; only for messages.
        reached: Called with the name of each step when it is done; tests stop here.

    Returns:
        How many trials were new to the shards.

    Raises:
        StoreError: If the shard cannot be written; the journals stay.
    """
    with locked(store.folder_lock(job_id)):
        finish_packing(store, job_id[:2])
        return finish_journals(store, job_id, reached)


def finish_journals(store: Store, job_id: str, reached: Callable[[str], None] = _nothing) -> int:
    """The same for who holds the folder's lock already."""
    held = [(path, fd) for path in store.journals_of(job_id) if (fd := try_lock(path)) is not None]
    try:
        return _finish(store, job_id, [path for path, _ in held], reached)
    finally:
        for _, fd in held:
            unlock(fd)


def _finish(store: Store, job_id: str, journals: list[Path], reached: Callable[[str], None]) -> int:
    import pyarrow as pa

    shards = _read_shards(store, job_id)
    known = {key for _, table in shards for key in _keys(table)}
    records: list[Record] = []
    predictions: list[Any] = []
    for lines in _readable(store, journals):
        for line, table in lines:
            if record_key(line.record) not in known:
                known.add(record_key(line.record))
                records.append(line.record)
                predictions.extend([table] if table is not None else [])
    if records:
        number = 1 + max((shard_number(path) for path in store.shards_of(job_id)), default=0)
        records.sort(key=record_key)
        if predictions:
            write_shard(store.predictions(job_id, number), pa.concat_tables(predictions))
            reached("predictions")
        write_shard(store.shard(job_id, number), trial_table(records))
        reached("shard")
    _remove(journals, reached)
    return len(records)


def _keys(table: Any) -> list[Key]:
    return list(zip(table["trial"].to_pylist(), table["attempt"].to_pylist(), strict=True))


def _readable(store: Store, journals: list[Path]) -> list[list[tuple[JournalLine, Any]]]:
    found = []
    for path in list(journals):
        try:
            lines = read_journal(path)
            trial_table([line.record for line in lines])
            found.append([(line, read_prediction_table(path, line)) for line in lines])
        except BrokenFileError as error:
            journals.remove(path)
            set_aside(store, path, error)
            if predictions_beside(path).exists():
                set_aside(store, predictions_beside(path), f"it belongs to {path.name}")
    return found


def _remove(journals: list[Path], reached: Callable[[str], None]) -> None:
    # Predictions first: a line without them is harmless once the shard exists, the reverse would stay for ever.
    for path in journals:
        predictions_beside(path).unlink(missing_ok=True)
        reached(f"removed {predictions_beside(path).name}")
        path.unlink(missing_ok=True)
        reached(f"removed {path.name}")
    if journals:
        sync_folder(journals[0].parent)

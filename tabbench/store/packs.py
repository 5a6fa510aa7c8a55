"""Packs: many shards of a folder in one Parquet file, made so that a crash or a reader at any moment loses nothing.

Both files of a pack, trials and predictions, are written under hidden names. Then a note says what they replace; from
there on the packing will be finished, by whoever holds the folder's lock next: the files get their names, and what
they replace is removed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tabbench.hashing import content_id
from tabbench.store.durable import sync_folder, write_whole
from tabbench.store.layout import predictions_of
from tabbench.store.shards import write_shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tabbench.store.layout import Store

REPLACES_KEY = "tabbench_replaces"
NOTE = ".packing.json"
GROUP_BYTES = 32 * 2**20
"""Predictions of that size, before compressing, make a row group."""


@dataclass(frozen=True)
class Packing:
    """A packing that is under way.

    Attributes:
        pack: Name of the files that come.
        shards, predictions: Names of the files that go.
    """

    pack: str
    shards: tuple[str, ...]
    predictions: tuple[str, ...]


def replaced_by(pack: Path) -> frozenset[str]:
    """Which shards a pack stands for, by their names relative to the store; none of a pack that cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_schema(pack).metadata or {}
        return frozenset(json.loads(metadata.get(REPLACES_KEY.encode(), b"[]")))
    except (pa.ArrowException, OSError, ValueError):
        return frozenset()


def packings(store: Store) -> Iterator[tuple[str, Packing]]:
    """What is being packed, or was when a crash came, with its folder."""
    for note in (store.root / "shards").glob(f"*/{NOTE}"):
        try:
            yield note.parent.name, _read_note(note)
        except FileNotFoundError:
            continue


def write_pack(
    store: Store,
    folder: str,
    trials: Any,
    predictions: Iterable[Any],
    replaced: Sequence[Path] = (),
    reached: Callable[[str], None] = lambda step: None,
) -> None:
    """Put trials and their predictions in place of shards. The folder's lock must be held.

    Args:
        store: The store.
        folder: The two letters.
        trials: Arrow table, rows of all these shards, sorted by job.
        predictions: Arrow tables, sorted by job.
        replaced: Shards that go, with their predictions.
        reached: Called with the name of each step when it is done; tests stop here.

    Raises:
        StoreError: If it cannot be written; what is there stays then.
    """
    names = sorted(f"shards/{folder}/{path.name}" for path in replaced)
    pack = f"pack.{content_id([names, trials.num_rows, trials['job_id'][0].as_py()])}.parquet"
    shard = store.root / "shards" / folder / pack
    write_shard(_hidden(shard), trials, {REPLACES_KEY: json.dumps(names)})
    write_whole(_hidden(predictions_of(shard)), partial(_write_predictions, predictions))
    reached("written")
    gone = tuple(predictions_of(path).name for path in replaced)
    packing = Packing(pack, tuple(path.name for path in replaced), gone)
    text = json.dumps(asdict(packing))
    write_whole(shard.with_name(NOTE), lambda path: _write_text(path, text))
    reached("noted")
    finish_packing(store, folder, reached)


def finish_packing(store: Store, folder: str, reached: Callable[[str], None] = lambda step: None) -> None:
    """Finish what a crashed packing of a folder began, if one did. The folder's lock must be held."""
    shards, predictions = store.root / "shards" / folder, store.root / "predictions" / folder
    note = shards / NOTE
    if not note.exists():
        return
    packing = _read_note(note)
    for path in (predictions / packing.pack, shards / packing.pack):  # no trial is seen before its predictions
        if _hidden(path).exists():
            _hidden(path).replace(path)
            reached(f"named {path.parent.parent.name}")
    for parent, names in ((shards, packing.shards), (predictions, packing.predictions)):
        for name in names:
            (parent / name).unlink(missing_ok=True)
        reached(f"removed {parent.parent.name}")
        sync_folder(parent)
    note.unlink()
    sync_folder(shards)


def forget_unfinished(store: Store, folder: str) -> None:
    """Remove what a packing wrote that crashed before it was noted. The folder's lock must be held."""
    for kind in ("shards", "predictions"):
        for path in (store.root / kind / folder).glob(".pack.*"):
            path.unlink(missing_ok=True)


def _hidden(path: Path) -> Path:
    return path.with_name(f".{path.name}.packing")  # DuckDB's patterns match hidden names too


def _read_note(note: Path) -> Packing:
    content = json.loads(note.read_bytes())
    return Packing(content["pack"], tuple(content["shards"]), tuple(content["predictions"]))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _write_predictions(tables: Iterable[Any], path: Path) -> None:
    """One Parquet file, in row groups of bounded size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tabbench.store.arrow_schema import prediction_schema

    with pq.ParquetWriter(path, prediction_schema(), compression="zstd") as writer:
        waiting: list[Any] = []
        for table in tables:
            waiting.append(table)
            if sum(part.nbytes for part in waiting) >= GROUP_BYTES:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting))

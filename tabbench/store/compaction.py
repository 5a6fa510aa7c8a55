"""Make few large files of many small ones, while others read and write."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tabbench.hashing import content_id
from tabbench.store.durable import locked, write_whole
from tabbench.store.gathering import folders_of, gather, shards_in
from tabbench.store.history import finish_journals
from tabbench.store.layout import FANNED_OUT, is_pack, job_of, predictions_of
from tabbench.store.packs import finish_packing, forget_unfinished, write_pack
from tabbench.store.records import json_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tabbench.store.layout import Store

LARGE_BYTES = 64 * 2**20
"""A pack of that size, with its predictions, is left as it is."""


class Compacted(NamedTuple):
    """How many shards and files of small tables there were, and are."""

    n_shards_before: int
    n_shards: int
    n_documents_before: int
    n_documents: int


def compact(store: Store, reached: Callable[[str], None] = lambda step: None) -> Compacted:
    """Pack the shards of each folder, finish the journals of dead workers, pack the rows of processes.

    A folder is locked against others that make shards in it; whoever writes a journal goes on meanwhile. After a
    crash at any step the next call, or the next shard of that folder, finishes what was begun.

    Args:
        store: The store.
        reached: Called with the name of each step when it is done; tests stop here.

    Raises:
        StoreError: If it cannot be written.
    """
    before = after = 0
    for folder in folders_of(store):
        with locked(store.root / "journals" / f"{folder}.lock"):
            finish_packing(store, folder)
            forget_unfinished(store, folder)
            for job_id in sorted({job_of(path) for path in (store.root / "journals" / folder).glob("*.jsonl")}):
                finish_journals(store, job_id)
            shards = shards_in(store, folder)
            _pack_folder(store, folder, [path for path in shards if _is_small(path)], reached)
            before += len(shards)
            after += len(shards_in(store, folder))
    counts = [_pack_documents(store, table) for table in sorted(FANNED_OUT)]
    return Compacted(before, after, sum(n for n, _ in counts), sum(n for _, n in counts))


def _is_small(path: Path) -> bool:
    if not is_pack(path):
        return True
    predictions = predictions_of(path)
    return path.stat().st_size + (predictions.stat().st_size if predictions.exists() else 0) < LARGE_BYTES


def _pack_folder(store: Store, folder: str, shards: list[Path], reached: Callable[[str], None]) -> None:
    if len(shards) < 2:
        return
    found = gather(store, shards)
    trials = found.trials()
    if trials.num_rows:
        write_pack(store, folder, trials, found.predictions(trials), [p for p in shards if p.exists()], reached)


def _pack_documents(store: Store, table: str) -> tuple[int, int]:
    """Put all files of a small table into one; a row in two files is read once. Files before and after."""
    files = sorted((store.root / "documents" / table).rglob("*.json"))
    rows, read = [], []
    for path in files:
        try:
            content = json.loads(path.read_bytes())
        except (FileNotFoundError, ValueError):
            continue  # what is broken is told by who reads the store
        rows += content if isinstance(content, list) else [content]
        read.append(path)
    if len(read) < 2:
        return len(files), len(files)
    text = json_text(rows)
    pack = store.root / "documents" / table / f"pack_{content_id(text)}.json"
    write_whole(pack, partial(_write_text, text))
    for path in read:
        if path != pack:
            path.unlink(missing_ok=True)
    return len(files), 1 + len(files) - len(read)


def _write_text(text: str, path: Path) -> None:
    path.write_text(text + "\n", encoding="utf-8")

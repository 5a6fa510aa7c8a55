"""Look at every file of a store and say what is wrong with it; nothing is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.store.broken import BrokenFileError
from tabbench.store.gathering import folders_of, keys_of, shards_in
from tabbench.store.journal_reading import read_journal, read_prediction_table
from tabbench.store.layout import predictions_of
from tabbench.store.metafeatures import read_metafeature_shard
from tabbench.store.packs import packings
from tabbench.store.shards import read_shard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tabbench.store.layout import Store


class Fault(NamedTuple):
    """Something that is wrong with a store: in which file, and how to mend it."""

    where: str
    what: str
    mend: str


class Checked(NamedTuple):
    """What was looked at, and what is wrong."""

    n_files: int
    n_trials: int
    faults: tuple[Fault, ...]


RUN_AGAIN = "the same runs again fill the gap"
NO_ENSEMBLES = "not needed but for ensembles and new metrics"
REFERENCES = {"environments": "environment_id", "workers": "worker_id", "models": "source_hash", "tasks": "task_hash"}


def check(store: Store) -> Checked:
    """Read every shard, journal, prediction file, small table and file of metafeatures.

    Raises:
        StoreError: If a later version of tabbench wrote a file.
    """
    looking = _Looking(store)
    faults = [*looking.broken(), *looking.packing(), *looking.documents(), *looking.metafeatures()]
    for folder in folders_of(store):
        faults += [*looking.shards(folder), *looking.journals(folder)]
    faults += looking.references()
    return Checked(looking.n_files, looking.n_trials, tuple(faults))


class _Looking:
    """Counts what was looked at, and remembers which rows of small tables are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.n_files = self.n_trials = 0
        self._asked: dict[str, set[str]] = {table: set() for table in REFERENCES}
        self._known: dict[str, set[str]] = {table: set() for table in REFERENCES}

    def broken(self) -> Iterator[Fault]:
        for path in sorted(self._store.broken.glob("*")):
            yield Fault(self._name(path), "could not be read and was set aside", f"{RUN_AGAIN}; then remove it")

    def packing(self) -> Iterator[Fault]:
        for folder, packing in packings(self._store):
            yield Fault(
                f"shards/{folder}",
                f"packing {packing.pack} is under way or crashed",
                f"tabbench store compact{self._store.option}",
            )

    def documents(self) -> Iterator[Fault]:
        for path in sorted((self._store.root / "documents").rglob("*.json")):
            self.n_files += 1
            try:
                content = json.loads(path.read_bytes())
            except (OSError, ValueError) as error:
                yield Fault(self._name(path), f"cannot be read: {error}", RUN_AGAIN)
                continue
            table = path.relative_to(self._store.root / "documents").parts[0]
            if table in REFERENCES:
                rows = content if isinstance(content, list) else [content]
                self._known[table].update(str(row.get(REFERENCES[table])) for row in rows)

    def metafeatures(self) -> Iterator[Fault]:
        for path in sorted((self._store.root / "metafeatures").rglob("*.parquet")):
            self.n_files += 1
            try:
                read_metafeature_shard(path)
            except (ValueError, FileNotFoundError) as error:
                yield Fault(self._name(path), f"cannot be read: {error}", "tabbench metafeatures with that task again")

    def shards(self, folder: str) -> Iterator[Fault]:
        for path in shards_in(self._store, folder):
            self.n_files += 1
            try:
                table = read_shard(path)
            except (BrokenFileError, FileNotFoundError) as error:
                yield Fault(self._name(path), f"cannot be read: {error}", RUN_AGAIN)
                continue
            self._look_at(table)
            yield from self._predictions(predictions_of(path), table)

    def journals(self, folder: str) -> Iterator[Fault]:
        for path in sorted((self._store.root / "journals" / folder).glob("*.jsonl")):
            self.n_files += 1
            try:
                lines = read_journal(path)
                self.n_trials += len(lines)
                for line in lines:
                    read_prediction_table(path, line)
            except BrokenFileError as error:
                yield Fault(self._name(path), f"cannot be read: {error}", RUN_AGAIN)

    def references(self) -> Iterator[Fault]:
        for table, column in REFERENCES.items():
            if missing := self._asked[table] - self._known[table]:
                what = f"{len(missing)} {column} of trials stand in no row of {table}, {min(missing)} for example"
                yield Fault(f"documents/{table}", what, "copy that folder from the machine the rows came from")

    def _look_at(self, table: Any) -> None:
        self.n_trials += table.num_rows
        for name, column in REFERENCES.items():
            self._asked[name].update(table[column].unique().to_pylist())

    def _predictions(self, path: Path, table: Any) -> Iterator[Fault]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        kept = [key for key, has in zip(keys_of(table), table["has_predictions"].to_pylist(), strict=True) if has]
        if not kept:
            return
        self.n_files += 1
        try:
            found = set(keys_of(pq.ParquetFile(path).read(["job_id", "trial", "attempt"])))
        except (pa.ArrowException, OSError) as error:
            yield Fault(self._name(path), f"cannot be read: {' '.join(str(error).split())[:200]}", NO_ENSEMBLES)
            return
        if lacking := [key for key in kept if key not in found]:
            yield Fault(self._name(path), f"{len(lacking)} trials lack their predictions", NO_ENSEMBLES)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._store.root).as_posix()

"""Where everything of a results folder lies.

::

    journals/ab/JOB.WORKER.jsonl    finished trials of jobs under way, one line each
    journals/ab/JOB.WORKER.arrows   their predictions
    journals/ab.lock                held for the moment in which a job of that folder becomes a shard
    shards/ab/JOB-N.parquet         trials of finished jobs
    predictions/ab/JOB-N.parquet    their predictions
    metafeatures/ab/ID-N.parquet    metafeatures of one group on one split
    documents/TABLE/ID.json         rows of the small tables
    broken/                         files that could not be read
    tabbench.duckdb                 a cache over all that, rebuilt at any time
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = ("journals", "shards", "predictions", "metafeatures", "documents", "broken")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


def _safe(kind: str, name: str) -> str:
    """The name, if it can stand in a file name and holds no separator of ours."""
    if not _SAFE_NAME.fullmatch(name):
        raise StoreError(f"{kind} {name!r} cannot be a file name: use letters, digits, '_' and '-'.")
    return name


@dataclass(frozen=True)
class Store:
    """A results folder. Nothing is read or written before it is asked for."""

    root: Path

    def create(self) -> Store:
        """Make the folders that are missing.

        Raises:
            StoreError: If the folder cannot be written.
        """
        try:
            for name in FOLDERS:
                (self.root / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The store {self.root} cannot be written: {error.strerror}. "
                "Make the folder writable (chmod u+w), or choose another with store=FOLDER."
            ) from error
        return self

    @property
    def exists(self) -> bool:
        """Whether the folder looks like a store."""
        return any((self.root / name).is_dir() for name in ("shards", "journals"))

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.root / "tabbench.duckdb"

    @property
    def broken(self) -> Path:
        """Where unreadable files go."""
        return self.root / "broken"

    def folder_lock(self, job_id: str) -> Path:
        """The file locked while a job of the same journal folder becomes a shard."""
        return self.root / "journals" / f"{_safe('job id', job_id)[:2]}.lock"

    def journal(self, job_id: str, worker_id: str) -> Path:
        """Finished trials that one worker wrote for one job."""
        name = f"{_safe('job id', job_id)}.{_safe('worker id', worker_id)}.jsonl"
        return self.root / "journals" / job_id[:2] / name

    def shard(self, job_id: str, number: int) -> Path:
        """Trials of a finished job; a job that was extended has several."""
        return self.root / "shards" / _safe("job id", job_id)[:2] / f"{job_id}-{number}.parquet"

    def predictions(self, job_id: str, number: int) -> Path:
        """Predictions of the trials in the shard of the same number."""
        return self.root / "predictions" / _safe("job id", job_id)[:2] / f"{job_id}-{number}.parquet"

    def metafeatures(self, extraction_id: str, number: int) -> Path:
        """Metafeatures of one group on one split; one that was computed again has several files."""
        name = f"{_safe('extraction id', extraction_id)}-{number}.parquet"
        return self.root / "metafeatures" / extraction_id[:2] / name

    def document(self, table: str, content: str) -> Path:
        """One row, or a few that belong together, of a small table."""
        return self.root / "documents" / _safe("table", table) / f"{content}.json"

    def journals_of(self, job_id: str) -> list[Path]:
        """All journals of a job, by name."""
        folder = self.root / "journals" / _safe("job id", job_id)[:2]
        return sorted(folder.glob(f"{job_id}.*.jsonl"))

    def shards_of(self, job_id: str) -> list[Path]:
        """All shards of a job, in the order they were written."""
        folder = self.root / "shards" / _safe("job id", job_id)[:2]
        return sorted(folder.glob(f"{job_id}-*.parquet"), key=shard_number)

    def all_journals(self) -> Iterator[Path]:
        """Every journal, in no order."""
        return (self.root / "journals").glob("*/*.jsonl")

    def all_shards(self) -> Iterator[Path]:
        """Every shard, in no order."""
        return (self.root / "shards").glob("*/*.parquet")


def shard_number(path: Path) -> int:
    """The N of JOB-N.parquet.

    >>> from pathlib import Path
    >>> shard_number(Path("shards/ab/abcd-12.parquet"))
    12
    """
    return int(path.stem.rpartition("-")[2])


def job_of(path: Path) -> str:
    """The job that a journal or a shard belongs to.

    >>> from pathlib import Path
    >>> job_of(Path("journals/ab/abcd.w1.jsonl")), job_of(Path("shards/ab/abcd-1.parquet"))
    ('abcd', 'abcd')
    """
    return path.name.partition(".")[0] if path.suffix == ".jsonl" else path.stem.rpartition("-")[0]


def predictions_beside(journal: Path) -> Path:
    """The predictions file that belongs to a journal."""
    return journal.with_suffix(".arrows")

"""Where everything of a results folder lies.

::

    journals/ab/JOB.WORKER.jsonl    finished trials of jobs under way, one line each
    journals/ab/JOB.WORKER.arrows   their predictions
    journals/ab.lock                held for the moment in which a job of that folder becomes a shard
    shards/ab/JOB-N.arrows.zst      trials of finished jobs, an Arrow stream under zstd
    predictions/ab/JOB-N.parquet    their predictions
    shards/ab/pack.ID.parquet       trials of many shards, after `tabbench store compact`
    predictions/ab/pack.ID.parquet  their predictions
    metafeatures/ab/ID-N.parquet    metafeatures of one group on one split
    documents/TABLE/ID.json         rows of the small tables; of those with a row a process, TABLE/ab/ID.json
    broken/                         files that could not be read
    tabbench.duckdb                 a cache over all that, rebuilt at any time
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHARD, PACK = ".arrows.zst", ".parquet"
"""Endings of shards: as a worker writes them, and packed (or written by tabbench before 0.1)."""

FANNED_OUT = frozenset({"workers", "calibrations"})
"""Small tables with a row or more a process: their files stand in a folder for each two first letters."""

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

    def require(self) -> None:
        """Refuse a folder that is none.

        Raises:
            StoreError: If there is no store, with how to make or name one.
        """
        if self.root.is_file():
            raise StoreError(f"{self.root} is a file, and a store is a folder. Name one: --store FOLDER.")
        if not self.exists:
            raise StoreError(
                f"There is no store at {self.root}. `tabbench run store={self.root}` makes one; name another with "
                "--store FOLDER."
            )

    @property
    def option(self) -> str:
        """What a command that a message names needs to ask this store: empty for `results`.

        >>> from pathlib import Path
        >>> Store(Path("my store")).option, Store(Path("results")).option
        (" --store 'my store'", '')
        """
        return "" if str(self.root) == "results" else f" --store {shlex.quote(str(self.root))}"

    @property
    def is_empty(self) -> bool:
        """Whether it holds no trial."""
        return next(self.all_journals(), None) is None and next(self.all_shards(), None) is None

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
        return self.root / "shards" / _safe("job id", job_id)[:2] / f"{job_id}-{number}{SHARD}"

    def predictions(self, job_id: str, number: int) -> Path:
        """Predictions of the trials in the shard of the same number, if it is not packed."""
        return self.root / "predictions" / _safe("job id", job_id)[:2] / f"{job_id}-{number}.parquet"

    def metafeatures(self, extraction_id: str, number: int) -> Path:
        """Metafeatures of one group on one split; one that was computed again has several files."""
        name = f"{_safe('extraction id', extraction_id)}-{number}.parquet"
        return self.root / "metafeatures" / extraction_id[:2] / name

    def document(self, table: str, content: str) -> Path:
        """One row, or a few that belong together, of a small table."""
        folder = self.root / "documents" / _safe("table", table)
        return (folder / content[:2] if table in FANNED_OUT else folder) / f"{content}.json"

    def journals_of(self, job_id: str) -> list[Path]:
        """All journals of a job, by name."""
        folder = self.root / "journals" / _safe("job id", job_id)[:2]
        return sorted(folder.glob(f"{job_id}.*.jsonl"))

    def shards_of(self, job_id: str) -> list[Path]:
        """All shards of a job that are not packed, in the order they were written."""
        folder = self.root / "shards" / _safe("job id", job_id)[:2]
        return sorted((p for p in folder.glob(f"{job_id}-*") if p.name.endswith((SHARD, PACK))), key=shard_number)

    def packs_beside(self, job_id: str) -> list[Path]:
        """The packs that trials of a job may be in."""
        return sorted((self.root / "shards" / _safe("job id", job_id)[:2]).glob(f"pack.*{PACK}"))

    def all_journals(self) -> Iterator[Path]:
        """Every journal, in no order."""
        return (self.root / "journals").glob("*/*.jsonl")

    def all_shards(self) -> Iterator[Path]:
        """Every shard, packed or not, in no order."""
        files = (self.root / "shards").glob("*/*")
        return (p for p in files if p.name.endswith((SHARD, PACK)) and not p.name.startswith("."))


def store_to_write(name: str) -> Store:
    """The store that a setting `store=NAME` names; it need not exist yet.

    Raises:
        StoreError: If the name is empty, or that of a file.
    """
    from pathlib import Path

    if not name.strip():
        raise StoreError("store= names no folder. Name one: store=results.")
    if Path(name).is_file():
        raise StoreError(f"{name} is a file, and a store is a folder. Name one: store=FOLDER.")
    return Store(Path(name))


def is_pack(path: Path) -> bool:
    """Whether a shard holds trials of several jobs.

    >>> from pathlib import Path
    >>> is_pack(Path("shards/ab/pack.0123.parquet")), is_pack(Path("shards/ab/abcd-1.parquet"))
    (True, False)
    """
    return path.name.startswith("pack.")


def predictions_of(shard: Path) -> Path:
    """The file with the predictions of a shard's trials, packed or not; it need not exist."""
    folder = shard.parents[2] / "predictions" / shard.parent.name
    return folder / (shard.name.removesuffix(SHARD).removesuffix(PACK) + ".parquet")


def shard_number(path: Path) -> int:
    """The N of JOB-N.

    >>> from pathlib import Path
    >>> shard_number(Path("shards/ab/abcd-12.arrows.zst"))
    12
    """
    return int(path.name.partition(".")[0].rpartition("-")[2])


def job_of(path: Path) -> str:
    """The job that a journal or a shard that is not packed belongs to.

    >>> from pathlib import Path
    >>> job_of(Path("journals/ab/abcd.w1.jsonl")), job_of(Path("shards/ab/abcd-1.arrows.zst"))
    ('abcd', 'abcd')
    """
    name = path.name.partition(".")[0]
    return name if path.suffix == ".jsonl" else name.rpartition("-")[0]


def predictions_beside(journal: Path) -> Path:
    """The predictions file that belongs to a journal."""
    return journal.with_suffix(".arrows")

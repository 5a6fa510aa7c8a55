"""Which entry a task's name means, of which files it was made, and the suites that were fetched."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.data.cache.documents import from_json, to_json
from tabbench.data.cache.entry import facts_of_file
from tabbench.data.cache.folder import cache_folder, write_whole
from tabbench.errors import DataError
from tabbench.hashing import content_id
from tabbench.task import Suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TRUSTED_AGE_SECONDS = 2.0
"""A file edited less than this before it was read may be edited again under the same time."""


@dataclass(frozen=True)
class FileStamp:
    """What can be seen of a file without opening it, and what it held."""

    path: str
    n_bytes: int
    mtime_ns: int
    sha256: str = ""


@dataclass(frozen=True)
class NamedEntry:
    """What a name in the cache stands for.

    Attributes:
        name: The task's.
        place: Absolute path of the file or folder it was made of; empty if it was fetched, unpacked or put there.
        key: The entry's.
        stamps: Of the files it was made of.
        seconds: When they were read, since 1970.
    """

    name: str
    place: str
    key: str
    stamps: tuple[FileStamp, ...] = ()
    seconds: float = 0.0

    def is_fresh(self, seen: tuple[FileStamp, ...]) -> bool:
        """Whether the files surely are, to the eye, the ones it was made of."""
        newest = max((stamp.mtime_ns / 1e9 for stamp in seen), default=0.0)
        unopened = tuple(replace(stamp, sha256="") for stamp in self.stamps)
        return seen == unopened and newest + TRUSTED_AGE_SECONDS < self.seconds

    def held_by(self, stamps: tuple[FileStamp, ...]) -> bool:
        """Whether the files hold what they held then, whatever their times say."""
        return [(s.path, s.sha256) for s in stamps] == [(s.path, s.sha256) for s in self.stamps]


def seen_stamps(files: Iterable[Path]) -> tuple[FileStamp, ...]:
    """Stamps without hashes: no file is opened; those that are absent are left out."""
    found = [(file, file.stat()) for file in files if file.is_file()]
    return tuple(FileStamp(str(file.absolute()), stat.st_size, stat.st_mtime_ns) for file, stat in found)


def hashed_stamps(seen: Iterable[FileStamp]) -> tuple[FileStamp, ...]:
    """The same stamps with the hash of what the files hold."""
    return tuple(replace(stamp, sha256=facts_of_file(Path(stamp.path)).sha256) for stamp in seen)


def find_name(name: str, place: str = "") -> NamedEntry | None:
    """What a task's name stands for; None if it is not in the cache or the note of it cannot be read."""
    file = _file(name, place)
    try:
        found = from_json(NamedEntry, file.read_bytes(), str(file))
    except (OSError, DataError):  # a note that is damaged is as good as none: it is written anew
        return None
    return found if (found.name, found.place) == (name, place) else None


def note_name(name: str, key: str, place: str = "", stamps: tuple[FileStamp, ...] = (), seconds: float = 0.0) -> None:
    """Note what a task's name stands for from now on."""
    write_whole(_file(name, place), to_json(NamedEntry(name, place, key, stamps, seconds or time.time())))


def noted_names() -> Iterator[NamedEntry]:
    """Every name in the cache, in order."""
    found = []
    for file in (cache_folder() / "names").glob("*.json"):
        try:
            found.append(from_json(NamedEntry, file.read_bytes(), str(file)))
        except (OSError, DataError):
            continue
    yield from sorted(found, key=lambda entry: (entry.name, entry.place))


def note_suite(suite: Suite) -> None:
    """Keep a suite, so that it is known by its name without a network or its card."""
    write_whole(_suite_file(suite.name), to_json(suite))


def find_suite(name: str) -> Suite | None:
    """A suite that was fetched or unpacked; None if there is none."""
    file = _suite_file(name)
    return from_json(Suite, file.read_bytes(), str(file)) if file.is_file() else None


def noted_suites() -> list[str]:
    """Names of the suites in the cache, sorted."""
    files = (cache_folder() / "suites").glob("*.json")
    return sorted(from_json(Suite, file.read_bytes(), str(file)).name for file in files)


def _file(name: str, place: str) -> Path:
    return cache_folder() / "names" / f"{content_id([name, place])}.json"


def _suite_file(name: str) -> Path:
    return cache_folder() / "suites" / f"{content_id(name)}.json"

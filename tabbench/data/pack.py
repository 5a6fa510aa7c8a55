"""Carry tasks to a machine without a network: one file of whole cache entries, checked on arrival.

The file is a zip archive whose members are stored as they are. The same entries give the same bytes.
"""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from tabbench.data.cache.documents import from_json, to_json
from tabbench.data.cache.entry import HASHED, MANIFEST
from tabbench.data.cache.folder import staging, sync, writing
from tabbench.data.cache.index import note_name, note_suite
from tabbench.data.cache.reading import check_files, verify_entry
from tabbench.data.cache.writing import adopt
from tabbench.data.cached import CACHED, cached_entry
from tabbench.data.modifiers.names import split_name
from tabbench.errors import DataError, TabbenchError
from tabbench.hashing import HASH_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tabbench.task import Suite

FORMAT = 1
CONTENTS = "pack.json"
FILES = (*HASHED, MANIFEST)
MOST_CONTENTS_BYTES = 1 << 26
DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip archive can tell; any fixed one would do."""


@dataclass(frozen=True)
class PackedTask:
    """A task's name and its entry's."""

    name: str
    key: str


@dataclass(frozen=True)
class Contents:
    """What a pack holds; `suite` is told where one was packed."""

    format: int
    tasks: tuple[PackedTask, ...]
    suite: Suite | None = None


@dataclass(frozen=True)
class Unpacked:
    """One task of a pack; `reason` says why it was not taken."""

    name: str
    reason: str = ""


def pack_tasks(names: Iterable[str], path: Path, suite: Suite | None = None) -> list[str]:
    """Write one file with the entries of tasks; bundled tasks are left out, since every installation has them.

    Args:
        names: Of tasks, all in the cache, or local ones whose file is at hand; of modified ones the bare task is taken.
        path: Where to.
        suite: Is written with it, to be known by its name where the file is unpacked.

    Returns:
        Names of the tasks in it, sorted.

    Raises:
        DataError: If a task is not in the cache or is damaged, none is left, or the file cannot be written. No file is
            left then.
    """
    missing, entries = [], {}
    for name in dict.fromkeys(split_name(name)[0] for name in names):
        if name.startswith(CACHED):
            try:
                entry = cached_entry(name)
                entries[entry.task.name] = check_files(entry.folder, name)
            except TabbenchError as error:
                missing.append(str(error) if name in str(error) else f"{name}: {error}")
    if missing:
        raise DataError("\n".join([f"Nothing was packed, {len(missing)} tasks cannot be:", *missing]))
    if not entries:
        raise DataError("There is nothing to pack: bundled tasks are in every installation.")
    tasks = tuple(PackedTask(name, entries[name].folder.name) for name in sorted(entries))
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_member(CONTENTS), to_json(Contents(FORMAT, tasks, suite)))
            for folder in sorted({entry.folder for entry in entries.values()}):
                for file in FILES:
                    with (
                        (folder / file).open("rb") as source,
                        archive.open(_member(f"{folder.name}/{file}"), "w", force_zip64=True) as into,
                    ):
                        shutil.copyfileobj(source, into)
        sync(temporary)
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return [task.name for task in tasks]


def unpack_tasks(path: Path) -> Iterator[Unpacked]:
    """Take the tasks of a pack into the cache, each whole or not at all; the suite comes last.

    Every file is held against its hash, and table, splits and key are worked out again.

    Args:
        path: A file that `pack_tasks` wrote.

    Yields:
        Each task as it is done; one that is damaged is left out and told.

    Raises:
        DataError: If there is no such file, it is no pack, or holds anything that a pack does not: then nothing is
            taken from it.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder. Name the file that `tabbench data pack` wrote.")
    if not path.is_file():
        raise DataError(f"There is no file {path} (looked in {path.absolute().parent}).")
    try:
        with zipfile.ZipFile(path) as archive:
            contents = _checked_contents(archive, path)
            for task in contents.tasks:
                try:
                    _take(archive, task, path)
                except (TabbenchError, zipfile.BadZipFile) as error:
                    yield Unpacked(task.name, str(error))
                else:
                    yield Unpacked(task.name)
    except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DataError(f"{path} cannot be read as a pack: {error}. Copy it again.") from error
    if contents.suite is not None:
        note_suite(contents.suite)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, DATE)
    member.external_attr, member.create_system = 0o644 << 16, 3
    return member


def _checked_contents(archive: zipfile.ZipFile, path: Path) -> Contents:
    """What a pack holds, after a look at every member's name, size and kind; nothing is written yet."""
    members = archive.infolist()
    if not members or members[0].filename != CONTENTS or members[0].file_size > MOST_CONTENTS_BYTES:
        raise DataError(f"{path} is no pack of tabbench: it does not begin with {CONTENTS}.")
    _check_members(members, path)
    contents = from_json(Contents, archive.read(CONTENTS), f"{path}: {CONTENTS}")
    if contents.format != FORMAT:
        raise DataError(
            f"{path} has format {contents.format}, this release reads {FORMAT}. Unpack it with a later one."
        )
    for task in contents.tasks:
        is_key = len(task.key) == HASH_LENGTH and set(task.key) <= set("0123456789abcdef")
        if not is_key or not task.name.startswith(CACHED):
            raise DataError(f"{path}: {CONTENTS} names the task {task.name!r} with the key {task.key!r}.")
    wanted = {f"{task.key}/{file}" for task in contents.tasks for file in FILES} | {CONTENTS}
    found = {member.filename for member in members}
    if wanted != found:
        odd = sorted(wanted ^ found)
        raise DataError(
            f"{path} is no whole pack: {odd[0]!r} is {'absent' if odd[0] in wanted else 'not a part of one'}."
        )
    return contents


def _check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    """Refuse what no pack holds: compressed, encrypted or doubled members, and sizes beyond the file's own."""
    names = [member.filename for member in members]
    for member in members:
        if (
            member.compress_type != zipfile.ZIP_STORED
            or member.file_size != member.compress_size
            or member.flag_bits & 1
        ):
            raise DataError(f"{path}: {member.filename!r} is compressed or encrypted; in a pack nothing is.")
    if len(set(names)) < len(names):
        raise DataError(f"{path}: a file stands twice in it.")
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise DataError(f"{path}: its files claim to be larger than itself.")


def _take(archive: zipfile.ZipFile, task: PackedTask, path: Path) -> None:
    with staging() as folder:
        for file in FILES:
            with writing(), (folder / file).open("wb") as into, archive.open(f"{task.key}/{file}") as source:
                shutil.copyfileobj(source, into)
        entry = verify_entry(folder, task.name)
        if (entry.manifest.key, entry.task.name) != (task.key, task.name):
            raise DataError(f"{path}: the entry {task.key} is not that of {task.name}.")
        adopt(folder, task.key, task.name)
    note_name(task.name, task.key)

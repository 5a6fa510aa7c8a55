"""Find the entry of a task in the cache; a file, folder or frame of one's own is put there when it is not."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.data.cache.folder import cache_folder
from tabbench.data.cache.index import find_name, hashed_stamps, note_name, noted_names, seen_stamps
from tabbench.data.cache.reading import entry_folder, open_entry
from tabbench.data.cards import parse_dataset_card, read_yaml
from tabbench.data.local import FILE, parse_file_name
from tabbench.errors import DamagedEntryError, DataError, NotCachedError, UnknownNameError

if TYPE_CHECKING:
    from tabbench.data.cache.entry import Entry
    from tabbench.data.cache.index import FileStamp, NamedEntry
    from tabbench.data.local import FileName
    from tabbench.data.source import OpenedTask
    from tabbench.task import Task

OPENML, FOLDER, FRAME = "openml/", "folder:", "frame/"
LOCAL = (FILE, FOLDER)
CACHED = (OPENML, FOLDER, FRAME, FILE)
"""How the names of the tasks begin that are read through the cache."""
SOURCES = {
    FILE: ("tabbench.data.local", "open_file_task"),
    FOLDER: ("tabbench.data.folders", "open_folder_task"),
    OPENML: ("tabbench.data.openml_source", "open_openml_task"),
}
"""Who opens a task, by the beginning of its name; imported when asked."""


class Origin(NamedTuple):
    """Where a local task comes from: an absolute path, empty for others, and the files to watch."""

    place: str = ""
    files: tuple[Path, ...] = ()


def open_source(name: str) -> OpenedTask:
    """Ask a task's own source for it: file, folder or network.

    Raises:
        UnknownNameError: If there is none of that name.
        NotCachedError: If it is a frame, which has no source but the program that made it.
        DataError: If the source does not give a table that can be used.
    """
    for beginning, (module, function) in SOURCES.items():
        if name.startswith(beginning):
            opened: OpenedTask = getattr(import_module(module), function)(name)
            return opened
    raise _not_cached(name)


def cached_entry(name: str, refresh: bool = True) -> Entry:
    """The entry of a task that is read through the cache.

    Args:
        name: One that begins like `CACHED`.
        refresh: Look whether the file of a local task was edited, and read it again then; jobs don't.

    Raises:
        NotCachedError: If it has to be fetched first.
        DamagedEntryError: If the entry is not what was put there.
        DataError: If a local file cannot be used.
    """
    origin = origin_of(name)
    if refresh and origin.files:
        return _refreshed(name, origin)
    for place in (origin.place, "") if origin.files else ("", origin.place):
        if noted := find_name(name, place):
            return open_entry(entry_folder(noted.key), name)
    raise _not_cached(name)


def is_cached(name: str) -> bool:
    """Whether a task needs no network: it stands for an entry, whole or damaged, or its file is at hand."""
    origin = origin_of(name)
    return bool(origin.files) or any(find_name(name, place) for place in {origin.place, ""})


def cached_tasks() -> list[Task]:
    """The tasks in the cache, in the order of their names; damaged ones are left out."""
    tasks = {}
    for noted in noted_names():
        if (entry := _whole(noted)) is not None:
            tasks[entry.task.name] = entry.task
    return list(tasks.values())


def put_opened(name: str, opened: OpenedTask) -> Entry:
    """Put a task into the cache and note its name, and the full one where a card says the target.

    Raises:
        DataError: If rows lack a target, the splits cannot be made, or the cache cannot be written.
    """
    return _put(name, opened, "", (), time.time())


def put_local(name: str) -> Entry:
    """Read the file or folder of a task and put it into the cache, whatever is there.

    Raises:
        UnknownNameError: If it has no such column.
        DataError: If it cannot be used, or the cache cannot be written.
    """
    origin, seconds = origin_of(name), time.time()
    stamps = hashed_stamps(seen_stamps(origin.files))  # before reading: an edit meanwhile is seen the next time
    return _put(name, open_source(name), origin.place, stamps, seconds)


def origin_of(name: str) -> Origin:
    """The place and the files of a local task; files that are absent are left out.

    Raises:
        DataError: If the name holds no path.
    """
    if name.startswith(FILE):
        parts = parse_file_name(name)
        files = (parts.file, parts.card, *_splits_file(parts)) if parts.file.exists() or parts.card.exists() else ()
        return Origin(str(parts.file.absolute()), files)
    if name.startswith(FOLDER):
        folder = Path(name.removeprefix(FOLDER)).expanduser()
        return Origin(str(folder.absolute()), tuple(sorted(file for file in folder.rglob("*") if file.is_file())))
    return Origin()


def _put(name: str, opened: OpenedTask, place: str, stamps: tuple[FileStamp, ...], seconds: float) -> Entry:
    from tabbench.data.cache.writing import put_task

    entry = put_task(opened)
    for known in {name, opened.task.name}:
        note_name(known, entry.folder.name, place, stamps, seconds)
    return entry


def _splits_file(parts: FileName) -> tuple[Path, ...]:
    """The file that fixes the splits, where a card names one."""
    if not parts.card.is_file():
        return ()
    card = parse_dataset_card(read_yaml(parts.card), str(parts.card))
    return (parts.file.parent / card.splits_file,) if card.splits_file else ()


def _refreshed(name: str, origin: Origin) -> Entry:
    seen = seen_stamps(origin.files)
    noted = find_name(name, origin.place)
    if noted and noted.is_fresh(seen) and (entry := _whole(noted)):
        return entry
    seconds = time.time()
    stamps = hashed_stamps(seen)
    if noted and noted.held_by(stamps) and (entry := _whole(noted)):
        note_name(name, noted.key, origin.place, stamps, seconds)
        return entry
    return put_local(name)


def _whole(noted: NamedEntry) -> Entry | None:
    """The entry of a name; None where it is damaged."""
    try:
        return open_entry(entry_folder(noted.key), noted.name)
    except DamagedEntryError:
        return None


def _not_cached(name: str) -> DataError:
    if name.startswith(LOCAL):
        try:
            open_source(name)  # says what is wrong with the path
        except (DataError, UnknownNameError) as error:
            return NotCachedError(str(error))
    where = f"{name} is not in the cache {cache_folder()}."
    if name.startswith(FRAME):
        return NotCachedError(
            f"{where} Put it there from Python: tabbench.data.frames.add_frame(frame, target=…, "
            f"name={name.removeprefix(FRAME)!r})."
        )
    return NotCachedError(f"{where} Fetch it where there is a network: tabbench data fetch 'tasks=[{name}]'")

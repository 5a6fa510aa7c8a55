"""Fetch tasks into the cache, with patience for sources that fail now and then."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tabbench.data.cache.folder import cache_folder, writing
from tabbench.data.cache.index import find_name, find_suite, note_suite
from tabbench.data.cache.reading import check_files, entry_folder
from tabbench.data.cached import CACHED, OPENML, cached_entry, open_source, origin_of, put_local, put_opened
from tabbench.data.catalog import OPENML_SUITE, describe_task, load_suite
from tabbench.data.modifiers.names import split_name
from tabbench.errors import DamagedEntryError, NotCachedError, TabbenchError, TransientError
from tabbench.hashing import content_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from tabbench.task import Suite

    Asked = TypeVar("Asked")

MOST_TRIES = 5
FIRST_WAIT_SECONDS, MOST_WAIT_SECONDS = 1.0, 300.0


class FetchOutcome(StrEnum):
    """What became of a task that was to be fetched."""

    FETCHED = "fetched"
    HELD = "held"
    BUNDLED = "bundled"
    FAILED = "failed"


@dataclass(frozen=True)
class Fetched:
    """One task; `reason` says why it failed."""

    name: str
    outcome: FetchOutcome
    reason: str = ""


def fetch_tasks(
    names: Iterable[str], is_offline: bool = False, pause: Callable[[float], None] = time.sleep
) -> Iterator[Fetched]:
    """Put tasks into the cache, one after another; a task that fails leaves the others as they are.

    What is there is checked by its hashes and fetched again if it is damaged.

    Args:
        names: Of tasks.
        is_offline: Ask no network; what would have to be fetched from there fails.
        pause: Waits some seconds before a source is asked again.
    """
    for name in names:
        try:
            yield Fetched(name, _fetch(name, is_offline, pause))
        except TabbenchError as error:
            yield Fetched(name, FetchOutcome.FAILED, str(error))


def fetch_suite(name: str, is_offline: bool = False, pause: Callable[[float], None] = time.sleep) -> Suite:
    """A suite, asked of OpenML if it is one of theirs and not in the cache, and kept there; its tasks are not.

    Raises:
        UnknownNameError: If there is none of that name.
        NotCachedError: If it would have to be fetched, and `is_offline`.
        DataError: If its card is faulty, or OpenML has no such suite.
    """
    if not name.startswith(OPENML_SUITE) or is_offline or find_suite(name) is not None:
        return load_suite(name)
    from tabbench.data.openml_source import openml_suite

    suite = with_patience(lambda: openml_suite(name), pause)
    note_suite(suite)
    return suite


def with_patience(ask: Callable[[], Asked], pause: Callable[[float], None]) -> Asked:
    """Ask a source; where its trouble may pass, wait and ask again, longer each time.

    The wait doubles from a second on, with up to half of it more by chance, so that many clients do not come back at
    once; a source that says how long to wait is obeyed, up to five minutes.

    Raises:
        TransientError: If the last try failed as well.
    """
    for n_failed in range(1, MOST_TRIES + 1):
        try:
            return ask()
        except TransientError as error:
            if n_failed == MOST_TRIES:
                raise TransientError(f"{error} (tried {MOST_TRIES} times)") from error
            wait = FIRST_WAIT_SECONDS * 2 ** (n_failed - 1) * random.uniform(1.0, 1.5)
            pause(min(max(wait, error.retry_after_seconds or 0.0), MOST_WAIT_SECONDS))
    raise AssertionError


def _fetch(name: str, is_offline: bool, pause: Callable[[float], None]) -> FetchOutcome:
    from filelock import FileLock

    name, _ = split_name(name)  # modifiers are worked out from the entry of the bare task
    if not name.startswith(CACHED):
        describe_task(name)
        return FetchOutcome.BUNDLED
    locks = cache_folder() / "locks"
    with writing():
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{content_id(name)}.lock")
        lock.acquire()  # a second process waits here, and then finds the entry
    try:
        return _fetch_from_network(name, is_offline, pause) if name.startswith(OPENML) else _fetch_local(name)
    finally:
        lock.release()


def _fetch_from_network(name: str, is_offline: bool, pause: Callable[[float], None]) -> FetchOutcome:
    noted = find_name(name)
    try:
        if noted:
            check_files(entry_folder(noted.key), name)
            return FetchOutcome.HELD
    except DamagedEntryError:
        if is_offline:
            raise
    if is_offline:
        raise NotCachedError(f"{name} is not in the cache.")
    put_opened(name, with_patience(lambda: open_source(name), pause))
    return FetchOutcome.FETCHED


def _fetch_local(name: str) -> FetchOutcome:
    """Nothing is downloaded: a file is read if it is new or edited, and read again if its entry is damaged."""
    entry = cached_entry(name)
    try:
        check_files(entry.folder, name)
    except DamagedEntryError:
        if not origin_of(name).files:
            raise
        put_local(name)
        return FetchOutcome.FETCHED
    return FetchOutcome.HELD

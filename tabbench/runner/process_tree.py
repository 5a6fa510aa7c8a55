"""The processes that a fit starts: keep them findable, add up their memory, end them all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from typing import NamedTuple

import psutil

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
MOST_TIME_LISTING = 0.01
"""Share of the time that looking for new descendants may take: it reads all processes of the machine."""
LIST_EVERY = 0.5
"""Seconds between two looks for new descendants, at least."""
OOM_SCORE = "600"
"""What the kernel is told of a fit, so that it ends the fit when memory runs out, and not who holds the results."""


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies, and check that it has not died already."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parents end, so that those who fork twice stay in the tree."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def be_first_to_go() -> None:
    """Offer this process to the kernel for when memory runs out."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as f:  # noqa: PTH123 - a kernel switch
        f.write(OOM_SCORE)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def has_children() -> bool:
    """Whether this process has any child, dead ones that were not waited for among them; one system call."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def children() -> frozenset[int]:
    """Process ids of this process's children."""
    if not has_children():
        return frozenset()
    return frozenset(child.pid for child in psutil.Process().children())


def end_tree(root: int) -> None:
    """Kill a child of this process with all its descendants, also those that left its group or session.

    All are stopped before the first is killed, so that none can fork meanwhile; the root last, so that
    descendants stay findable.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(root, signal.SIGSTOP)
    stopped: dict[int, psutil.Process] = {}
    while fresh := [p for p in descendants(root) if p.pid not in stopped]:
        for process in fresh:
            stopped[process.pid] = process
            with contextlib.suppress(psutil.Error):
                process.suspend()
    for process in stopped.values():
        with contextlib.suppress(psutil.Error):
            process.kill()
    with contextlib.suppress(ProcessLookupError):
        os.kill(root, signal.SIGKILL)


def end_adopted(known: frozenset[int]) -> None:
    """End what a dead child left to this process.

    Args:
        known: Children that are to live.
    """
    while left := children() - known:
        for pid in left:
            end_tree(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def descendants(root: int) -> list[psutil.Process]:
    """All processes below one."""
    try:
        return psutil.Process(root).children(recursive=True)
    except psutil.Error:
        return []


def n_killed_for_memory() -> int:
    """Processes that this machine's kernel has ended for want of memory since it started; 0 if it won't say."""
    with contextlib.suppress(OSError, ValueError), open("/proc/vmstat", "rb") as f:  # noqa: PTH123 - as above
        for line in f:
            if line.startswith(b"oom_kill "):
                return int(line.split()[1])
    return 0


class MemoryWatch:
    """Adds up the resident memory of a process and its descendants, whenever asked to look.

    Args:
        root: The process.
        limit_mib: What it may not exceed.
    """

    def __init__(self, root: int, limit_mib: float) -> None:
        self._root, self._limit_mib = root, limit_mib
        self._descendants: list[psutil.Process] = []
        self._next_listing = 0.0
        self.peak_mib = 0.0

    def is_over(self) -> bool:
        """Look once.

        Pages that several processes share count for each of them, until that would be too much: then the
        kernel is asked which are shared, which takes longer, and none counts twice.
        """
        self._list()
        pids = [self._root, *(p.pid for p in self._descendants)]
        used = sum(map(_resident_mib, pids))
        if used > self._limit_mib and len(pids) > 1:
            used = _distinct_mib(pids)
        self.peak_mib = max(self.peak_mib, used)
        return used > self._limit_mib

    def _list(self) -> None:
        now = time.monotonic()
        if now >= self._next_listing:
            self._descendants = descendants(self._root)
            took = time.monotonic() - now
            self._next_listing = now + max(LIST_EVERY, took / MOST_TIME_LISTING)


def _resident_mib(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/statm", "rb") as f:  # noqa: PTH123 - as above
            return int(f.read().split()[1]) * _PAGE_MIB
    except (OSError, IndexError):
        return 0.0


def _distinct_mib(pids: list[int]) -> float:
    """What a root and its descendants hold together, from below.

    The shares of all leave out what processes elsewhere, such as the forkserver, share with them; what the root
    holds, with what is each descendant's alone, leaves out what only descendants share. The greater is told.
    """
    root, *others = (_shares_mib(pid) for pid in pids)
    return max(
        root.proportional + sum(p.proportional for p in others), _resident_mib(pids[0]) + sum(p.own for p in others)
    )


class _Shares(NamedTuple):
    """MiB of a process that are its own, and those with its part of what it shares."""

    own: float
    proportional: float


def _shares_mib(pid: int) -> _Shares:
    try:
        memory = psutil.Process(pid).memory_full_info()
    except psutil.Error:
        return _Shares(0.0, 0.0)
    return _Shares(memory.uss / 2**20, memory.pss / 2**20)


_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20

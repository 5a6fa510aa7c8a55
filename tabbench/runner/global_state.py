"""What a fit may not leave behind in its process: another numpy, threads, open files, children, a muted output."""

from __future__ import annotations

import builtins
import math
import os
import random
import sys
import threading
import time
from types import ModuleType
from typing import Any

import numpy as np

from tabbench.runner.process_tree import has_children

MODULES = (np, np.linalg, np.random, builtins, math, os, random, time)
"""Modules that everybody uses, so that a change in one harms whoever fits next."""
MOST_NEW_FILES = 64
"""Files that a fit may leave open: libraries keep a few once they are loaded."""

_errors_of_numpy, _threads, _list_folder = np.geterr, threading.active_count, os.listdir
_folder, _file_facts, _namespace = os.getcwd, os.fstat, vars


class GlobalState:
    """How a process is before its first fit; it says what a fit has changed."""

    def __init__(self) -> None:
        modules = [*MODULES, *(m for name in ("pandas",) if isinstance(m := sys.modules.get(name), ModuleType))]
        self._modules = [(module, dict(vars(module))) for module in modules]
        self._errors, self._threads, self._here = _errors_of_numpy(), _threads(), _folder()
        self._n_files = _n_files()
        self._streams = [(stream, _identity(number)) for number, stream in ((1, sys.stdout), (2, sys.stderr))]

    def change(self) -> str | None:
        """What is no longer as it was, in words; None if all is."""
        for module, before in self._modules:
            now: dict[str, Any] = _namespace(module)
            for name, value in before.items():
                if now.get(name) is not value:
                    return f"it changed {module.__name__}.{name}"
        if _errors_of_numpy() != self._errors:
            return "it changed what numpy does on errors"
        if has_children():
            return "it left processes behind"
        if _threads() > self._threads:
            return "it left threads behind"
        if _n_files() > self._n_files + MOST_NEW_FILES:
            return "it left files open"
        return self._change_of_place()

    def _change_of_place(self) -> str | None:
        try:
            if _folder() != self._here:
                return "it changed the working folder"
        except OSError:
            return "it removed the working folder"
        now = [(stream, _identity(number)) for number, stream in ((1, sys.stdout), (2, sys.stderr))]
        if now != self._streams or any(stream is None or stream.closed for stream, _ in now):
            return "it closed or replaced its output"
        return None


def _identity(descriptor: int) -> tuple[int, int] | None:
    """What an open descriptor leads to; None if it is closed."""
    try:
        facts = _file_facts(descriptor)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _n_files() -> int:
    try:
        return len(_list_folder("/proc/self/fd"))
    except OSError:  # no /proc; or no descriptor is left, and then none to look with
        return 1 << 30 if os.path.isdir("/proc/self") else 0  # noqa: PTH112 - pathlib may need what is gone

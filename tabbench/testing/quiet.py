"""Catch what a library prints, from Python or below it."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def captured() -> Iterator[Callable[[], list[str]]]:
    """Send file descriptors 1 and 2 to a temporary file; what is handed back gives its lines so far."""
    with tempfile.TemporaryFile() as file:
        kept: list[str] = []
        is_open = True

        def lines() -> list[str]:
            return _read(file.fileno()) if is_open else kept

        sys.stdout.flush()
        sys.stderr.flush()
        saved = os.dup(1), os.dup(2)
        outer = sys.stdout, sys.stderr
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            with open(1, "w", closefd=False, buffering=1) as inner:
                sys.stdout = sys.stderr = inner
                yield lines
        finally:
            sys.stdout, sys.stderr = outer
            for descriptor, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, descriptor)
                os.close(copy)
            kept = _read(file.fileno())
            is_open = False


def _read(descriptor: int) -> list[str]:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode(errors="replace").splitlines()

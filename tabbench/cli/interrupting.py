"""Ctrl-C in the middle of a query, for whose end Python's own handler waits."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from tabbench.cli.main import EXIT_INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def leave() -> NoReturn:
    """End the process, of which nothing is lost."""
    sys.stderr.write("Stopped.\n")
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)


@contextmanager
def on_interrupt(deed: Callable[[], object]) -> Iterator[None]:
    """Do something at once on Ctrl-C, from another thread, in place of what Python does.

    Raises:
        KeyboardInterrupt: At the end, if it was pressed and the deed ended nothing.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    pressed = threading.Event()

    def wait() -> None:
        while signal.SIGINT in ours.recv(1):
            pressed.set()
            deed()

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    file = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        signal.set_wakeup_fd(file)
        theirs.close()
        waiting.join()
        ours.close()
    if pressed.is_set():
        raise KeyboardInterrupt

"""Ctrl-C in the middle of a query, for whose end Python's own handler waits."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from tabbench.cli.main import EXIT_INTERRUPTED
from tabbench.runner.interrupts import heard_interrupts, is_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS_TO_NEXT = 0.1
"""Until it is tried again: what is to be ended may not have begun."""


def leave() -> NoReturn:
    """End the process, of which nothing is lost."""
    sys.stderr.write("Stopped.\n")
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)


@contextmanager
def on_interrupt(deed: Callable[[], object]) -> Iterator[None]:
    """On Ctrl-C do something at once, from another thread, and again until the block is over.

    Raises:
        KeyboardInterrupt: At the end, if it was pressed and the block came to its end all the same.
    """
    pressed, is_over = threading.Event(), threading.Event()
    with heard_interrupts() as heard:

        def wait() -> None:
            while not is_over.is_set():
                if pressed.is_set() or is_interrupt(heard):
                    pressed.set()
                    deed()
                    is_over.wait(SECONDS_TO_NEXT)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        try:
            yield
        finally:
            is_over.set()
            heard.shutdown(socket.SHUT_RDWR)
            waiting.join()
    if pressed.is_set():
        raise KeyboardInterrupt

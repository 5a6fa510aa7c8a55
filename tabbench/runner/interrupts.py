"""Ctrl-C as something that is waited for, and not an exception in the middle of whatever is being done."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def heard_interrupts() -> Iterator[socket.socket]:
    """A socket that becomes readable at a signal, which `is_interrupt` tells apart; Ctrl-C raises nothing meanwhile.

    In another thread than the main one, which hears no signal, it never does.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with ours, theirs:
        if threading.current_thread() is not threading.main_thread():
            yield ours
            return
        file = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        handler = signal.signal(signal.SIGINT, lambda _number, _frame: None)
        try:
            yield ours
        finally:
            signal.signal(signal.SIGINT, handler)
            signal.set_wakeup_fd(file)


def is_interrupt(heard: socket.socket) -> bool:
    """Whether what was heard holds a Ctrl-C; another signal that somebody handles is heard too, and is none."""
    return signal.SIGINT in heard.recv(64)


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Ctrl-C is raised when the block is over: for code of others that takes it for an error of theirs."""
    with heard_interrupts() as heard:
        yield
        heard.setblocking(False)
        is_pressed = False
        with suppress(BlockingIOError):
            is_pressed = is_interrupt(heard)
    if is_pressed:
        raise KeyboardInterrupt

"""What runs inside a forked process that fits: answer requests, and say whether the fit left all as it was."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabbench.runner.global_state import GlobalState
from tabbench.runner.process_tree import adopt_orphans, be_first_to_go, die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tabbench.tuning.rungs import Rung

    Answer = Callable[[Any, Callable[[Rung], bool]], Any]


@dataclass(frozen=True, eq=False)
class Served:
    """An answer, and what the fit changed that outlives it: None if another may follow in this process."""

    result: Any
    change: str | None


def become_child(supervisor: int, output: int) -> None:
    """A group of its own, gone with the supervisor, deaf to Ctrl-C, printing into our pipe."""
    os.setpgid(0, 0)
    die_with_parent(supervisor)
    adopt_orphans()
    be_first_to_go()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def serve(connection: Connection, answer: Answer) -> None:
    """Answer requests until the connection is closed."""

    def is_hopeless(rung: Rung) -> bool:
        connection.send(rung)
        return bool(connection.recv())

    state = GlobalState()
    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        result = answer(request, is_hopeless)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or replaced by who knows what
                stream.flush()
        connection.send(Served(result, state.change()))

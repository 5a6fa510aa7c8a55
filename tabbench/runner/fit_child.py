"""Handle of a process that fits: forked, watched, and killed from outside when it does not behave.

The supervisor never fits, so forking it is safe. Its child serves trial after trial while it behaves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from tabbench.runner.fit_process import Served, become_child, serve
from tabbench.runner.process_tree import MemoryWatch, children, end_adopted, end_tree, n_killed_for_memory
from tabbench.tuning.rungs import Rung

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tabbench.runner.fit_process import Answer
    from tabbench.runner.fitting import FitFailure, FitReply

LOG_BYTES = 8_192
HARD_LIMIT_GRACE = 0.5
"""Seconds after the limit at which a fit that ignores its deadline is killed."""
LOOK_EVERY = 0.025
"""Seconds between two looks at the memory of a fit that has a limit."""
LIVES_EVERY = 0.5
"""Seconds between two looks whether a fit lives: what it left running keeps its connection open."""


class Cause(StrEnum):
    """What ended a fit child without an answer.

    time, memory: We killed it, over a limit.
    silence: We killed it, since it had closed its connection and went on.
    signal: Somebody else's signal, or its own.
    out_of_memory: The kernel, as far as can be told, because the machine's memory ran out.
    exit: It left by itself.
    """

    TIME = "time"
    MEMORY = "memory"
    SILENCE = "silence"
    SIGNAL = "signal"
    OUT_OF_MEMORY = "out_of_memory"
    EXIT = "exit"


@dataclass(frozen=True)
class Death:
    """A fit child that ended without an answer.

    Attributes:
        signal_name: Of a signal that ended it, ours or another's.
        exit_code: Where it exited by itself.
    """

    cause: Cause
    signal_name: str | None = None
    exit_code: int | None = None


class StopRequested(Exception):  # noqa: N818 - not an error: the run was asked to stop
    """The run was stopped, or its parent is gone."""


@dataclass(frozen=True)
class Outcome:
    """What became of one request, how long it took, and the end of what was printed meanwhile.

    Attributes:
        rungs: What the pruner was shown: all that is known of the curve of a fit that did not end well.
        peak_memory_mib: Highest memory of the process and its descendants, as far as it was watched or has ended.
    """

    result: FitReply | FitFailure | Death
    seconds: float
    log: str
    nth_in_child: int
    rungs: tuple[Rung, ...] = ()
    peak_memory_mib: float | None = None


class FitChild:
    """Handle of one forked process that answers fit requests.

    Args:
        answer: Called in the child for each request, with a way to ask the supervisor's pruner meanwhile.
        watch: Connections of the supervisor: when one becomes readable the run is to stop.
        memory_mib: What the process and its descendants may use together; None for no limit.
    """

    def __init__(self, answer: Answer, watch: Sequence[Connection] = (), memory_mib: float | None = None) -> None:
        self._watch, self._memory_mib = list(watch), memory_mib
        self._siblings, self._n_killed_before = children(), n_killed_for_memory()
        self._connection, theirs = Pipe()
        self._output, their_output = os.pipe()
        self.n_fits = 0
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                become_child(supervisor, their_output)
                serve(theirs, answer)
                code = 0
            except SystemExit as leaving:  # a plugin that calls sys.exit
                code = leaving.code if isinstance(leaving.code, int) else 1
            finally:
                os._exit(code)
        theirs.close()
        os.close(their_output)
        os.set_blocking(self._output, False)
        self._is_alive, self._is_clean, self._is_mute = True, True, False
        self._peak_mib: float | None = None

    def ask(
        self, request: Any, hard_seconds: float | None, is_hopeless: Callable[[Rung], bool] = lambda _: False
    ) -> Outcome:
        """Send a request and wait for the answer, the child's death or its time.

        Args:
            request: What to fit.
            hard_seconds: Until the child is killed.
            is_hopeless: Asked whenever a watched fit reaches a rung, while the fit waits.

        Raises:
            StopRequested: If one of the watched connections has news; the child is then dead.
        """
        self.n_fits += 1
        log = bytearray()
        start = time.perf_counter()
        rungs: list[Rung] = []

        def show(rung: Rung) -> bool:
            rungs.append(rung)
            return is_hopeless(rung)

        result = self._await_reply(request, hard_seconds, show, log)
        seconds = time.perf_counter() - start
        self._drain(log)
        if isinstance(result, Served):
            result = self._keep_or_end(result, log)
        return Outcome(result, seconds, log.decode(errors="replace"), self.n_fits, tuple(rungs), self._peak_mib)

    def _keep_or_end(self, served: Served, log: bytearray) -> Any:
        """Keep the child for the next fit if this one left it as it was."""
        self._is_clean = served.change is None
        if served.change is not None:
            log += f"\n[tabbench: {served.change}; the next fit has a fresh process]\n".encode()
            peak = self._peak_mib
            self.kill()
            self._peak_mib = peak  # of this fit, not of all
        return served.result

    def _await_reply(
        self, request: Any, hard_seconds: float | None, is_hopeless: Callable[[Rung], bool], log: bytearray
    ) -> Any:
        end = None if hard_seconds is None else time.monotonic() + hard_seconds
        memory = None if self._memory_mib is None else MemoryWatch(self.pid, self._memory_mib)
        self._is_clean, self._peak_mib = False, None
        try:
            self._connection.send(request)
            while True:
                has_ended = self._has_ended()  # before the connection is looked at, which then holds all that it sent
                if not has_ended and (limit := _limit_reached(end, memory)):
                    return self._killed(limit, memory)
                left = 0.0 if has_ended else _until_next_look(end, memory)
                ready = wait([self._connection, *([] if self._is_mute else [self._output]), *self._watch], left)
                if self._output in ready:
                    self._drain(log)
                if self._connection in ready:
                    message = self._heard()
                    if not isinstance(message, Rung):
                        self._peak_mib = None if memory is None else memory.peak_mib
                        return message
                    self._connection.send(is_hopeless(message))
                elif has_ended:
                    return self._reap()
                if any(connection in ready for connection in self._watch):
                    self.kill()
                    raise StopRequested
        except (EOFError, ConnectionError):
            return self._reap()

    def _heard(self) -> object:
        """What the child says; one that dies in the middle of it has said nothing."""
        try:
            return self._connection.recv()
        except OSError as error:
            raise EOFError from error

    def _has_ended(self) -> bool:
        """Whether the child is dead; it is not reaped yet."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _drain(self, log: bytearray) -> None:
        """Read what was printed and keep its end."""
        try:
            while chunk := os.read(self._output, 65_536):
                log += chunk
                del log[:-LOG_BYTES]
            self._is_mute = True  # every descriptor of it was closed
        except BlockingIOError:
            pass

    def _killed(self, cause: Cause, memory: MemoryWatch | None = None) -> Death:
        self.kill()
        if memory is not None:
            self._peak_mib = max(memory.peak_mib, self._peak_mib or 0.0)
        return Death(cause, "SIGKILL")

    def _reap(self) -> Death:
        """The child ended or closed its end: it is dead or dying; give it a second, then make sure."""
        status = self._wait_for(1.0)
        if status is None:
            return self._killed(Cause.SILENCE)
        self._end_group()
        end_adopted(self._siblings)
        self._is_alive = False
        if not os.WIFSIGNALED(status):
            return Death(Cause.EXIT, exit_code=os.WEXITSTATUS(status))
        name = _signal_name(os.WTERMSIG(status))
        ran_out = name == "SIGKILL" and n_killed_for_memory() > self._n_killed_before
        return Death(Cause.OUT_OF_MEMORY if ran_out else Cause.SIGNAL, name)

    def _wait_for(self, seconds: float) -> int | None:
        end = time.monotonic() + seconds
        while True:
            done, status, usage = os.wait4(self.pid, os.WNOHANG)
            if done:
                self._peak_mib = _peak_mib(usage.ru_maxrss)
                return status
            if time.monotonic() > end:
                return None
            time.sleep(0.002)

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked again."""
        return self._is_alive

    def kill(self) -> None:
        """End the child and all it started."""
        if self._is_alive:
            if not self._is_clean:
                end_tree(self.pid)
            self._end_group()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            _, _, usage = os.wait4(self.pid, 0)
            self._peak_mib = _peak_mib(usage.ru_maxrss)
            if not self._is_clean:
                end_adopted(self._siblings)
            self._is_alive = False

    def close(self) -> None:
        """End the child and free its pipes."""
        self.kill()
        self._connection.close()
        os.close(self._output)

    def _end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it died before it had a group, or all of it is gone
            os.killpg(self.pid, signal.SIGKILL)


def _limit_reached(end: float | None, memory: MemoryWatch | None) -> Cause | None:
    if end is not None and time.monotonic() >= end:
        return Cause.TIME
    return Cause.MEMORY if memory is not None and memory.is_over() else None


def _until_next_look(end: float | None, memory: MemoryWatch | None) -> float:
    """Seconds."""
    every = LIVES_EVERY if memory is None else LOOK_EVERY
    return every if end is None else max(0.0, min(every, end - time.monotonic()))


def _peak_mib(maxrss: int) -> float:
    """What the kernel says that a process had at most: in KiB, on macOS in bytes."""
    return maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # one of the real-time signals, most of which have no name
        return f"signal {number}"

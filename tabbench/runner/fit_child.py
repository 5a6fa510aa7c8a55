"""A process that fits: forked, watched, and killed from outside when it does not behave.

The supervisor never fits, so forking it is safe. Its child serves trial after trial while it behaves.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from tabbench.tuning.rungs import Rung

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tabbench.runner.fitting import FitFailure, FitReply, FitRequest

    Answer = Callable[[FitRequest, Callable[[Rung], bool]], Any]

LOG_BYTES = 8_192
PR_SET_PDEATHSIG = 1
HARD_LIMIT_GRACE = 0.5
"""Seconds after the limit at which a fit that ignores its deadline is killed."""


@dataclass(frozen=True)
class Death:
    """A fit child that ended without an answer.

    Attributes:
        is_ours: We killed it, for its time.
        signal_name: Of a signal that ended it, ours or another's.
        exit_code: Where it exited by itself.
    """

    is_ours: bool
    signal_name: str | None
    exit_code: int | None


class StopRequested(Exception):  # noqa: N818 - not an error: the run was asked to stop
    """The run was stopped, or its parent is gone."""


@dataclass(frozen=True)
class Outcome:
    """What became of one request, how long it took, and the end of what was printed meanwhile.

    Attributes:
        rungs: What the pruner was shown: all that is known of the curve of a fit that did not end well.
    """

    result: FitReply | FitFailure | Death
    seconds: float
    log: str
    nth_in_child: int
    rungs: tuple[Rung, ...] = ()


class FitChild:
    """Handle of one forked process that answers fit requests.

    Args:
        answer: Called in the child for each request, with a way to ask the supervisor's pruner meanwhile.
        watch: Connections of the supervisor: when one becomes readable the run is to stop.
    """

    def __init__(self, answer: Answer, watch: Sequence[Connection] = ()) -> None:
        self._watch = list(watch)
        self._connection, theirs = Pipe()
        self._output, their_output = os.pipe()
        self.n_fits = 0
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            code = 0
            try:
                _become_child(supervisor, their_output)
                _serve(theirs, answer)
            except SystemExit as leaving:  # a plugin that calls sys.exit
                code = leaving.code if isinstance(leaving.code, int) else 1
            finally:
                os._exit(code)
        theirs.close()
        os.close(their_output)
        os.set_blocking(self._output, False)
        self._is_alive = True

    def ask(
        self, request: FitRequest, hard_seconds: float | None, is_hopeless: Callable[[Rung], bool] = lambda _: False
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
        return Outcome(result, seconds, log.decode(errors="replace"), self.n_fits, tuple(rungs))

    def _await_reply(
        self, request: FitRequest, hard_seconds: float | None, is_hopeless: Callable[[Rung], bool], log: bytearray
    ) -> Any:
        end = None if hard_seconds is None else time.monotonic() + hard_seconds
        try:
            self._connection.send(request)
            while True:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return self._killed()
                ready = wait([self._connection, self._output, *self._watch], left)
                if self._output in ready:
                    self._drain(log)
                if self._connection in ready:
                    message = self._connection.recv()
                    if not isinstance(message, Rung):
                        return message
                    self._connection.send(is_hopeless(message))
                if any(connection in ready for connection in self._watch):
                    self.kill()
                    raise StopRequested
        except (EOFError, ConnectionError):
            return self._reap()

    def _drain(self, log: bytearray) -> None:
        """Read what was printed and keep its end."""
        try:
            while chunk := os.read(self._output, 65_536):
                log += chunk
                del log[:-LOG_BYTES]
        except BlockingIOError:
            pass

    def _killed(self) -> Death:
        self.kill()
        return Death(is_ours=True, signal_name="SIGKILL", exit_code=None)

    def _reap(self) -> Death:
        """The child closed its end: it is dead or dying; give it a second, then make sure."""
        status = _wait_for(self.pid, 1.0)
        if status is None:
            return self._killed()
        self._end_group()
        self._is_alive = False
        if os.WIFSIGNALED(status):
            return Death(is_ours=False, signal_name=signal.Signals(os.WTERMSIG(status)).name, exit_code=None)
        return Death(is_ours=False, signal_name=None, exit_code=os.WEXITSTATUS(status))

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked again."""
        return self._is_alive

    def kill(self) -> None:
        """End the child and all it started."""
        if self._is_alive:
            self._end_group()
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._is_alive = False

    def close(self) -> None:
        """End the child and free its pipes."""
        self.kill()
        self._connection.close()
        os.close(self._output)

    def _end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):  # it died before it had a group, or all of it is gone
            os.killpg(self.pid, signal.SIGKILL)


def _wait_for(pid: int, seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        if time.monotonic() > end:
            return None
        time.sleep(0.002)


def _become_child(supervisor: int, output: int) -> None:
    """A group of its own, gone with the supervisor, deaf to Ctrl-C, printing into our pipe."""
    os.setpgid(0, 0)
    die_with_parent(supervisor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies, and check that it has not died already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _serve(connection: Connection, answer: Answer) -> None:
    def is_hopeless(rung: Rung) -> bool:
        connection.send(rung)
        return bool(connection.recv())

    while True:
        try:
            request = connection.recv()
        except EOFError:
            return
        result = answer(request, is_hopeless)
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(result)

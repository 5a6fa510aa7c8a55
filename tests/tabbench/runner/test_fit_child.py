"""A process that fits is ended from outside with all that it started, and replaced when it is not what it was."""

from __future__ import annotations

import faulthandler
import os
import signal
import struct
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from tabbench.runner.fit_child import Cause, Death, FitChild
from tabbench.tuning.rungs import Rung

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tabbench.runner.fit_child import Outcome

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def asked(deed: Callable[[], object], seconds: float | None = None, memory_mib: float | None = None) -> Outcome:
    """What becomes of a deed in a child of its own."""
    child = FitChild(lambda _request, _is_hopeless: deed(), memory_mib=memory_mib)
    try:
        return child.ask(None, seconds)  # type: ignore[arg-type]  # the deed needs no request
    finally:
        child.close()


def note_own_id(file: Path) -> None:
    with file.open("a") as f:
        f.write(f"{os.getpid()}\n")


def is_running(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_gone(pid: int) -> bool:
    end = time.monotonic() + 5  # it is killed before the answer; that takes the kernel a moment
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_running(pid)


@pytest.fixture
def ids(tmp_path: Path) -> Iterator[Path]:
    """A file in which processes note their ids; they are ended after the test, however it went."""
    file = tmp_path / "ids"
    file.touch()
    yield file
    for pid in map(int, file.read_text().split()):
        if is_running(pid):
            os.kill(pid, signal.SIGKILL)


def test_memory_is_watched_from_outside_and_the_peak_is_told():
    def eat():
        held = []
        while True:
            held.append(np.ones(2_000_000))  # 15 MiB

    limit = psutil.Process().memory_info().rss / 2**20 + 200
    outcome = asked(eat, seconds=60, memory_mib=limit)
    assert outcome.result == Death(Cause.MEMORY, "SIGKILL")
    assert limit < outcome.peak_memory_mib < limit + 2_000


@linux_only
def test_memory_of_what_a_fit_starts_counts():
    def eat_in_children():
        pids = [os.fork() for _ in range(1)]
        if 0 in pids:
            held = np.ones(80_000_000)  # 610 MiB
            time.sleep(60 + held[0])
        time.sleep(60)

    limit = psutil.Process().memory_info().rss / 2**20 + 150
    outcome = asked(eat_in_children, seconds=50, memory_mib=limit)
    assert outcome.result.cause is Cause.MEMORY


def test_memory_under_the_limit_is_left_alone():
    limit = psutil.Process().memory_info().rss / 2**20 + 500
    outcome = asked(lambda: float(np.ones(2_000_000).sum()), memory_mib=limit)
    assert outcome.result == 2_000_000


def hide(file: Path) -> None:
    """Leave a process behind that forked twice into a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            note_own_id(file)
            time.sleep(600)
        os._exit(0)
    while not file.read_text():
        time.sleep(0.01)


@pytest.mark.slow
@linux_only
@pytest.mark.parametrize("ending", ["sleeps", "returns"])
def test_nothing_that_left_the_group_survives(ending, ids):
    def deed():
        hide(ids)
        if ending == "sleeps":
            time.sleep(600)

    outcome = asked(deed, seconds=30 if ending == "returns" else 2)
    assert (outcome.result is None) == (ending == "returns")
    assert is_gone(int(ids.read_text()))


def test_a_child_that_ignores_every_signal_it_can_is_ended():
    def deed():
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)

    start = time.monotonic()
    assert asked(deed, seconds=0.3).result == Death(Cause.TIME, "SIGKILL")
    assert time.monotonic() - start < 5


DEEDS: dict[str, Callable[[], object]] = {
    "changed numpy.mean": lambda: setattr(np, "mean", len),
    "what numpy does on errors": lambda: np.seterr(all="raise"),
    "left threads": lambda: threading.Thread(target=time.sleep, args=(60,), daemon=True).start(),
    "left files open": lambda: globals().setdefault("_held", [os.open(os.devnull, os.O_RDONLY) for _ in range(200)]),
    "working folder": lambda: os.chdir("/"),
    "closed or replaced its output": lambda: (os.close(1), os.close(2)),
    "left processes": lambda: os.fork() or time.sleep(60),
}


@pytest.mark.parametrize("told", DEEDS)
def test_a_fit_that_leaves_its_process_changed_is_answered_and_the_process_replaced(told):
    child = FitChild(lambda _request, _is_hopeless: DEEDS[told]() and None)
    outcome = child.ask(None, 30)  # type: ignore[arg-type]
    assert outcome.result is None
    assert told in outcome.log
    assert not child.is_alive
    child.close()


def test_a_fit_that_behaves_keeps_its_process():
    child = FitChild(lambda _request, _is_hopeless: os.getpid())
    pids = {child.ask(None, 30).result for _ in range(3)}  # type: ignore[arg-type]
    assert pids == {child.pid}
    assert child.is_alive
    child.close()


@pytest.mark.slow
def test_closing_every_file_ends_the_process_and_not_the_supervisor():
    def deed():
        os.closerange(0, 1000)
        time.sleep(60)

    outcome = asked(deed, seconds=30)
    assert outcome.result == Death(Cause.SILENCE, "SIGKILL")
    assert outcome.seconds < 10


def leave_process(file: Path) -> None:
    """Start a process that outlives its parent and holds all files that it had open."""
    if os.fork() == 0:
        note_own_id(file)
        time.sleep(60)
        os._exit(0)
    while not file.read_text():
        time.sleep(0.001)


def crash() -> None:
    faulthandler.disable()  # which would print pytest's stack
    os.kill(os.getpid(), signal.SIGSEGV)


@pytest.mark.parametrize("limit", [None, 5])
@pytest.mark.parametrize(
    ("end", "death"),
    [(crash, Death(Cause.SIGNAL, "SIGSEGV")), (lambda: os._exit(7), Death(Cause.EXIT, exit_code=7))],
)
def test_the_end_of_a_fit_is_noticed_though_a_process_that_it_left_lives_on(end, death, limit, ids):
    outcome = asked(lambda: (leave_process(ids), end()), limit)
    assert outcome.result == death
    assert outcome.seconds < 2
    assert is_gone(int(ids.read_text()))


def test_an_end_in_the_middle_of_an_answer_is_an_end():
    def break_off():
        serving = next(frame for frame, _line in traceback.walk_stack(None) if frame.f_code.co_name == "serve")
        file = serving.f_locals["connection"].fileno()
        os.write(file, struct.pack("!i", 1_000) + b"a thousand bytes, of which these come")
        os._exit(7)

    assert asked(break_off, 60).result == Death(Cause.EXIT, exit_code=7)


def test_an_answer_that_was_sent_before_the_end_is_kept(ids, tmp_path):
    is_asked = tmp_path / "asked"

    def answer(_request, is_hopeless):
        leave_process(ids)
        threading.Thread(target=is_hopeless, args=(Rung(1, 0.5),), daemon=True).start()
        while not is_asked.exists():
            time.sleep(0.001)
        return "an answer"

    def end_it(_rung):
        is_asked.touch()
        time.sleep(1)  # by then it has sent its answer
        os.kill(child.pid, signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        return False

    child = FitChild(answer)
    outcome = child.ask(None, 5, end_it)  # type: ignore[arg-type]
    child.close()
    assert outcome.result == "an answer"
    assert outcome.rungs == (Rung(1, 0.5),)

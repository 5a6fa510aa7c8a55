"""Ctrl-C is heard in the middle of a query."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import hydra
import pytest
from hydra.errors import HydraException
from synthetic_store import make_store

from tabbench.cli.interrupting import on_interrupt
from tabbench.cli.main import EXIT_INTERRUPTED
from tabbench.runner.compose import compose_settings
from tabbench.store.query import ReadOnlyDatabase

if TYPE_CHECKING:
    from pathlib import Path

ENDLESS = "SELECT sum(a.range * b.range) FROM range(10_000_000) a, range(10_000_000) b"


def test_a_query_is_interrupted_and_the_next_one_answered(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", models=("gbdt", "net"), tasks=("bundled/alpha",))
    with ReadOnlyDatabase(store) as database:
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt), on_interrupt(database.interrupt):
            list(database.ask(ENDLESS))
        (answer,) = database.ask("SELECT 1 AS one")
    assert answer.rows == [(1,)]


def test_what_could_not_be_ended_is_interrupted_at_its_end() -> None:
    with pytest.raises(KeyboardInterrupt), on_interrupt(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)


def test_what_python_did_with_signals_it_does_again() -> None:
    before = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before)
    handler, n_threads = signal.getsignal(signal.SIGINT), threading.active_count()
    with on_interrupt(lambda: None):
        pass
    assert signal.getsignal(signal.SIGINT) is handler
    assert signal.set_wakeup_fd(before) == before
    assert threading.active_count() == n_threads


def test_hydra_takes_no_interrupt_for_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    compose = hydra.compose

    def interrupted(*arguments: Any, **options: Any) -> Any:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt as error:  # as libraries do that catch all
            raise HydraException("ConfigKeyError") from error
        return compose(*arguments, **options)

    monkeypatch.setattr(hydra, "compose", interrupted)
    with pytest.raises(KeyboardInterrupt):
        compose_settings(["suite=quickstart"])
    monkeypatch.undo()
    assert compose_settings(["suite=quickstart"]).suite == "quickstart"


@pytest.mark.slow
@pytest.mark.parametrize("verb", [["sql", ENDLESS], ["rank"]])
def test_a_verb_that_reads_ends_at_once(verb: list[str], tmp_path: Path) -> None:
    store = make_store(tmp_path / "store", models=("gbdt", "net"), tasks=("bundled/alpha",))
    command = [sys.executable, "-m", "tabbench.cli.main", *verb, "--store", str(store.root)]
    for seconds in (0.7, 1.5):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)  # of none that has ended
            told = process.communicate(timeout=10)[1]
        finally:
            process.kill()
            process.communicate()
        assert "Traceback" not in told
        assert process.returncode in (0, EXIT_INTERRUPTED, -signal.SIGINT)

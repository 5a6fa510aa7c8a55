"""Run the conformance suite in a process of its own, which a plugin may crash or hang."""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.discovery import load_model, require_libraries
from tabbench.errors import PluginError, TabbenchError
from tabbench.testing.case import CASES, CaseReport, Outcome, Report
from tabbench.testing.check import run_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tabbench.discovery import ModelSource

MOST_SECONDS = 120.0
"""After so long without an answer a case counts as hung."""


@dataclass(frozen=True)
class _Refused:
    """The plugin cannot be loaded, and why."""

    message: str


def _answer(source: ModelSource, names: list[str], connection: Connection) -> None:
    """In the child: load the plugin, run the cases, send each report; None when all is done."""
    try:
        model = load_model(source)
        require_libraries(model.card)
    except TabbenchError as error:
        connection.send(_Refused(str(error)))
        return
    connection.send("loaded")
    for name in names:
        connection.send(run_case(model, CASES[name]))
    connection.send(None)


def check_apart(source: ModelSource, each: Callable[[CaseReport], None] = lambda _report: None) -> Report:
    """Like `check_model`; a case that ends or hangs the process fails, and the others still run.

    Args:
        source: Where the model is.
        each: Called with every case's report as it comes.

    Raises:
        PluginError: If the model cannot be loaded, or a library it requires is missing.
    """
    reports: list[CaseReport] = []
    names = list(CASES)
    while len(reports) < len(names):
        found, reason = _run_child(source, names[len(reports) :], each)
        reports += found
        if reason and len(reports) < len(names):
            lost = CaseReport(CASES[names[len(reports)]], Outcome.FAILED, reason, 0.0)
            reports.append(lost)
            each(lost)
    return Report(source.name, tuple(reports))


def _run_child(
    source: ModelSource, names: list[str], each: Callable[[CaseReport], None]
) -> tuple[list[CaseReport], str]:
    """Reports of the cases that came to an end, and why the child did not if it did not."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(source, names, theirs), daemon=True)
    child.start()
    theirs.close()
    is_loaded, reports = False, list[CaseReport]()
    try:
        while ours.poll(MOST_SECONDS):
            answer = ours.recv()
            if answer is None:
                return reports, ""
            if isinstance(answer, _Refused):
                raise PluginError(answer.message)
            if isinstance(answer, CaseReport):
                reports.append(answer)
                each(answer)
            is_loaded = True
        reason = f"it gave no answer within {MOST_SECONDS:.0f} s"
    except (EOFError, OSError):  # OSError: it died in the middle of a report
        child.join()
        reason = f"it ended the process ({_ending(child.exitcode)})"
    finally:
        child.kill()
        child.join()
        ours.close()
    if not is_loaded:
        raise PluginError(f"The model file {source.path} cannot be imported: {reason}. A plugin must only define.")
    return reports, reason


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"

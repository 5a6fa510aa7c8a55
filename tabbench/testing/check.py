"""Run every conformance case on a model."""

from __future__ import annotations

import time
import traceback
import warnings
from typing import TYPE_CHECKING

from tabbench.discovery import ModelSource, load_model
from tabbench.testing import manners, predicting, statement, training
from tabbench.testing.case import CASES, Case, CaseReport, NotApplicable, Outcome, Report, Unmet
from tabbench.testing.quiet import captured

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.model import Model

MODULES = (statement, predicting, training, manners)
"""Where the cases are; importing them registers them."""


def run_case(model: type[Model], case: Case) -> CaseReport:
    """Run one case; whatever the plugin raises or prints ends up in its message or nowhere."""
    started = time.monotonic()
    outcome, told = Outcome.PASSED, ""
    try:
        with captured(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.check(model)
    except NotApplicable as reason:
        outcome, told = Outcome.SKIPPED, str(reason)
    except Unmet as unmet:
        outcome, told = Outcome.FAILED, str(unmet)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin under test may raise anything; it fails the case
        outcome, told = Outcome.FAILED, _story(error)
    return CaseReport(case, outcome, told, time.monotonic() - started)


def _story(error: BaseException) -> str:
    """The plugin's error and its innermost line outside of this package."""
    last = traceback.format_exception_only(error)[-1].strip()
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if "/tabbench/testing/" not in frame.filename.replace("\\", "/")]
    return f"{last} ({theirs[0].filename}:{theirs[0].lineno} in {theirs[0].name})" if theirs else last


def check_model(
    model: ModelSource | type[Model],
    only: str | None = None,
    each: Callable[[CaseReport], None] = lambda _report: None,
) -> Report:
    """Run the conformance suite.

    Args:
        model: A class, or where one is.
        only: The name of one case, to run that alone.
        each: Called with every case's report as it comes.

    Raises:
        PluginError: If the model's file cannot be loaded.
        KeyError: If no case is called `only`.
    """
    plugin = load_model(model) if isinstance(model, ModelSource) else model
    reports = []
    for case in CASES.values() if only is None else [CASES[only]]:
        reports.append(run_case(plugin, case))
        each(reports[-1])
    return Report(plugin.card.name, tuple(reports))

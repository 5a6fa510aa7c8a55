from pathlib import Path

import pytest

from tabbench.discovery import resolve_models
from tabbench.errors import PluginError
from tabbench.testing import CASES, Outcome, apart, check_apart

PLUGIN = """
import os, signal, sys, time
import numpy as np
from tabbench.estimator import from_estimator
from tabbench.model import Kind
MODEL = from_estimator(regressor="sklearn.dummy.DummyRegressor", name="mine", kind=Kind.BASELINE)
"""


def write(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(PLUGIN + text)
    return str(path)


def ending_in(case: str, deed: str) -> str:
    """A plugin that does a deed when it sees the table of one case."""
    return f"""
whole = MODEL.fit
def fit(self, train, valid, params, context):
    if {case}:
        {deed}
    whole(self, train, valid, params, context)
MODEL.fit = fit
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deed", "message"),
    [
        ("os._exit(3)", "it ended the process (exit code 3)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "it ended the process (signal SIGSEGV)"),
        ("sys.exit(1)", "SystemExit: 1"),
        ("time.sleep(60)", "it gave no answer within 5 s"),
        ("os.write(1, b'line\\n' * 100_000)", "it printed 100000 lines"),
    ],
)
def test_a_case_that_ends_the_process_fails_and_the_others_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, message: str
) -> None:
    if "sleep" in deed:
        monkeypatch.setattr(apart, "MOST_SECONDS", 5.0)
    constant_column = "(train.X.nunique() == 1).any() and train.X.shape[1] == 6"
    source = resolve_models([write(tmp_path, ending_in(constant_column if "line" not in deed else "True", deed))])[0]
    seen = []
    report = check_apart(source, seen.append)
    assert [r.case.name for r in report.cases] == [r.case.name for r in seen] == list(CASES)
    assert [message in r.message for r in report.failed] == [True]


@pytest.mark.parametrize(
    ("text", "message"),
    [("os._exit(5)", r"cannot be imported: it ended the process \(exit code 5\)"), ("1 / 0", "ZeroDivisionError")],
)
def test_a_file_that_cannot_be_imported_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        check_apart(resolve_models([write(tmp_path, text)])[0])


@pytest.mark.slow
def test_outcomes_come_back_whole(tmp_path: Path) -> None:
    report = check_apart(resolve_models([write(tmp_path, "")])[0])
    assert report.is_conforming, str(report)
    assert {r.outcome for r in report.cases} == {Outcome.PASSED, Outcome.SKIPPED}
    assert report.summary.startswith("mine: ")

"""The conformance suite: what every model must do, for our tests and for those who write plugins."""

from tabbench.testing.apart import check_apart
from tabbench.testing.case import CASES, Case, CaseReport, NotApplicable, Outcome, Report, Unmet
from tabbench.testing.check import check_model, run_case

__all__ = [
    "CASES", "Case", "CaseReport", "NotApplicable", "Outcome", "Report", "Unmet", "check_apart", "check_model",
    "run_case",
]  # fmt: skip

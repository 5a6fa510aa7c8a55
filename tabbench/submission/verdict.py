"""What came of checking a bundle: findings that are counted by kind, and one word."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tabbench.submission.bundle import printable

MOST_EXAMPLES = 3


class Severity(StrEnum):
    """What a finding means for the bundle.

    false: what it says is not so.
    missing: it does not say all that it must, or it could not be checked here.
    note: for a maintainer to know.
    """

    FALSE = "false"
    MISSING = "missing"
    NOTE = "note"


class Verdict(StrEnum):
    """The one word."""

    VERIFIED = "verified"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"


@dataclass
class Finding:
    """Everything of one kind that was found.

    Attributes:
        check: The kind.
        n: How often.
        examples: The first few, each with where it is.
    """

    severity: Severity
    check: str
    n: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What a maintainer is told.

    Attributes:
        n_jobs, n_trials: In the bundle.
        n_scored: Trials whose every score was computed again from their predictions.
        n_rerun: Trials that were fitted again.
    """

    findings: dict[tuple[Severity, str], Finding] = field(default_factory=dict)
    n_jobs: int = 0
    n_trials: int = 0
    n_scored: int = 0
    n_rerun: int = 0

    def add(self, severity: Severity, check: str, message: str, where: str = "") -> None:
        """Note one thing; of a kind all are counted and the first few are kept."""
        found = self.findings.setdefault((severity, check), Finding(severity, check))
        found.n += 1
        if len(found.examples) < MOST_EXAMPLES:
            found.examples.append(printable(f"{where}: {message}" if where else message, 300))

    def of(self, severity: Severity) -> list[Finding]:
        """Findings of one severity, in the order they came up."""
        return [found for found in self.findings.values() if found.severity is severity]

    @property
    def verdict(self) -> Verdict:
        """Refused if anything is false, incomplete if anything is missing, else verified."""
        if self.of(Severity.FALSE):
            return Verdict.REFUSED
        return Verdict.INCOMPLETE if self.of(Severity.MISSING) else Verdict.VERIFIED

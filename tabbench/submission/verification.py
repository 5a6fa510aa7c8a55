"""Check a bundle against the tasks, splits and metrics that are here; nothing of it is run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from tabbench.data.catalog import known_suites
from tabbench.errors import DataError, UnknownNameError
from tabbench.results import Status
from tabbench.submission.archive import open_bundle
from tabbench.submission.bundle import is_job_id, printable
from tabbench.submission.completeness import JobSummary, check_completeness
from tabbench.submission.documents import Documents, check_documents
from tabbench.submission.own_job import NotHereError, OwnJob, own_job
from tabbench.submission.rescoring import (
    MissingPredictionsError,
    take_predictions,
    too_good,
    wrong_identity,
    wrong_predictions,
    wrong_rows,
    wrong_scores,
)
from tabbench.submission.values import impossible_values
from tabbench.submission.verdict import Report, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tabbench.results import TrialRow
    from tabbench.submission.archive import Bundle
    from tabbench.submission.typed_rows import TrialLine
    from tabbench.submission.values import Wrong

OF_ONE_TRIAL = {"trial", "attempt", "config", "config_id"}


@dataclass(frozen=True)
class Verified:
    """What a check found, with what a maintainer wants to see of the bundle.

    Attributes:
        jobs: A summary of each.
    """

    report: Report
    documents: Documents
    jobs: tuple[JobSummary, ...]


def verify_bundle(
    path: Path, suite: str = "", progress: Callable[[int, int], None] = lambda done, of: None
) -> Verified:
    """Check a bundle.

    Args:
        path: The file.
        suite: The suite that must be whole; empty for those that the rows name.
        progress: Told how many jobs of how many are done.

    Raises:
        UnknownNameError: If there is no such suite here.
        BundleError: If the file is no bundle at all, or holds what no bundle does.
    """
    if suite and suite not in known_suites():
        raise UnknownNameError("suite", suite, known_suites(), where="--suite")
    report = Report()
    with open_bundle(path) as bundle:
        documents = check_documents(bundle, report)
        jobs = []
        for n, job_id in enumerate(bundle.contents.jobs):
            progress(n, len(bundle.contents.jobs))
            jobs += _Job(bundle, job_id, documents, report).check()
        report.n_jobs = len(jobs)
        spaces = {row.source_hash: row.has_space for row in documents.models.values()}
        check_completeness(report, jobs, documents.protocols, spaces, suite)
    return Verified(report, documents, tuple(jobs))


class _Job:
    """One job of a bundle under examination, trial by trial."""

    def __init__(self, bundle: Bundle, job_id: str, documents: Documents, report: Report) -> None:
        self._bundle, self._job_id, self._documents, self._report = bundle, job_id, documents, report
        self._seen: list[TrialRow] = []
        self._own: OwnJob | None = None

    def check(self) -> list[JobSummary]:
        """Its summary; none where it has no trial."""
        with self._bundle.predictions(self._job_id) as take:
            n_taken = 0
            is_readable = True
            for line in self._bundle.trials(self._job_id):
                if not self._seen:
                    self._own = self._open(line.trial)
                self._check_line(line)
                if self._own is not None and is_readable:
                    is_readable = self._check_predictions(line, take)
                    n_taken += self._n_values(line)
                self._seen.append(line.trial)
        if not self._seen:
            self._add(Severity.MISSING, [("missing trials", "the job has none")], self._job_id)
            return []
        if self._own is not None and is_readable and n_taken != self._bundle.n_predicted(self._job_id):
            self._add(
                Severity.FALSE, [("wrong predictions", "more numbers than trials say")], self._where(self._seen[0])
            )
        numbers = tuple(sorted({row.trial for row in self._seen}))
        seconds = sum(row.total_seconds or 0.0 for row in self._seen)
        splits = None if self._own is None else self._own.data.task.splits
        return [JobSummary(self._seen[0], splits, numbers, Counter(row.status for row in self._seen), seconds)]

    def _open(self, first: TrialRow) -> OwnJob | None:
        """The job as it is here; None, with a finding, where it cannot be."""
        where = self._where(first)
        protocol = self._documents.protocols.get(first.protocol_id)
        if protocol is None:
            self._add(Severity.FALSE, [("not the protocol", f"no settings give the id {first.protocol_id}")], where)
            return None
        try:
            return own_job(first, protocol)
        except NotHereError as error:
            self._add(Severity.MISSING, [("not checked", str(error))], where)
        except DataError as error:
            self._add(Severity.FALSE, [("other task or splits", str(error))], where)
        return None

    def _check_line(self, line: TrialLine) -> None:
        trial, where = line.trial, self._where(line.trial)
        self._report.n_trials += 1
        self._add(Severity.FALSE, self._of_one_job(trial), where)
        self._add(Severity.FALSE, self._documents.unknown(trial), where)
        self._add(Severity.FALSE, impossible_values(line, self._documents.environments), where)
        self._add(Severity.NOTE, too_good(trial), where)
        if self._own is not None:
            self._add(Severity.FALSE, wrong_identity(trial, self._own), where)
            self._add(Severity.FALSE, wrong_rows(line, self._own), where)

    def _of_one_job(self, trial: TrialRow) -> Iterable[Wrong]:
        if trial.job_id != self._job_id or not is_job_id(trial.job_id):
            yield "wrong job", f"it stands in the job {self._job_id} and says {printable(trial.job_id, 40)}"
        if self._seen and trial.trial <= self._seen[-1].trial:
            yield "twice", f"trial {trial.trial} stands behind trial {self._seen[-1].trial}"
        if trial.trial < 0 or trial.attempt < 1:
            yield "impossible value", f"trial {trial.trial}, attempt {trial.attempt}"
        if self._seen and (name := _first_difference(trial, self._seen[0])):
            yield "wrong job", f"{name} differs from that of its job's first trial"

    def _n_values(self, line: TrialLine) -> int:
        assert self._own is not None
        counted = take_predictions(line, self._own, _zeros)
        return sum(p.values.size for p in counted)

    def _check_predictions(self, line: TrialLine, take: Callable[[int], Any]) -> bool:
        """Score a trial anew; False where the numbers ran out."""
        assert self._own is not None
        where = self._where(line.trial)
        try:
            predictions = take_predictions(line, self._own, take)
        except MissingPredictionsError:
            self._add(Severity.MISSING, [("missing predictions", "fewer numbers are kept than trials say")], where)
            return False
        if line.trial.status is not Status.OK:
            return True
        if not {"valid", "test"} <= set(line.parts):
            self._add(
                Severity.MISSING, [("missing predictions", "none are kept, so its scores are only claims")], where
            )
            return True
        wrong = list(wrong_predictions(predictions, self._own))
        self._add(Severity.FALSE, wrong or wrong_scores(line, predictions, self._own), where)
        self._report.n_scored += not wrong
        return True

    def _add(self, severity: Severity, found: Iterable[Wrong], where: str) -> None:
        for check, message in found:
            self._report.add(severity, check, message, where)

    def _where(self, row: TrialRow) -> str:
        return f"{self._job_id}:{row.trial} ({printable(row.model, 40)} on {printable(row.task, 60)})"


def _zeros(n: int) -> Any:
    import numpy as np

    return np.broadcast_to(np.float32(0), n)


def _first_difference(a: TrialRow, b: TrialRow) -> str:
    """The first column that says what a job is, and differs; empty if none does."""
    for f in fields(a):
        if f.metadata["mark"] == "identity" and f.name not in OF_ONE_TRIAL and getattr(a, f.name) != getattr(b, f.name):
            return f.name
    return ""

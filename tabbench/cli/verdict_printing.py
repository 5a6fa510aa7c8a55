"""Print what came of checking a bundle, for people and for programs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tabbench.counted import counted
from tabbench.submission.bundle import printable
from tabbench.submission.verdict import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.submission.rerunning import Rerun
    from tabbench.submission.verification import Verified

HEADS = {
    Severity.FALSE: "False",
    Severity.MISSING: "Missing, or not checked",
    Severity.NOTE: "To look at",
}
MEANING = {
    Verdict.VERIFIED: "every score follows from its predictions, and nothing is missing",
    Verdict.INCOMPLETE: "nothing false was found, but not all is there or could be checked",
    Verdict.REFUSED: "the bundle says what is not so",
}


def print_verdict(verified: Verified, reruns: Sequence[Rerun] = ()) -> None:
    """What a maintainer needs, on standard output; the verdict stands last."""
    report = verified.report
    for line in _summary(verified):
        sys.stdout.write(f"{line}\n")
    for rerun in reruns:
        told, found = rerun.told, rerun.found
        here = "not run" if found is None else f"{found.test_error} ({found.status})"
        where = f"{printable(told.model, 40)} on {printable(told.task, 60)} ({told.repeat}, {told.fold})"
        sys.stdout.write(f"rerun of {where}, trial {told.trial}: test error {told.test_error}, here {here}\n")
    for severity, head in HEADS.items():
        for finding in report.of(severity):
            sys.stdout.write(f"\n{head}: {finding.check}, {counted(finding.n, 'time')}\n")
            for example in finding.examples:
                sys.stdout.write(f"  {example}\n")
            if finding.n > len(finding.examples):
                sys.stdout.write("  …\n")
    sys.stdout.write(
        f"\n{report.verdict.upper()}: {MEANING[report.verdict]}. {report.n_scored} of {report.n_trials} trials in "
        f"{report.n_jobs} jobs were scored again, {report.n_rerun} were fitted again.\n"
    )


def print_json(verified: Verified, reruns: Sequence[Rerun] = ()) -> None:
    """The same as one JSON object."""
    report = verified.report
    findings = [vars(finding) for finding in report.findings.values()]
    document = {
        "verdict": report.verdict,
        "n_jobs": report.n_jobs,
        "n_trials": report.n_trials,
        "n_scored": report.n_scored,
        "n_rerun": report.n_rerun,
        "findings": findings,
        "reruns": [
            {
                "job_id": rerun.told.job_id,
                "trial": rerun.told.trial,
                "test_error": rerun.told.test_error,
                "test_error_here": None if rerun.found is None else rerun.found.test_error,
            }
            for rerun in reruns
        ],
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _summary(verified: Verified) -> list[str]:
    """One block a model: what it is, what it ran on, how its trials ended, and where."""
    lines = []
    for row in verified.documents.models.values():
        jobs = [job for job in verified.jobs if job.first.source_hash == row.source_hash]
        tasks = {job.first.task for job in jobs}
        statuses: Counter[str] = Counter()
        for job in jobs:
            statuses.update(job.statuses)
        ended = ", ".join(f"{n} {status}" for status, n in sorted(statuses.items()))
        protocols = sorted({f"{printable(job.first.protocol, 40)} ({job.first.protocol_id})" for job in jobs})
        seconds = sum(job.seconds for job in jobs)
        lines += [
            f"{printable(row.model, 60)}, version {row.model_version}, source {row.source_hash}: "
            f"{printable(row.title, 80)} ({printable(row.family, 40)}, {printable(row.licence or 'no licence', 40)})",
            f"  {counted(len(tasks), 'task')}, {counted(len(jobs), 'job')}, trials: {ended}; {seconds:,.0f} s of fits",
            f"  protocol {'; '.join(protocols)}",
            f"  pretrained on {printable(row.pretrained_on or 'nothing')}; defaults tuned on "
            f"{printable(row.defaults_tuned_on or 'nothing told')}",
        ]
    for place in verified.documents.environments.values():
        lines.append(
            f"ran with tabbench {printable(place.tabbench_version, 40)} on {printable(place.cpu, 60)}, "
            f"{place.n_cores} cores, {place.memory_mib:,} MiB, {printable(place.platform, 60)}"
        )
    return lines

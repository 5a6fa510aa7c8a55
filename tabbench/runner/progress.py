"""Show how far a run is: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from tabbench.results import Status

if TYPE_CHECKING:
    from types import TracebackType

    import rich.progress

    from tabbench.runner.worker import TrialEnded

SECONDS_BETWEEN_LINES = 15.0
FINE = (Status.OK, Status.PRUNED, Status.SKIPPED)


class Progress:
    """Counts what ends; a context manager, writing to standard error.

    Args:
        n_jobs: Jobs of the run.
        n_trials: Trials that those jobs lack; None where nobody knows.
    """

    def __init__(self, n_jobs: int, n_trials: int | None) -> None:
        self.n_jobs, self.n_trials = n_jobs, n_trials
        self.jobs_done = 0
        self.statuses: Counter[str] = Counter()
        self._start = self._last_line = time.monotonic()
        self._bar = _live_bar(n_trials) if sys.stderr.isatty() else None

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()
        else:
            self._write_line()

    def trial_ended(self, news: TrialEnded) -> None:
        """Count a trial; say at once what failed."""
        self.statuses[news.status] += 1
        if news.status not in FINE:
            self._say(f"{news.status}: {news.model} on {news.task}: {(news.reason or '')[:160]}")
        self._refresh()

    def job_ended(self) -> None:
        """Count a job."""
        self.jobs_done += 1
        self._refresh()

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            sys.stderr.write(f"{text}\n")

    def _refresh(self) -> None:
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=self.statuses.total(), description=self._counts())
        elif time.monotonic() - self._last_line > SECONDS_BETWEEN_LINES:
            self._write_line()

    def _write_line(self) -> None:
        self._last_line = time.monotonic()
        elapsed, done = self._last_line - self._start, self.statuses.total()
        left = (
            f", about {elapsed / done * max(self.n_trials - done, 0):.0f} s left"
            if self.n_trials is not None and self.jobs_done < self.n_jobs and 0 < done < self.n_trials
            else ""
        )
        of = "" if self.n_trials is None else f"/{self.n_trials}"
        sys.stderr.write(f"{self._counts()}, trials {done}{of}, {elapsed:.0f} s{left}\n")
        sys.stderr.flush()

    def _counts(self) -> str:
        n_failed = sum(n for status, n in self.statuses.items() if status not in FINE)
        return f"jobs {self.jobs_done}/{self.n_jobs}, failed trials {n_failed}"


def _live_bar(n_trials: int | None) -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    bar = RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("trials"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    bar.add_task("starting", total=n_trials)
    return bar

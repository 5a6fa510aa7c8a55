"""`tabbench time`: fit chosen configurations again, alone, for times that can be published."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar
from tabbench.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tabbench.runner.local import Failure
    from tabbench.runner.timing import TimingJob
    from tabbench.runner.worker import TrialEnded
    from tabbench.store.layout import Store


def main(arguments: Sequence[str]) -> int:
    """Time what is not timed yet, and say what came of it.

    Returns:
        0; 1 if something could not be timed.
    """
    options = _parser().parse_args(arguments)
    from tabbench.runner.launch import store_lock
    from tabbench.runner.timing_plan import REGIMES, plan_timings
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store

    store = Store(options.store)
    open_database(store).close()  # says it where there is none, before the lock's file is made
    regimes = REGIMES if options.regime == "all" else (options.regime,)
    with store_lock(store.root):
        plan = plan_timings(store, options.suite, options.models, regimes, options.repeats, options.again)
        for notice in plan.notices:
            sys.stderr.write(f"{notice}\n")
        statuses: Counter[str] = Counter()
        failures: list[Failure] = []
        if plan.jobs:
            with progress_bar("timings") as report:

                def on_trial(news: TrialEnded) -> None:
                    statuses[news.status] += 1
                    report(statuses.total(), plan.n_trials)
                    if news.status != "ok":
                        sys.stderr.write(f"{news.model} on {news.task}: {news.status}: {news.reason}\n")

                report(0, plan.n_trials)
                failures = _run(store, plan.jobs, on_trial)
            open_database(store).close()
    if not plan.jobs and not plan.n_held:
        sys.stderr.write("Nothing to time: no configuration was chosen on a ranked task (smoke tasks are left out).\n")
    for failure in failures:
        sys.stderr.write(f"{failure.job.model.name} on {failure.job.task} could not be timed: {failure.reason}\n")
    timed = f"{counted(statuses['ok'], 'configuration')} timed, {counted(options.repeats, 'time')} each"
    sys.stderr.write(f"{timed}; {plan.n_held} were timed already.\n")
    if statuses["ok"] or plan.n_held:
        sys.stderr.write(f"See them: tabbench sql --store {options.store} 'from timings'\n")
    return 1 if failures or statuses.total() > statuses["ok"] else 0


def _run(store: Store, jobs: Sequence[TimingJob], on_trial: Callable[[TrialEnded], None]) -> list[Failure]:
    """One job after another on one worker."""
    from tabbench.discovery import load_model
    from tabbench.runner.local import LocalExecutor
    from tabbench.runner.timing import time_job

    modules = sorted({name for job in jobs for name in load_model(job.model).card.requires})
    n_threads = jobs[0].protocol.n_threads
    return LocalExecutor(store, 1, n_threads, modules, on_trial, lambda _job: None, time_job).run(jobs)


def _times(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r}: a number from 1 to 100 is wanted")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench time",
        description="Fit chosen configurations again, alone and several times, on the first split of each task. "
        "What is timed already is left out. `tabbench rank` shows these times where it has all of them.",
    )
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    parser.add_argument("--suite", help="only its tasks")
    parser.add_argument("--models", nargs="+", default=[], metavar="MODEL", help="only these, by name or file (all)")
    parser.add_argument("--regime", choices=("default", "tuned", "all"), default="all", help="which choice (all)")
    parser.add_argument("--repeats", type=_times, default=3, metavar="N", help="times that each is fitted (3)")
    parser.add_argument("--again", action="store_true", help="also what is timed already")
    return parser

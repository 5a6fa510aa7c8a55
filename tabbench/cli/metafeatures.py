"""`tabbench metafeatures`: compute what tasks are like, and store it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar
from tabbench.counted import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.runner.metafeature_launch import Extracted, MetafeaturePlan, MetafeatureSettings
    from tabbench.store.layout import Store

USAGE = """Compute what tasks are like, from the training part of each split, and store it.

usage: tabbench metafeatures [KEY=VALUE …]

  suite=quickstart           the tasks of a suite, or
  'tasks=[bundled/ames]'     tasks by name; a file: 'tasks=[file:my.csv::target]'
  where="n_rows<5000"        only those of them for which it holds (docs/data.md)
  'groups=[general,drift]'   only these groups (docs/metafeatures.md has all)
  splits=own                 the task's own, or a study's: tabzilla, tabarena, grinsztajn
  'repeats=[0]' 'folds=[0]'  only these splits
  seconds=120                limit of one group on one split; null for none
  memory_mib=6000            limit of the process that computes it; null for none
  max_rows=1000              a lower cap on rows than the groups' own
  seed=0                     of subsamples, of what is drawn, and pymfe's random_state
  executor.n_workers=2       worker processes
  store=results              where rows go
  dry_run=true               print the plan and stop
  'retry=[error,timeout]'    compute again what ended so

What the store holds is not computed again. See it: tabbench sql 'from metafeatures', or 'from metafeatures_wide'.
"""


def main(arguments: Sequence[str]) -> int:
    """Compute what the store lacks, and say what came of it.

    Returns:
        0; 1 if a group could not be computed or a feature ended in an error or over a limit, which is recorded.
    """
    if any(argument in ("-h", "--help") for argument in arguments):
        sys.stdout.write(USAGE)
        return 0
    from tabbench.runner.compose import compose_typed
    from tabbench.runner.launch import store_lock
    from tabbench.runner.metafeature_launch import MetafeatureSettings, held_in, plan_metafeatures
    from tabbench.store.layout import store_to_write

    settings = compose_typed(MetafeatureSettings, list(arguments))
    store = store_to_write(settings.store)
    if settings.dry_run:
        sys.stdout.write(_plan_text(plan_metafeatures(settings, held_in(store))))
        return 0
    plan_metafeatures(settings, {})  # says what is wrong before the lock's file is made
    with store_lock(store.root):
        plan = plan_metafeatures(settings, held_in(store))
        if not plan.jobs:
            sys.stderr.write(f"Nothing to do: the store {settings.store} holds all {plan.n_held} groups of splits.\n")
            return 0
        sys.stderr.write(_plan_text(plan))
        return _extract(store, plan, settings)


def _extract(store: Store, plan: MetafeaturePlan, settings: MetafeatureSettings) -> int:
    from tabbench.runner.metafeature_launch import extract_metafeatures

    try:
        with progress_bar("groups of splits") as report:
            report(0, len(plan.jobs))
            extracted = extract_metafeatures(store, plan, settings.executor.n_workers, report)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was finished is stored; the same command goes on from there.\n")
        return 130
    return _tell(extracted, settings.store)


def _plan_text(plan: MetafeaturePlan) -> str:
    n_splits = len({(job.task, job.repeat, job.fold) for job in plan.jobs})
    n_groups = len({job.group for job in plan.jobs})
    return (
        f"{len(plan.jobs)} to compute: {counted(n_groups, 'group')} on {counted(n_splits, 'split')} of "
        f"{counted(len(plan.tasks), 'task')}; "
        f"{plan.n_held} are stored already.\n"
    )


def _tell(extracted: Extracted, store: str) -> int:
    told = ", ".join(f"{n} {status}" for status, n in sorted(extracted.statuses.items())) or "none"
    sys.stderr.write(f"Metafeatures stored in {store}: {told}.\n")
    reasons = Counter((failure.job.task, failure.reason) for failure in extracted.failures)
    for (task, reason), n in reasons.items():
        sys.stderr.write(f"{task}: {n} groups of splits could not be computed: {reason}\n")
    n_failed = sum(extracted.statuses.get(status, 0) for status in ("error", "timeout", "memory"))
    if n_failed:
        query = "select feature, task, status, reason from metafeatures where status in ('error', 'timeout', 'memory')"
        sys.stderr.write(f'Why {n_failed} have no value: tabbench sql --store {store} "{query}"\n')
    return 1 if n_failed or extracted.failures else 0

"""`tabbench run`: a Hydra application that plans, runs and stores."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tabbench.cli.main import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from tabbench.cli.run_on_cluster import memory_lines, report_submitted
from tabbench.counted import counted
from tabbench.data.suites import tables_twice
from tabbench.errors import TabbenchError
from tabbench.results import Status
from tabbench.runner.compose import compose_settings, config_folder, quoted, register_schema, to_settings
from tabbench.runner.executors.under_way import jobs_under_way
from tabbench.runner.findings import check_plan
from tabbench.runner.launch import launch, plan_run, store_lock
from tabbench.runner.outline import outline_run
from tabbench.runner.plan import make_plan
from tabbench.runner.progress import FINE
from tabbench.store.layout import store_to_write

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from tabbench.runner.launch import RunSummary
    from tabbench.runner.outline import Outline
    from tabbench.runner.plan import Plan
    from tabbench.runner.settings import Settings
    from tabbench.store.layout import Store

USAGE = """Tune and score models on tasks, and store every trial.

usage: tabbench run [KEY=VALUE …] [-m] [--cfg job]

  suite=quickstart           the tasks of a suite, or
  where="n_rows<5000"        only those of them for which it holds (docs/data.md)
  'tasks=[bundled/ames]'     tasks by name ('tabbench data list'); a file: 'tasks=[file:my.csv::target]'
  'models=[a,b,./c.py]'      models by name ('tabbench models list'), by path, or 'models=[all]'
  protocol.n_trials=10       configurations a job tries, the default one counted
  protocol.trial_seconds=300 and protocol.memory_mib=4000: limits of a trial (docs/limits.md)
  sampler=random|tpe|…       where they come from: random, qmc, tpe, gp or fixed
  sampler.space=tabzilla     a study's search spaces in place of the models' own
  experiment=tabzilla_hard   a study by name: its models, suite, protocol and spaces
  protocol=quick             or tabzilla, tabarena, holdout_tpe (docs/protocols.md)
  protocol.valid=cv          which rows choose: holdout, cv, next_fold, given or auto
  pruner=median              what stops the hopeless: none, median, halving, hyperband or wilcoxon
  executor.n_workers=2       worker processes
  executor=slurm             as an array of SLURM (docs/cluster.md); executor.wait=true follows it
  store=results              where rows go
  strict=true                refuse tasks in which 'tabbench data check' finds a fault
  dry_run=true               print the plan and stop
  'retry=[error,timeout]'    try failed trials again

`tabbench run --cfg job` prints every setting; -m sweeps over lists (protocol.seed=0,1,2) as Hydra does.
The same command again goes on where it stopped. Quote brackets: zsh reads them as a pattern.
"""


def main(arguments: list[str]) -> int:
    """Check the settings, then run them under Hydra."""
    if any(a in ("-h", "--help") for a in arguments):
        sys.stdout.write(USAGE)
        return EXIT_DONE
    is_plain = not any(a.startswith("-") for a in arguments)
    if is_plain:
        return run(compose_settings(arguments))
    return _run_under_hydra(arguments)


def run(settings: Settings) -> int:
    """Plan, run, and say what came of it.

    Returns:
        0 if every trial ended well, 1 if something failed and is recorded.
    """
    store = store_to_write(settings.store)
    if settings.dry_run:
        if (outline := outline_run(settings)) is not None:
            sys.stdout.write(_outline_text(outline, settings))
            return EXIT_DONE
        plan = plan_run(settings)
        if settings.strict:
            check_plan(None, plan.tasks, is_strict=True)
        sys.stdout.write(_plan_text(plan, settings))
        return EXIT_DONE
    with store_lock(store.root):
        under_way = jobs_under_way(store) if settings.executor.kind == "slurm" else None
        plan = plan_run(settings)
        if not plan.jobs:
            sys.stderr.write(f"Nothing to do: the store {settings.store} holds all {plan.n_held} jobs of this run.\n")
            sys.stderr.write(_failed_before(settings, store))
            return EXIT_DONE
        sys.stderr.write(_plan_text(plan, settings))
        try:
            summary = launch(settings, plan, under_way)
        except KeyboardInterrupt:
            sys.stderr.write("Stopped. What was finished is stored; the same command goes on from there.\n")
            return EXIT_INTERRUPTED
    if settings.executor.kind == "slurm":
        return report_submitted(settings, summary)
    return _report(settings, summary)


def _is_here() -> bool:
    """Whether the combinations of a sweep run one after the other in this process."""
    from hydra.core.hydra_config import HydraConfig

    return str(HydraConfig.get().launcher["_target_"]).endswith(".BasicLauncher")


def _failed_before(settings: Settings, store: Store) -> str:
    """How many trials of a run that is held in full failed, and what to do about them; empty if none did."""
    from tabbench.store.database import open_database

    if store.is_empty:
        return ""
    with open_database(store) as connection:
        query = f"SELECT job_id, status, count(*) FROM trials WHERE status NOT IN {tuple(map(str, FINE))} GROUP BY ALL"
        ends = connection.execute(query).fetchall()
    mine = {job.job_id for job in make_plan(settings, {}).jobs} if ends else set()
    failed: Counter[str] = Counter()
    for job_id, status, n in ends:
        failed[status] += n if job_id in mine else 0
    if not failed.total():
        return ""
    told = ", ".join(f"{n} {status}" for status, n in sorted(failed.items()) if n)
    again = ",".join(status for status, n in sorted(failed.items()) if n and status != Status.UNAVAILABLE)
    retry = f"Try them again: 'retry=[{again}]'. " if again else ""
    return f"Of its trials, some failed: {told}. {retry}Why: tabbench status --store {settings.store}\n"


def _run_under_hydra(arguments: list[str]) -> int:
    """Sweeps, launchers and Hydra's own flags; the exit code is the worst of the sweep's."""
    import hydra

    register_schema()
    codes = [EXIT_DONE]

    def task(config: DictConfig) -> None:
        try:
            codes.append(run(to_settings(config)))
        except TabbenchError as error:
            if not _is_here():
                raise  # so that its launcher knows
            sys.stderr.write(f"{error}\n")
            codes.append(EXIT_USAGE)

    overrides = [a for a in arguments if "=" in a and not a.startswith("-")]
    flags = [a for a in arguments if a not in overrides]  # argparse takes no overrides on both sides of a flag
    argv, sys.argv = sys.argv, ["tabbench run", *flags, *quoted(overrides)]
    try:
        hydra.main(config_path=config_folder(), config_name="config", version_base="1.3")(task)()
    finally:
        sys.argv = argv
    return max(codes)


def _plan_text(plan: Plan, settings: Settings) -> str:
    jobs_to_do, has_end = counted(len(plan.jobs), "job"), plan.protocol.limits.n_trials is not None
    to_do = (
        f" with {counted(plan.n_trials, 'trial')} to do" if has_end else " to do, until protocol.job_seconds are spent"
    )
    lines = [
        f"{jobs_to_do}{to_do}; {counted(plan.n_held, 'job')} stored already. "
        f"{counted(len(plan.tasks), 'task')}, {counted(len(plan.models), 'model')}."
    ]
    names = [task.name for task in plan.tasks]
    jobs = Counter(job.model.name for job in plan.jobs)
    if jobs:
        lines.append("jobs by model: " + ", ".join(f"{model} {n}" for model, n in sorted(jobs.items())))
        lines += _cost_lines(plan)
        if settings.executor.kind == "slurm":
            lines += memory_lines(plan, settings.executor.slurm)
    lines += [f"One table twice: {', '.join(g.tasks)} are all on {g.table}." for g in tables_twice(names)]
    return "\n".join(lines) + "\n"


def _cost_lines(plan: Plan) -> list[str]:
    """What the jobs are expected to cost, in all and by model."""
    hours: dict[str, float] = defaultdict(float)
    for job in plan.jobs:
        hours[job.model.name] += job.cost * plan.protocol.n_threads / 3600
    by_model = ", ".join(f"{model} {n:.2g}" for model, n in sorted(hours.items(), key=lambda one: -one[1]))
    lines = [f"expected CPU hours: {sum(hours.values()):.2g} ({by_model})"]
    if guessed := [model for model in plan.guessed if model in hours]:
        lines.append(
            "The store has no trial yet of those whose hours are guessed from their cards, right to a factor of ten or "
            f"so: {', '.join(guessed)}."
        )
    return lines


def _outline_text(outline: Outline, settings: Settings) -> str:
    n_jobs = outline.n_tasks * outline.n_models * (outline.n_splits or 1)
    n_trials = outline.n_tasks * outline.n_trials * (outline.n_splits or 1)
    tasks, models = counted(outline.n_tasks, "task"), counted(outline.n_models, "model")
    splits = counted(outline.n_splits, "split") if outline.n_splits else "each task's splits, counted as one"
    which = f"suite={settings.suite}" if settings.suite and not settings.tasks else "NAME"
    return (
        f"{tasks} × {models} × {splits} = {counted(n_jobs, 'job')} with at most {counted(n_trials, 'trial')}.\n"
        f"{outline.n_absent} of the tasks are not in the cache, so what a model skips on them is not known, nor "
        f"what the store holds. Fetch them: tabbench data fetch {which}\n"
    )


def _report(settings: Settings, summary: RunSummary) -> int:
    n_failed = sum(n for status, n in summary.statuses.items() if status not in FINE)
    told = ", ".join(f"{n} {status}" for status, n in sorted(summary.statuses.items())) or "none"
    sys.stderr.write(f"Trials stored in {settings.store}: {told}.\n")
    for failure in summary.failures:
        job = failure.job
        sys.stderr.write(f"Job {job.model.name} on {job.task} fold {job.fold} could not be done: {failure.reason}\n")
    if n_failed:
        sys.stderr.write(f"Why trials failed: tabbench status --store {settings.store}\n")
    return EXIT_FAILED if n_failed or summary.failures else EXIT_DONE

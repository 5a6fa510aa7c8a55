"""What a job of a stranger must have been: the task, splits, valid cut and protocol as they are here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tabbench.data.cache.documents import from_json
from tabbench.data.catalog import describe_task, is_here
from tabbench.data.split_protocols import SPLIT_PROTOCOLS, splits_of
from tabbench.discovery import ModelSource
from tabbench.errors import DataError, TabbenchError
from tabbench.model import Family, ModelCard, Reads
from tabbench.protocol import Limits, Protocol
from tabbench.runner.job import Job, job_id
from tabbench.runner.parts import CutRows, cut_rows, load_on_split, load_planned
from tabbench.submission.bundle import printable
from tabbench.task import BINARY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tabbench.documents import ProtocolRow
    from tabbench.results import TrialRow
    from tabbench.task import Task, TaskData


class NotHereError(DataError):
    """A task that cannot be opened here, so that nothing can be said of its jobs."""


@dataclass(frozen=True, eq=False)
class OwnJob:
    """A job as it would be planned and cut here.

    Attributes:
        task: As it is planned, without what is fitted on its split.
        data: The table on this split.
        ids: What its id must be: of an installed model, or of one given by its path.
    """

    job: Job
    task: Task
    data: TaskData
    rows: CutRows
    ids: tuple[str, str]


def read_protocols(rows: Iterable[ProtocolRow]) -> dict[str, Protocol]:
    """Protocols by id; those whose settings do not give their id, or that no run would take, are left out."""
    found = {}
    for row in rows:
        try:
            protocol = from_json(Protocol, row.settings.encode(), "settings")
        except DataError:
            continue
        is_possible = 2 <= protocol.n_inner_folds <= 100 and 0.01 <= protocol.valid_fraction <= 0.9
        if protocol.protocol_id == row.protocol_id and is_possible:
            found[row.protocol_id] = protocol
    return found


def own_job(trial: TrialRow, protocol: Protocol) -> OwnJob:
    """Plan and cut the job that a trial says it is of.

    Args:
        trial: Any of its trials.
        protocol: The one that it was run under.

    Raises:
        NotHereError: If the task is not here.
        DataError: If the task here is another, or has no such split.
    """
    task = _own_task(trial)
    limits = Limits(None, trial.limit_trial_seconds, None, trial.limit_memory_mib)
    module = f"tabbench_plugin_{trial.model}_{trial.source_hash}"
    source = ModelSource(trial.model, "", trial.source_hash, True, module)
    job = Job(
        job_id=trial.job_id,
        task=task.name,
        task_hash=task.task_hash,
        splits_hash=task.splits_hash,
        split_rule=task.split_rule,
        repeat=trial.repeat,
        fold=trial.fold,
        model=source,
        protocol=replace(protocol, limits=limits),
    )
    card = ModelCard(
        trial.model, "", Family.OTHER, frozenset({BINARY}), Reads(), version=trial.model_version,
        space_version=trial.space_version,
    )  # fmt: skip
    sources = (replace(source, is_by_path=False), source)
    ids = tuple(job_id(task, job.repeat, job.fold, one, card, protocol) for one in sources)
    try:
        rows = cut_rows(load_planned(job), job)
        return OwnJob(job, task, load_on_split(job), rows, (ids[0], ids[1]))
    except DataError:
        raise
    except TabbenchError as error:
        raise NotHereError(f"{printable(trial.task)} cannot be opened here: {error}") from error


def _own_task(trial: TrialRow) -> Task:
    """The task of that name here, under the split rule that gives the trial's hash."""
    shown = printable(trial.task, 80)
    if not trial.task.startswith(("bundled/", "openml/")):
        raise NotHereError(f"{shown} is a table of their own; only bundled and OpenML's tasks can be checked")
    try:
        if not is_here(trial.task):
            raise NotHereError(f"{shown} is not in the cache; fetch it: tabbench data fetch {shown}")
        task = describe_task(trial.task)
    except NotHereError:
        raise
    except TabbenchError as error:
        raise NotHereError(f"{shown} cannot be opened here: {printable(error)}") from error
    if (task.task_hash, task.dataset.content_hash) != (trial.task_hash, trial.dataset_hash):
        raise DataError(f"{shown} here has other rows, roles or target (hash {task.task_hash}, not {trial.task_hash})")
    for name in SPLIT_PROTOCOLS:
        found = task.with_splits(splits_of(name, task))
        if found.splits_hash == trial.splits_hash and (trial.repeat, trial.fold) in found.splits:
            return found
    raise DataError(
        f"{shown} has no split ({trial.repeat}, {trial.fold}) under any rule that gives {trial.splits_hash}"
    )

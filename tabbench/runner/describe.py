"""Write down once what the rows of a run refer to by hash: tasks, tables, models, protocol, suite."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from tabbench.data.catalog import known_suites, load_suite
from tabbench.documents import DatasetRow, ModelRow, ProtocolRow, SuiteRow, TaskRow
from tabbench.hashing import canonical_json
from tabbench.store.documents import write_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.model import ModelCard
    from tabbench.runner.expansion import PlannedModel
    from tabbench.runner.plan import Plan
    from tabbench.store.layout import Store
    from tabbench.task import Suite, Task


def write_plan_documents(store: Store, plan: Plan) -> None:
    """Write down once what rows refer to by hash."""
    write_task_documents(store, plan.tasks)
    for planned in plan.models:
        write_document(store, "models", _model_row(planned))
    for protocol in {id(job.protocol): job.protocol for job in plan.jobs}.values():  # a million jobs share one
        settings = canonical_json(protocol.identity())
        write_document(store, "protocols", ProtocolRow(protocol_id=protocol.protocol_id, settings=settings))


def write_task_documents(store: Store, tasks: Sequence[Task]) -> None:
    """Write down tasks, their tables, and the suites that they are in."""
    for task in tasks:
        write_document(store, "tasks", task_row(task))
        write_document(store, "datasets", dataset_row(task))
    names = {task.name for task in tasks}
    for suite in map(load_suite, known_suites()):
        if names & set(suite.tasks):  # also where tasks were named one by one: a suite says which are never ranked
            write_document(store, "suites", suite_rows(suite))


def suite_rows(suite: Suite) -> list[SuiteRow]:
    """A suite as it stands in the store, one row a task."""
    return [
        SuiteRow(
            suite=suite.name,
            version=suite.version,
            task=task,
            is_ranked=task not in suite.smoke,
            title=suite.title,
            citation=suite.citation,
        )
        for task in suite.tasks
    ]


def task_row(task: Task) -> TaskRow:
    """A task as it stands in the store."""
    return TaskRow(
        task_hash=task.task_hash,
        splits_hash=task.splits_hash,
        task=task.name,
        dataset_hash=task.dataset.content_hash,
        target=task.target,
        task_type=task.type,
        metric=task.metric,
        classes=canonical_json(list(task.classes)),
        n_rows=task.dataset.n_rows,
        n_columns=len(task.features),
        n_categorical=sum(c.kind == "categorical" for c in task.features),
        n_classes=len(task.classes),
        missing_share=_missing_share(task),
        n_repeats=task.split_rule.n_repeats,
        n_folds=task.split_rule.n_folds,
        split_rule=canonical_json(asdict(task.split_rule)),
    )


def dataset_row(task: Task) -> DatasetRow:
    """A task's table as it stands in the store."""
    card = task.dataset
    return DatasetRow(
        dataset_hash=card.content_hash,
        dataset=card.name,
        version=card.version,
        title=card.title,
        n_rows=card.n_rows,
        source=card.source,
        licence=card.licence,
        origin=card.origin,
        family=card.family,
        citation=card.citation,
        openml_id=card.openml_id,
        traps=canonical_json(list(card.traps)),
        columns=canonical_json([asdict(column) for column in card.columns]),
    )


def _model_row(planned: PlannedModel) -> ModelRow:
    card = planned.card
    return ModelRow(
        source_hash=planned.source.source_hash,
        model=card.name,
        model_version=card.version,
        title=card.title,
        family=card.family,
        kind=card.kind,
        is_deterministic=card.is_deterministic,
        pretrained_on=card.pretrained_on,
        defaults_tuned_on=card.defaults_tuned_on,
        paper=card.paper,
        code=card.code,
        licence=card.licence,
        space_version=card.space_version,
        card=_card_json(card),
        has_space=planned.has_space,
    )


def _card_json(card: ModelCard) -> str:
    parts = asdict(card)
    parts["task_types"] = sorted(parts["task_types"])
    return canonical_json(parts)


def _missing_share(task: Task) -> float:
    cells = task.dataset.n_rows * len(task.features)
    return sum(c.n_missing for c in task.features) / cells if cells else 0.0

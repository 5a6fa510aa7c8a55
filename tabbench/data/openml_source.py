"""Open tasks, datasets and suites of OpenML.

::

    openml/31            a task: its dataset, its target, its own splits
    openml/d/31          a dataset with the target that OpenML names by default, and splits by our rule
    openml/d/credit-g    the latest active version of the dataset of that name
    openml/s/99          a study of tasks, as a suite; by id or alias: openml/s/OpenML-CC18
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from typing import Any, NamedTuple

from tabbench.data.inference import infer_task
from tabbench.data.openml_card import dataset_card, roles_of
from tabbench.data.openml_client import openml_package
from tabbench.data.openml_splits import read_splits
from tabbench.data.openml_table import OpenmlTable, download_table
from tabbench.data.roles import gap_words
from tabbench.data.source import OpenedTask
from tabbench.data.splits import fixed_rule
from tabbench.data.tables import content_hash, typed_frame
from tabbench.errors import DataError, UnknownNameError
from tabbench.task import BINARY, MULTICLASS, REGRESSION, Suite, TaskType

OPENML = "openml/"
NAME = re.compile(r"openml/(?:(?P<kind>[ds])/)?(?P<key>[A-Za-z0-9_.()-]+)")
"""As the server allows names, but for commas, which part the tasks of a list."""


class OpenmlKind(StrEnum):
    """What a name asks for."""

    TASK = "task"
    DATASET = "dataset"
    SUITE = "suite"


class OpenmlName(NamedTuple):
    """A name in its parts; `id` is None where `key` is a name of OpenML's own."""

    kind: OpenmlKind
    key: str
    id: int | None


def parse_openml_name(name: str) -> OpenmlName:
    """`openml/31`, `openml/d/31`, `openml/d/NAME` or `openml/s/99` in its parts.

    Raises:
        DataError: If it is none of these.

    >>> parse_openml_name("openml/d/31").id
    31
    """
    match = NAME.fullmatch(name)
    kinds = {None: OpenmlKind.TASK, "d": OpenmlKind.DATASET, "s": OpenmlKind.SUITE}
    if match:
        kind, key = kinds[match["kind"]], match["key"]
        if re.fullmatch("[1-9][0-9]*", key):
            return OpenmlName(kind, key, int(key))
        if kind is not OpenmlKind.TASK and not key.isdecimal():
            return OpenmlName(kind, key, None)
    raise DataError(
        f"{name!r} names nothing on OpenML. Tasks are openml/31, datasets openml/d/31 or openml/d/credit-g, suites "
        "openml/s/99."
    )


def open_openml_task(name: str) -> OpenedTask:
    """A task or dataset of OpenML, downloaded now.

    Args:
        name: `openml/31`, `openml/d/31` or `openml/d/NAME`.

    Returns:
        The task with the table in the one form of `tables.typed_frame`; an OpenML task's own splits with it.

    Raises:
        TransientError: If server or network fail in a way that may pass.
        UnknownNameError: If the target that OpenML names is no column.
        DataError: If there is no such task or dataset, it is not supervised classification or regression, not active,
            damaged, or rows lack a target.
    """
    asked = parse_openml_name(name)
    if asked.kind is OpenmlKind.SUITE:
        raise DataError(f"{name!r} is a suite, not a task. Ask for it as suite={name}.")
    with openml_package(name) as openml:
        if asked.kind is OpenmlKind.DATASET:
            return _open_dataset(openml, name, asked)
        return _open_task(openml, name, asked)


def openml_suite(name: str) -> Suite:
    """A study of tasks on OpenML, by id or alias.

    Raises:
        TransientError: If server or network fail in a way that may pass.
        DataError: If there is no such study, or it holds no tasks.
    """
    asked = parse_openml_name(name)
    if asked.kind is not OpenmlKind.SUITE:
        raise DataError(f"{name!r} is no suite. Suites of OpenML are named openml/s/99 or openml/s/ALIAS.")
    with openml_package(name) as openml:
        study = openml.study.get_suite(asked.id or asked.key)
        if not study.tasks:
            raise DataError(f"{name} holds no tasks on {openml.config.server}: there is nothing to run.")
        made = f"made {study.creation_date}, {study.status} when it was read"
        return Suite(
            name=name,
            version=1,
            title=str(study.name),
            tasks=tuple(f"{OPENML}{number}" for number in dict.fromkeys(study.tasks)),
            notes=(f"OpenML study {study.study_id} on {_server(openml)}, {made}.",),
        )


def _open_task(openml: Any, name: str, asked: OpenmlName) -> OpenedTask:
    found = openml.tasks.get_task(asked.id)
    supervised = {
        openml.tasks.TaskType.SUPERVISED_CLASSIFICATION: MULTICLASS,
        openml.tasks.TaskType.SUPERVISED_REGRESSION: REGRESSION,
    }
    if found.task_type_id not in supervised:
        raise DataError(
            f"{name} is a task of type {found.task_type!r} on OpenML; only supervised classification and regression "
            f"can be run. Its dataset is openml/d/{found.dataset_id}."
        )
    table = download_table(openml, found.dataset_id)
    opened = _opened(openml, name, table, str(found.target_name), supervised[found.task_type_id])
    splits = read_splits(found, len(opened.frame), name)
    return OpenedTask(opened.task.with_splits(fixed_rule(splits)), opened.frame, splits)


def _open_dataset(openml: Any, name: str, asked: OpenmlName) -> OpenedTask:
    how = "" if asked.id else ", the latest active one of that name"
    table = download_table(openml, asked.id or _latest(openml, asked.key))
    target = table.dataset.default_target_attribute
    columns = [feature.name for feature in table.features]
    if not target:
        raise DataError(
            f"{name} names no target by default on OpenML. Ask for one of its tasks (openml/NUMBER), or take the "
            f"table as a file. Its columns: {', '.join(columns)}."
        )
    if target not in columns and "," in target:
        raise DataError(f"{name} has several targets on OpenML ({target}). Ask for one of its tasks: openml/NUMBER.")
    return _opened(openml, name, table, target, None, how)


def _latest(openml: Any, dataset_name: str) -> int:
    """The number of the active dataset of a name that has the highest version; the package would take the oldest."""
    listed = openml.datasets.list_datasets(data_name=dataset_name, status="active", output_format="dataframe")
    if listed.empty:
        raise DataError(
            f"No active dataset on {openml.config.server} is named {dataset_name!r}. Look the name up there."
        )
    return int(listed.sort_values(["version", "did"])["did"].iloc[-1])


def _opened(
    openml: Any, name: str, table: OpenmlTable, target: str, task_type: TaskType | None, how: str = ""
) -> OpenedTask:
    if target not in table.frame:
        raise UnknownNameError("column", target, map(str, table.frame), where=f"the target of {name} on OpenML")
    values = table.frame[target]
    if values.isna().any():
        raise DataError(gap_words(name, target, values))
    if task_type is MULTICLASS and values.nunique() == 2:
        task_type = BINARY
    task = infer_task(table.frame, name, target, "", roles_of(table, target), task_type)
    frame = typed_frame(table.frame, task.dataset.columns)
    card = dataset_card(table, task.dataset.columns, content_hash(frame), _server(openml), how)
    return OpenedTask(replace(task, dataset=card), frame)


def _server(openml: Any) -> str:
    return str(openml.config.get_server_base_url())

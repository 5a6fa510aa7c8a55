"""A pandas frame as a task: `frame/NAME`, put into the cache from Python.

::

    task = add_frame(frame, target="price", name="houses", roles={"sold_on": Role.TIME})
    data = load_task("frame/houses")           # tabbench run 'tasks=[frame/houses]'
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.data.cached import FRAME, put_opened
from tabbench.data.source import OpenedTask
from tabbench.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from tabbench.task import Role, Split, Task, TaskType

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def add_frame(
    frame: pd.DataFrame,
    target: str,
    name: str,
    roles: Mapping[str, Role] | None = None,
    task_type: TaskType | None = None,
    splits: Sequence[Split] | None = None,
) -> Task:
    """Put a frame into the cache as the task `frame/NAME`; what had the name before is replaced.

    Args:
        frame: Columns of numbers, text, truth values, categories or dates; the index is left out.
        target: The column to predict.
        name: Letters, digits, dots, dashes and underscores.
        roles: Columns that are neither features nor the target; a time makes splits temporal, a group grouped.
        task_type: Instead of the one that the target suggests.
        splits: Row numbers of every (repeat, fold), in order; made by a rule if None.

    Returns:
        The task, as `describe_task` finds it from now on.

    Raises:
        UnknownNameError: If there is no such column.
        DataError: If a column, the target or the splits cannot be used, or the cache cannot be written.
    """
    from tabbench.data.inference import infer_task
    from tabbench.data.splits import fixed_rule
    from tabbench.data.tables import content_hash

    if not NAME.fullmatch(name):
        raise DataError(f"A frame's name is made of letters, digits, dots, dashes and underscores, got {name!r}.")
    plain = _plain(frame, name)
    task = infer_task(plain, f"{FRAME}{name}", target, content_hash(plain), roles, task_type)
    card = replace(task.dataset, name=name, title=f"{name}: {target}", family=name, source="a frame given in Python")
    task = replace(task, dataset=card)
    if splits is not None:
        if not splits:
            raise DataError(f"{task.name}: splits=[] holds none. Leave it out for splits made by a rule.")
        task = task.with_splits(fixed_rule(splits))
    return put_opened(task.name, OpenedTask(task, plain, None if splits is None else tuple(splits))).task


def _plain(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame as it would be read from a file: the same types, and the same refusals."""
    import pyarrow as pa

    from tabbench.data.files import plain_frame

    columns = [str(column) for column in frame.columns]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DataError(f"{FRAME}{name}: columns {twice} stand twice. Rename one of each.")
    if not len(frame):
        raise DataError(f"{FRAME}{name}: the frame has no rows.")
    try:
        table = pa.Table.from_pandas(frame.set_axis(columns, axis=1), preserve_index=False)
    except (pa.ArrowException, UnicodeError) as error:
        raise DataError(f"{FRAME}{name}: a column mixes types: {' '.join(map(str, error.args))}.") from error
    return plain_frame(table, f"{FRAME}{name}")

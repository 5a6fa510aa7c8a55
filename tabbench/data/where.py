"""Choose tasks by an expression over what their cards say: `n_rows < 5000 and has_missing`.

The expression is SQL over one row a task, evaluated by DuckDB in memory without access to files or network. The facts
are read from cards; no table is opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabbench.data.catalog import describe_task, is_here, is_suite, load_suite
from tabbench.data.modifiers.names import split_name
from tabbench.errors import NotCachedError, SettingsError, UnknownNameError
from tabbench.schema import columns_of, flatten, identity
from tabbench.task import ColumnKind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from tabbench.schema import ColumnSpec
    from tabbench.task import Task

OPENML = "openml/"
N_SHOWN = 6
_SQL = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", int | None: "BIGINT"}


@dataclass(frozen=True, kw_only=True)
class ChoosableFacts:
    """What `where` may ask of a task. Words that the database has as well mean the same there."""

    task: str = identity("name of the task")
    dataset: str = identity("name of its dataset")
    family: str = identity("tables that are variants of one source share it")
    openml_id: int | None = identity("dataset id on OpenML, NULL where it has none")
    task_type: str = identity("binary, multiclass or regression")
    target: str = identity("target column")
    metric: str = identity("primary metric")
    n_rows: int = identity("rows", "rows")
    n_columns: int = identity("feature columns", "columns")
    n_numeric: int = identity("numeric feature columns", "columns")
    n_categorical: int = identity("categorical feature columns", "columns")
    n_dates: int = identity("date feature columns", "columns")
    max_levels: int = identity("levels of the categorical feature that has most, 0 without one", "levels")
    n_classes: int = identity("classes, 0 for regression", "classes")
    has_missing: bool = identity("whether a feature has missing values")
    missing_share: float = identity("share of missing cells among the features", "0..1")
    is_temporal: bool = identity("whether a column has the role time")
    is_grouped: bool = identity("whether a column has the role group")
    split_kind: str = identity("kfold, holdout, temporal, grouped or fixed")
    n_repeats: int = identity("repeats of the splits")
    n_folds: int = identity("folds of a repeat")
    origin: str = identity("real, simulated, fictional or unknown")
    licence: str = identity("the table's own")


def facts_of(task: Task) -> ChoosableFacts:
    """The facts of a task, from its card."""
    card, features = task.dataset, task.features
    n_of = {kind: sum(c.kind is kind for c in features) for kind in ColumnKind}
    n_missing = sum(c.n_missing for c in features)
    roles = {c.role for c in card.columns}
    return ChoosableFacts(
        task=task.name,
        dataset=card.name,
        family=card.family,
        openml_id=card.openml_id,
        task_type=task.type.value,
        target=task.target,
        metric=task.metric,
        n_rows=card.n_rows,
        n_columns=len(features),
        n_numeric=n_of[ColumnKind.NUMERIC],
        n_categorical=n_of[ColumnKind.CATEGORICAL],
        n_dates=n_of[ColumnKind.DATE],
        max_levels=max((c.n_levels for c in features), default=0),
        n_classes=len(task.classes),
        has_missing=n_missing > 0,
        missing_share=n_missing / (card.n_rows * len(features)) if card.n_rows and features else 0.0,
        is_temporal=Role.TIME in roles,
        is_grouped=Role.GROUP in roles,
        split_kind=task.split_rule.kind.value,
        n_repeats=task.split_rule.n_repeats,
        n_folds=task.split_rule.n_folds,
        origin=card.origin.value,
        licence=card.licence,
    )


def tasks_where(suite_or_names: str | Sequence[str], expression: str = "", suite: str = "") -> list[Task]:
    """The tasks of a suite, or those named, for which an expression is true, in their order.

    Args:
        suite_or_names: Name of a suite or of one task, or names of tasks.
        expression: SQL over `ChoosableFacts`; empty takes every task.
        suite: Where names are those of a suite, which: it is what has to be fetched.

    Raises:
        UnknownNameError: For a suite, task or fact that does not exist.
        DataError: If tasks have to be fetched first, or a card cannot be read.
        SettingsError: If the expression cannot be read, is not true or false, or is true for no task.
    """
    if isinstance(suite_or_names, str):
        suite = suite_or_names if is_suite(suite_or_names) else ""
        suite_or_names = load_suite(suite).tasks if suite else [suite_or_names]
    bases = [split_name(name).base for name in suite_or_names if name.startswith(OPENML)]
    absent = [name for name in dict.fromkeys(bases) if not is_here(name)]
    if absent:
        raise NotCachedError(
            f"{len(absent)} of {len(suite_or_names)} tasks are not here: {', '.join(absent[:N_SHOWN])}"
            f"{', …' if len(absent) > N_SHOWN else ''}. Fetch them where there is a network: tabbench data fetch "
            + (f"suite={suite}" if suite else f"'tasks=[{','.join(absent)}]'")
        )
    tasks = [describe_task(name) for name in suite_or_names]
    return choose(tasks, expression) if expression.strip() else tasks


def choose(tasks: Sequence[Task], expression: str) -> list[Task]:
    """Those of the tasks for which an expression is true, in their order.

    Raises:
        UnknownNameError: For a fact that does not exist.
        SettingsError: If the expression cannot be read, is not true or false, or is true for no task.
    """
    import duckdb

    # The closing bracket stands on a line of its own, so that a comment in the expression cannot hide it.
    query = f"SELECT place, ({expression}\n) AS chosen FROM facts ORDER BY place"
    with duckdb.connect(config={"enable_external_access": False}) as con:
        _fill(con, [facts_of(task) for task in tasks])
        try:
            if len(con.extract_statements(query)) != 1:
                raise SettingsError(f"where={expression!r} must be one expression, without semicolons.")
            answer = con.sql(query)
            kinds = [str(kind) for kind in answer.types]
            if kinds[1:] != ["BOOLEAN"]:
                raise SettingsError(
                    f"where={expression!r} is no question with yes or no: it gives {', '.join(kinds[1:])}. "
                    "Compare it with something: n_rows < 5000 and has_missing."
                )
            rows = answer.fetchall()
        except duckdb.Error as error:
            raise _told(expression, error) from error
    chosen = [task for task, row in zip(tasks, rows, strict=True) if row[1]]
    if not chosen:
        raise SettingsError(f"where={expression!r} holds for none of the {len(tasks)} tasks.")
    return chosen


def _fill(con: duckdb.DuckDBPyConnection, facts: Sequence[ChoosableFacts]) -> None:
    columns = list(columns_of(ChoosableFacts))
    con.execute(f"CREATE TABLE facts (place BIGINT, {', '.join(_declared(column) for column in columns)})")
    marks = ", ".join("?" * (len(columns) + 1))
    rows: list[list[Any]] = [[place, *flatten(one).values()] for place, one in enumerate(facts)]
    con.executemany(f"INSERT INTO facts VALUES ({marks})", rows)


def _declared(column: ColumnSpec) -> str:
    return f'"{column.name}" {_SQL[column.type]}'


def _told(expression: str, error: duckdb.Error) -> UnknownNameError | SettingsError:
    """DuckDB's error in our words: an unknown fact gets the nearest one."""
    text = str(error)
    unknown = re.search(r'Referenced (?:column|table) "([^"]+)" not found', text)
    if unknown:
        hint = "Texts stand in single quotes: task_type = 'binary'."
        known = [column.name for column in columns_of(ChoosableFacts)]
        return UnknownNameError("fact", unknown[1], known, where=f"where={expression!r}", hint=hint)
    return SettingsError(f"Cannot read where={expression!r}: {text.splitlines()[0]}")

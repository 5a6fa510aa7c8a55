"""What a ranking wants to know of its rows beside the errors: task types and sizes, families, rows of each split."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

TASK_FACTS = ("task_type", "n_rows", "n_columns", "n_categorical", "missing_share")


def with_facts(connection: duckdb.DuckDBPyConnection, errors: pd.DataFrame) -> pd.DataFrame:
    """The rows with facts of their tasks, models and splits, as columns.

    `task_type n_rows n_columns n_categorical missing_share task_family` of tasks (related tables share a family),
    `family` of models, `n_train n_test` of splits.

    `n_train` counts all rows of a split that are not test: those fitted on and those kept as valid. NaN where the
    store does not know.

    Args:
        connection: An open database.
        errors: As `read_errors` gives them.
    """
    if not len(errors):
        return errors
    tasks = connection.execute(
        f"select task, {', '.join(f'any_value({name}) as {name}' for name in TASK_FACTS)} from tasks group by task"
    ).df()
    related = connection.execute("""
        select task, any_value(family) as task_family from tasks join datasets using (dataset_hash)
        group by task""").df()
    families = connection.execute("select model, any_value(family) as family from models group by model").df()
    sizes = connection.execute("""
        select task, repeat, fold, max(n_train + coalesce(n_valid, 0)) as n_train, max(n_test) as n_test
        from fits join (select job_id, trial, attempt, task, repeat, fold from trials where trial = 0)
            using (job_id, trial, attempt)
        group by all""").df()
    for facts in (tasks, related, families, sizes):
        keys = [name for name in ("task", "repeat", "fold", "model") if name in facts]
        errors = errors.merge(facts, on=keys, how="left", validate="many_to_one")
    return errors


def tasks_where(connection: duckdb.DuckDBPyConnection, condition: str) -> list[str]:
    """Names of the tasks that an SQL condition on the table `tasks` holds for.

    Raises:
        SettingsError: If it is no condition on columns of that table.
    """
    import duckdb

    from tabbench.errors import SettingsError

    try:
        rows = connection.execute(f"select distinct task from tasks where ({condition}) order by task").fetchall()
    except duckdb.Error as error:
        raise SettingsError(
            f'--where {condition!r} is no condition on the columns of `tasks`, like "n_rows < 5000 and task_type = '
            f"'binary'\". {str(error).splitlines()[0]}"
        ) from error
    return [str(row[0]) for row in rows]

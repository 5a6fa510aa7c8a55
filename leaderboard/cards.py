"""What the store's small tables say of the tasks, datasets, models and machines of a site."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.pages import ColumnFacts, Environment, FindingFacts, ModelFacts, TaskFacts

if TYPE_CHECKING:
    import duckdb


def records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries of plain values; NULL is None."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_tasks(connection: duckdb.DuckDBPyConnection) -> tuple[TaskFacts, ...]:
    """The tasks in the temporary table `taken`, by name."""
    rows = records(
        connection,
        """
        select t.*, s.is_ranked, d.family, d.dataset, d.version, d.title, d.source, d.licence, d.origin, d.citation,
            d.openml_id, d.traps, d.columns, d.n_rows as dataset_rows
        from (select task_hash, splits_hash, bool_and(is_ranked) as is_ranked from taken group by all) s
            join tasks t using (task_hash, splits_hash)
            left join datasets d using (dataset_hash)
        order by t.task
        """,
    )
    found = records(connection, "select * from findings order by severity = 'note', severity = 'warning', check_name")
    fitting: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=_misfit, reverse=True):
        fitting[row["task_hash"], row["splits_hash"]] = row
    tasks = sorted(fitting.values(), key=lambda row: str(row["task"]))
    return tuple(_task(row, _findings(row, found)) for row in tasks)


def _misfit(row: dict[str, Any]) -> tuple[bool, int, str]:
    """How far a dataset's card is from the task: those changed by `~rows=` and the like share the table's hash."""
    columns = str(row["columns"] or "[]")
    n_features = sum(column["role"] == "feature" for column in json.loads(columns))
    return row["dataset_rows"] != row["n_rows"], abs(n_features - row["n_columns"]), columns


def _findings(task: dict[str, Any], found: list[dict[str, Any]]) -> tuple[FindingFacts, ...]:
    """What was found in a task on its splits."""
    mine = [row for row in found if (row["task_hash"], row["splits_hash"]) == (task["task_hash"], task["splits_hash"])]
    return tuple(
        FindingFacts(
            row["severity"], row["check_name"], row["message"],
            tuple(row["columns_at_fault"]), tuple(row["rows_at_fault"]),
        )
        for row in mine
    )  # fmt: skip


def _task(row: dict[str, Any], findings: tuple[FindingFacts, ...]) -> TaskFacts:
    columns = json.loads(row["columns"] or "[]")
    return TaskFacts(
        name=row["task"],
        title=row["title"] or row["task"],
        task_type=row["task_type"],
        metric=row["metric"],
        target=row["target"],
        n_rows=row["n_rows"],
        n_columns=row["n_columns"],
        n_categorical=row["n_categorical"],
        n_classes=row["n_classes"],
        missing_share=row["missing_share"],
        splits=_splits_in_words(row),
        source=row["source"] or "",
        licence=row["licence"] or "",
        origin=row["origin"] or "",
        citation=row["citation"] or "",
        dataset=row["dataset"] or "",
        dataset_version=row["version"] or 1,
        content_hash=row["dataset_hash"],
        openml_id=row["openml_id"],
        traps=tuple(str(trap) for trap in json.loads(row["traps"] or "[]")),
        columns=tuple(
            ColumnFacts(str(c["name"]), str(c["kind"]), str(c["role"]), c.get("n_missing", 0), c.get("n_levels", 0))
            for c in columns
        ),
        is_ranked=row["is_ranked"],
        family=row["family"] or "",
        findings=findings,
    )


def _splits_in_words(row: dict[str, Any]) -> str:
    kind = str(json.loads(row["split_rule"]).get("kind", ""))
    repeats = f"{row['n_repeats']} × " if row["n_repeats"] > 1 else ""
    return f"{repeats}{row['n_folds']} fold{'s' * (row['n_folds'] != 1)}, {kind}"


def read_models(connection: duckdb.DuckDBPyConnection) -> tuple[ModelFacts, ...]:
    """The models in the temporary table `taken`, by name; what no card tells stays empty."""
    rows = records(
        connection,
        """
        select t.model as name, m.* exclude (model) from (select distinct model, source_hash from taken) t
            left join models m on m.source_hash = t.source_hash and m.model = t.model
        order by name, m.model_version desc
        """,
    )
    newest = {row["name"]: row for row in reversed(rows)}
    return tuple(_model(newest[name]) for name in sorted(newest))


def _model(row: dict[str, Any]) -> ModelFacts:
    return ModelFacts(
        name=row["name"],
        title=row["title"] or row["name"],
        family=row["family"] or "other",
        kind=row["kind"] or "model",
        version=row["model_version"] or 1,
        paper=row["paper"] or "",
        code=row["code"] or "",
        licence=row["licence"] or "",
        space_source=str(json.loads(row["card"] or "{}").get("space_source") or ""),
        defaults_tuned_on=row["defaults_tuned_on"],
        pretrained_on=row["pretrained_on"],
        is_deterministic=row["is_deterministic"] is not False,
    )


def read_environments(connection: duckdb.DuckDBPyConnection) -> tuple[Environment, ...]:
    """Where the trials in the temporary table `taken_trials` ran, with the models that ran there."""
    rows = records(
        connection,
        """
        select e.*, t.models
        from (select environment_id, list_sort(list(distinct model)) as models from taken_trials group by all) t
            join environments e using (environment_id)
        order by environment_id
        """,
    )
    return tuple(
        Environment(
            environment_id=row["environment_id"],
            python=row["python"],
            platform=row["platform"],
            cpu=row["cpu"],
            n_cores=row["n_cores"],
            memory_mib=row["memory_mib"],
            gpu=row["gpu"],
            tabbench_version=row["tabbench_version"],
            git_revision=row["git_revision"],
            packages=tuple(sorted((str(k), str(v)) for k, v in json.loads(row["packages"]).items())),
            models=tuple(row["models"]),
        )
        for row in rows
    )

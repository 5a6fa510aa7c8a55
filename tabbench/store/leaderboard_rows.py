"""From stored trials to the tidy errors that a ranking takes: how each regime reads a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.counted import counted
from tabbench.errors import UnknownNameError
from tabbench.results import Scores
from tabbench.task import Direction, Metric, TaskType

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

FEWEST_TUNED = 2
"""Finished trials that a job needs before the best of them counts as tuned."""


class ErrorRows(NamedTuple):
    """What a ranking takes.

    Attributes:
        errors: One row a model, regime and split: `model regime task repeat fold error fit_seconds predict_seconds
            search_seconds protocol_id source_hash task_hash splits_hash environment_id job_id choice_metric valid_error
            best_error has_space`. The error is NaN where the regime has none. `valid_error` is what valid said of that
            choice, `best_error` the least test error of the job's trials, both by the metric that ranks.
        notices: What was not taken, a sentence each.
    """

    errors: pd.DataFrame
    notices: tuple[str, ...]


def read_errors(
    connection: duckdb.DuckDBPyConnection,
    suite: str | None = None,
    metric: Metric | None = None,
    protocol: str | None = None,
    latest: bool = False,
    with_ensembles: bool = False,
) -> ErrorRows:
    """The errors of a store's jobs under each regime.

    `default` is trial 0. `tuned` is the finished trial with the least `valid_error`, the lowest number on ties; no test
    score is read in choosing it. A job with fewer than two finished trials is not tuned (its error is missing), a model
    without a search space stands in both regimes with its one configuration, and a model that no job gave a second
    trial is not in `tuned` at all. Where no finished trial has a valid error (undefined there) trial 0 stands.
    `search_seconds` sums all trials of the job under `tuned`, failed ones too. `tuned_ensembled` is the job's ensemble
    in the view `ensembles`, missing where none was made; its members' seconds are added up. It takes the jobs that
    `tuned` takes, with the one configuration of a model without a search space.

    Trials whose library or weights were missing (`unavailable`) and smoke tasks are not taken.

    Args:
        connection: An open database.
        suite: Only its tasks; None for every task in the store.
        metric: Rank by this metric on test; None for the one that configurations were chosen by.
        protocol: Id or name of the protocol; None for all (a ranking refuses more than one).
        latest: Of several protocols, contents of a task or sources of a model, take what was run last.
        with_ensembles: Take the regime `tuned_ensembled` too.

    Raises:
        UnknownNameError: If the store has no such suite or protocol.
    """
    tasks, notices = chosen_tasks(connection, suite, metric)
    if protocol is not None:
        _check_protocol(connection, protocol)
    name = None if metric is None else metric.name
    values = {"protocol": protocol, "tasks": tasks, "metric": name}
    query = _query(metric, latest, with_ensembles)
    errors = connection.execute(query, values).df()
    notices += _notices(errors, metric)
    return ErrorRows(errors.drop(columns=["n_finished"]), tuple(notices))


def _error_sql(metric: Metric | None, part: str) -> str:
    if metric is None:
        return f"{part}_error"
    if metric.name not in Scores.__dataclass_fields__:
        return f"new_{part}"
    column = f"{part}_{metric.name}"
    is_lower = metric.direction is Direction.LOWER
    error = f"{column} - {metric.optimum}" if is_lower else f"{metric.optimum} - {column}"
    return f"coalesce({error}, new_{part})"


def taken_trials(metric: Metric | None, latest: bool) -> str:
    """SQL of the trials that a ranking takes, as `taken` behind a `with`; its values are `tasks protocol metric`."""
    error, valid = _error_sql(metric, "test"), _error_sql(metric, "valid")
    return f"""available as (
        select {_KEYS}, trial, attempt, status, valid_error, started_at, total_seconds, fit_seconds, predict_seconds,
            environment_id, if(status = 'ok', {error}, null) as error, if(status = 'ok', {valid}, null) as valid
        from trials left join ({_NEW_SCORES}) using (job_id, trial, attempt)
        where list_contains($tasks::varchar[], task) and refit_of is null and status <> 'unavailable'
          and ($protocol::varchar is null or protocol_id = $protocol or protocol = $protocol)
    ), taken as ({_LATEST if latest else "select * from available"})"""


def _query(metric: Metric | None, latest: bool, with_ensembles: bool) -> str:
    """One statement; the names in it are the schema's, and the errors come from the catalogue of metrics."""
    return f"""
    with {taken_trials(metric, latest)}, jobs as (
        select {_KEYS}, count(*) filter (where status = 'ok') as n_finished, count(*) as n_tried,
            sum(total_seconds) as job_seconds, min(error) as best_error, bool_or(trial = 0) as has_default,
            any_value({_SCORED}) filter (where trial = 0) as first,
            arg_min({_SCORED}, (valid_error, trial)) filter (where status = 'ok' and valid_error is not null) as best
        from taken group by {_KEYS}
    ), blended as ({_blended(metric, with_ensembles)}
    ), judged as (
        select jobs.*, blend, coalesce(has_space, true) as has_space,
            max(n_tried) over (partition by model) > 1 as is_tuned
        from jobs left join (select source_hash, bool_or(has_space) as has_space from models group by source_hash)
            using (source_hash) left join blended using (job_id)
    ), tried as (
        select * from judged
        where (is_tuned or not has_space) and exists (select 1 from judged where has_space and is_tuned)
    ), rows as (
        select 'default' as regime, first as scored, first.total_seconds as search_seconds, * exclude blend
        from judged where has_default
        union all
        select 'tuned', if(has_space and n_finished < {FEWEST_TUNED}, null, coalesce(best, first)), job_seconds,
            * exclude blend
        from tried
        union all
        select 'tuned_ensembled', if(n_finished < {FEWEST_TUNED}, if(has_space, null, coalesce(best, first)), blend),
            job_seconds, * exclude blend
        from tried where {with_ensembles}
    )
    select model, regime, task, repeat, fold, scored.error as error, scored.fit_seconds as fit_seconds,
        scored.predict_seconds as predict_seconds, search_seconds, protocol_id, source_hash, task_hash, splits_hash,
        scored.environment_id as environment_id, job_id, choice_metric, scored.valid as valid_error, best_error,
        n_finished, has_space
    from rows order by all
    """


def _blended(metric: Metric | None, with_ensembles: bool) -> str:
    """What `tuned_ensembled` reads of a job: its ensemble's errors, and the seconds of the members together."""
    error, valid = _error_sql(metric, "test"), _error_sql(metric, "valid")
    ensembles = "ensembles" if with_ensembles else "(select * from ensembles limit 0)"  # which costs nothing
    return f"""
        select job_id, {{'error': any_value(b.error), 'valid': any_value(b.valid), 'fit_seconds': sum(t.fit_seconds),
            'predict_seconds': sum(t.predict_seconds), 'total_seconds': sum(t.total_seconds),
            'environment_id': any_value(t.environment_id)}} as blend
        from (
            select job_ids[1] as job_id, metric as choice_metric, unnest(member_trials) as trial, {error} as error,
                {valid} as valid
            from (select *, null::double as new_test, null::double as new_valid from {ensembles}) where len(job_ids) = 1
        ) b join taken t using (job_id, choice_metric, trial)
        group by job_id
    """


_NEW_SCORES = """select job_id, trial, attempt, test_error as new_test, valid_error as new_valid
    from new_scores where metric = $metric::varchar"""
_KEYS = "job_id, model, source_hash, task, task_hash, splits_hash, repeat, fold, protocol_id, choice_metric"
_SCORED = """{'error': error, 'valid': valid, 'fit_seconds': fit_seconds, 'predict_seconds': predict_seconds,
    'total_seconds': total_seconds, 'environment_id': environment_id}"""
_LATEST = """
    with of_protocol as (
        select * from available where protocol_id = (select arg_max(protocol_id, started_at) from available)
    ), of_task as (
        select * from of_protocol
        where (task, task_hash, splits_hash) in
            (select (task, arg_max(task_hash, started_at), arg_max(splits_hash, started_at))
             from of_protocol group by task)
    )
    select * from of_task
    where (model, source_hash) in (select (model, arg_max(source_hash, started_at)) from of_task group by model)
"""


def _column(connection: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[str]:
    return [str(row[0]) for row in connection.execute(query, values or None).fetchall()]


def chosen_tasks(
    connection: duckdb.DuckDBPyConnection, suite: str | None, metric: Metric | None
) -> tuple[list[str], list[str]]:
    """Tasks to take, and what to say of those that are not."""
    notices = []
    stored = dict(connection.execute("select task, any_value(task_type) from tasks group by task").fetchall())
    wanted = sorted(stored)
    if suite is not None:
        known = _column(connection, "select distinct suite from suites")
        if suite not in known:
            raise UnknownNameError("suite", suite, known, where="--suite, among those in this store")
        members = _column(
            connection,
            "select task from suites where suite = $suite and is_ranked "
            "and version = (select max(version) from suites where suite = $suite) order by task",
            suite=suite,
        )
        absent = [task for task in members if task not in stored]
        if absent:
            notices.append(f"{len(absent)} of {len(members)} tasks of suite {suite} have no rows: {', '.join(absent)}.")
        wanted = [task for task in members if task in stored]
    smoke = set(_column(connection, "select distinct task from suites where not is_ranked")) & set(wanted)
    if smoke:
        notices.append(f"Smoke tasks are never ranked: {', '.join(sorted(smoke))}.")
    fitting = [t for t in wanted if t not in smoke and (metric is None or TaskType(stored[t]) in metric.task_types)]
    other = sorted(set(wanted) - smoke - set(fitting))
    if other and metric is not None:
        notices.append(f"{metric.title} does not fit {counted(len(other), 'task')}: {', '.join(other)}.")
    return fitting, notices


def _check_protocol(connection: duckdb.DuckDBPyConnection, protocol: str) -> None:
    known = _column(connection, "select distinct protocol from trials union select distinct protocol_id from trials")
    if protocol not in known:
        raise UnknownNameError("protocol", protocol, known, where="--protocol, names and ids in this store")


def _notices(errors: pd.DataFrame, metric: Metric | None) -> list[str]:
    notices = []
    single = errors[(errors["regime"] == "tuned") & errors["has_space"] & (errors["n_finished"] == 1)]
    if len(single):
        names = ", ".join(sorted(set(single["model"])))
        notices.append(f"Jobs with one finished trial are not tuned, so missing under tuned: {len(single)} of {names}.")
    chosen = sorted(set(errors["choice_metric"]) - {metric.name} if metric is not None else [])
    if chosen and metric is not None:
        notices.append(f"Ranked by {metric.name}; configurations were chosen by {', '.join(chosen)}.")
    is_new = metric is not None and metric.name not in Scores.__dataclass_fields__
    if is_new and errors["error"].isna().any():
        notices.append("Trials without a score by that metric count as missing; `tabbench score FILE` adds them.")
    return notices

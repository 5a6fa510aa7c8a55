"""Read a store into page data: the same rows, and so the same numbers, as `tabbench rank`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

from tabbench_leaderboard.analyses.sections import analyses_of
from tabbench_leaderboard.analysis_page import analysis_document
from tabbench_leaderboard.browser_data import About, browser_data, measured_metrics
from tabbench_leaderboard.cards import read_environments, read_models, read_tasks, records
from tabbench_leaderboard.chosen_trials import read_best_configs, read_failures
from tabbench_leaderboard.pages import Site
from tabbench_leaderboard.plot_data import feature_document, plot_documents
from tabbench_leaderboard.smoke_tasks import read_smoke_errors
from tabbench_leaderboard.standings import IMPUTATION, results_of, standings_of
from tabbench_leaderboard.tried_settings import read_features, read_protocols, read_settings

import tabbench
from tabbench.errors import StoreError
from tabbench.metrics import METRICS
from tabbench.store.database import open_database
from tabbench.store.trial_errors import read_trials

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb
    import pandas as pd
    from tabbench_leaderboard.browser_data import RankedRows
    from tabbench_leaderboard.pages import PublishedFile, TaskFacts
    from tabbench_leaderboard.site_data import BrowserData

    from tabbench.store.layout import Store

ALL_TASKS = "All tasks of the store"
_RUN_SOME = "Run some: tabbench run suite=quickstart 'models=[linear,lightgbm]'"


@dataclass(frozen=True)
class _Suite:
    name: str
    title: str
    citation: str


class Gathered(NamedTuple):
    """What the templates show, and what the scripts work on."""

    site: Site
    data: BrowserData


def gather(
    store: Store,
    read: Callable[[str | None], RankedRows],
    suite: str | None = None,
    publish: Callable[[duckdb.DuckDBPyConnection], tuple[PublishedFile, ...]] = lambda _connection: (),
    protocol: str | None = None,
    latest: bool = False,
) -> Gathered:
    """Everything the site shows of a store.

    Args:
        store: A results folder; nothing in it is changed but its cache.
        read: The rows that `tabbench rank` takes by a metric; by what configurations were chosen by, for None.
        suite: The suite that `read` was told to take; None for every task in the store.
        publish: Makes files of the rows that are shown, which a temporary table `taken_trials` names.
        protocol: The protocol that `read` was told to take; None for the only one.
        latest: Whether `read` was told to take what was run last.

    Raises:
        StoreError: If there is no store, or nothing in it that can be ranked.
        UnknownNameError: If the store has no such suite or protocol.
        DataError: If rows must not stand in one ranking, as `tabbench rank` would say.
    """
    read = cache(read)  # each is asked for by several
    rows = read(None)
    _refuse_nothing(rows, store, suite)
    with open_database(store) as connection:
        smoke = read_smoke_errors(connection, suite, rows.errors)
        _make_taken(connection, rows.errors, smoke)
        site = _site(connection, rows, smoke, suite, publish(connection))
        about = About(site.suite_title, site.suite, site.data_as_of, tabbench.__version__, site.n_trials)
        by_metric = {metric: read(metric).errors for metric in measured_metrics(connection)}
        trials = partial(read_trials, connection, suite, protocol=protocol, latest=latest)
        scored = ((metric, trials(metric=METRICS[metric])) for metric in by_metric)
        analyses = analyses_of(connection, rows.errors, trials(), scored)
        site = replace(site, analyses=analyses)
        documents = plot_documents(connection, rows.errors, by_metric) | feature_document(site.features)
        documents |= analysis_document(analyses)
        return Gathered(site, replace(browser_data(connection, rows, read, about), documents=documents))


def _site(
    connection: duckdb.DuckDBPyConnection,
    rows: RankedRows,
    smoke: pd.DataFrame,
    suite: str | None,
    published: tuple[PublishedFile, ...],
) -> Site:
    """What the templates show of the rows taken."""
    standings, notices = standings_of(rows.errors)
    tasks = read_tasks(connection)
    named = _suite(connection, suite, {task.name for task in tasks})
    n_trials, newest = connection.execute(
        "select count(*), strftime(max(started_at), '%Y-%m-%d %H:%M UTC') from taken_trials"
    ).fetchall()[0]
    return Site(
        suite=named.name,
        suite_title=named.title,
        suite_citation=named.citation,
        data_as_of=newest,
        tabbench_version=tabbench.__version__,
        standings=standings,
        models=read_models(connection),
        tasks=tasks,
        results=results_of(rows.errors) + results_of(smoke, is_ranked=False),
        failures=read_failures(connection),
        best_configs=read_best_configs(connection),
        environments=read_environments(connection),
        settings=read_settings(connection),
        protocols=read_protocols(connection),
        features=read_features(connection),
        imputation=IMPUTATION,
        n_trials=n_trials,
        notes=(*_coverage(rows.errors, tasks, connection), *rows.notices, *_beyond_demonstration(notices)),
        published=published,
    )


def _refuse_nothing(rows: RankedRows, store: Store, suite: str | None) -> None:
    if rows.errors.empty:
        raise StoreError(
            f"The store at {store.root} holds no finished trials{f' of suite {suite}' if suite else ''} to rank. "
            f"{' '.join((*rows.notices, _RUN_SOME))}"
        )


def _make_taken(connection: duckdb.DuckDBPyConnection, errors: pd.DataFrame, smoke: pd.DataFrame) -> None:
    """Temporary tables: the rows shown, and all trials of the same contents, those of missing libraries too."""
    connection.register("ranked_frame", errors)
    connection.register("smoke_frame", smoke)
    connection.execute(
        """
        create temp table taken as
        select *, true as is_ranked from ranked_frame
        union all by name
        select *, false as is_ranked from smoke_frame
        """
    )
    connection.unregister("ranked_frame")
    connection.unregister("smoke_frame")
    connection.execute(
        """
        create temp table taken_trials as
        select t.* from trials t
            semi join taken on t.protocol_id = taken.protocol_id and t.task_hash = taken.task_hash
                and t.splits_hash = taken.splits_hash
        where t.source_hash in (select source_hash from taken) or t.model not in (select model from taken)
        """
    )


def _suite(connection: duckdb.DuckDBPyConnection, suite: str | None, tasks: set[str]) -> _Suite:
    """The suite asked for, or the only one in the store if its tasks are all that there are, or all were run for it."""
    rows = records(
        connection,
        """
        select suite, arg_max(title, version) as title, arg_max(citation, version) as citation,
            list(distinct task) as tasks,
            (select coalesce(list(distinct t.task), []) from trials t where t.suite = suites.suite) as run_for
        from suites group by suite order by suite
        """,
    )
    fitting = [row for row in rows if row["suite"] == suite or (suite is None and len(rows) == 1)]
    for row in fitting:
        is_whole = tasks == set(row["tasks"]) or tasks <= set(row["run_for"])
        if tasks <= set(row["tasks"]) and (suite or is_whole):
            return _Suite(row["suite"], row["title"] or row["suite"], row["citation"] or "")
    return _Suite(suite or "", ALL_TASKS, "")


def _coverage(errors: pd.DataFrame, tasks: tuple[TaskFacts, ...], connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence where only some of the splits that tasks define were run."""
    n_defined = connection.execute(
        "select sum(n_repeats * n_folds) from (select distinct task_hash, splits_hash from taken where is_ranked) "
        "join tasks using (task_hash, splits_hash)"
    ).fetchall()[0][0]
    n_run = len(errors[["task", "repeat", "fold"]].drop_duplicates())
    if n_defined is None or n_run >= n_defined:
        return []
    n_tasks = sum(task.is_ranked for task in tasks)
    return [f"Only {n_run} of the {n_defined} splits that the {n_tasks} ranked tasks define were run."]


def _beyond_demonstration(notices: tuple[str, ...]) -> list[str]:
    """Every page says itself that it is a demonstration."""
    return [notice for notice in notices if "a demonstration" not in notice]

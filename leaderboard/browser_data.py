"""Turn a store's rows into what the scripts of the site work on: facts of tasks and models, and arrays of errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from tabbench_leaderboard.cards import records
from tabbench_leaderboard.first_view import first_view
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.site_data import (
    PRIMARY,
    TASK_COLUMNS,
    VERSION,
    BrowserData,
    MetricData,
    ModelData,
    SiteData,
    SplitKeys,
    TaskData,
    ViewArrays,
    ViewData,
)

from tabbench.metrics import METRICS
from tabbench.ranking.averages import task_means
from tabbench.tuning.overtuning import split_overtuning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    import pandas as pd

    from tabbench.task import FloatArray, IntArray


class RankedRows(Protocol):
    """Tidy rows with what is to be said of them, as `tabbench rank` takes them."""

    @property
    def errors(self) -> pd.DataFrame:
        """As `read_errors` gives them, with the facts of `with_facts`."""
        ...

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence each."""
        ...


class About(NamedTuple):
    """What the pages say of the whole site."""

    title: str
    suite: str
    data_as_of: str
    tabbench_version: str
    n_trials: int


def measured_metrics(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Metrics that the store has any test score by, in the order of the catalogue."""
    counts = ", ".join(f"count(test_{name})" for name in METRICS)
    row = connection.execute(f"select {counts} from trials where status = 'ok'").fetchone()
    return tuple(name for name, n in zip(METRICS, row or (), strict=False) if n)


def browser_data(
    connection: duckdb.DuckDBPyConnection, rows: RankedRows, by_metric: Callable[[str], RankedRows], about: About
) -> BrowserData:
    """Everything that the scripts know.

    Args:
        connection: An open database.
        rows: Of every regime, by the metric that configurations were chosen by.
        by_metric: The same rows by a metric of tabbench's own.
        about: What stands at the head.
    """
    index = Index.of(rows.errors)
    memory = _memory(connection)
    views: list[ViewData] = []
    arrays: dict[str, ViewArrays] = {}
    metrics = measured_metrics(connection)
    for metric in (PRIMARY, *metrics):
        ranked = rows if metric == PRIMARY else by_metric(metric)
        for regime, errors in ranked.errors.groupby("regime", sort=True):
            view = _view(str(regime), metric, errors, ranked.notices)
            views.append(view)
            arrays[view.file] = index.arrays(errors, memory)
    tasks = _tasks(connection, index.tasks)
    site = SiteData(
        version=VERSION,
        **about._asdict(),
        tasks=tasks,
        splits=index.keys,
        models=_models(connection, index.models, rows.errors, tasks),
        metrics=(
            MetricData(PRIMARY, "As chosen by: log loss or RMSE", "", tuple(sorted({t.task_type for t in tasks}))),
            *(MetricData(n, METRICS[n].title, METRICS[n].unit, tuple(sorted(METRICS[n].task_types))) for n in metrics),
        ),
        views=tuple(views),
        test_per_train=index.test_per_train(rows.errors),
    )
    return BrowserData(site, arrays, first_view(rows.errors, site, arrays))


def _view(regime: str, metric: str, errors: pd.DataFrame, notices: Sequence[str]) -> ViewData:
    is_timed = "is_timed" in errors and bool(errors["is_timed"].all())
    times = "timing pass" if is_timed else "shared machine"
    said = [notice for notice in notices if "regime " not in notice or f"regime {regime} " in notice]
    return ViewData(regime, metric, f"data/view-{regime}-{metric}.bin", times, tuple(said))


class Index(NamedTuple):
    """Where each task, split and model stands in the arrays."""

    tasks: tuple[str, ...]
    models: tuple[str, ...]
    keys: SplitKeys

    @classmethod
    def of(cls, errors: pd.DataFrame) -> Index:
        """The index of all rows that are ranked."""
        tasks = tuple(sorted(set(errors["task"].astype(str))))
        models = tuple(sorted(set(errors["model"].astype(str))))
        numbers = {name: i for i, name in enumerate(tasks)}
        found = errors[["task", "repeat", "fold"]].drop_duplicates()
        keys = sorted((numbers[str(t)], int(r), int(f)) for t, r, f in found.itertuples(index=False))
        task, repeat, fold = zip(*keys, strict=True)
        return cls(tasks, models, SplitKeys(task, repeat, fold))

    def arrays(self, errors: pd.DataFrame, memory: pd.DataFrame) -> ViewArrays:
        """The arrays of one regime; rows of splits that the index does not know are none of the site's."""
        errors = self.known(errors)
        split_of, model_of = self._places(errors)
        shape = (len(self.keys.task), len(self.models))
        held = np.full(shape, np.nan)
        held[split_of, model_of] = errors["error"].fillna(np.inf).to_numpy()
        told = split_overtuning(errors.reset_index(drop=True))
        told = told.merge(memory, how="left", on=["regime", "job_id"], validate="many_to_one")
        task_of: IntArray = np.array(self.keys.task, dtype=np.int64)

        def by_task(name: str) -> FloatArray:
            values = np.full(shape, np.nan)
            values[split_of, model_of] = told[name].to_numpy(dtype=np.float64, na_value=np.nan)
            return task_means(np.where(np.isfinite(held), values, np.nan), task_of)

        return ViewArrays(held, np.array([by_task(name) for name in TASK_COLUMNS]))

    def known(self, errors: pd.DataFrame) -> pd.DataFrame:
        """The rows of the site's splits and models: a run that goes on may have added others since they were read."""
        import pandas as pd

        tasks = [self.tasks[number] for number in self.keys.task]
        splits = pd.MultiIndex.from_arrays([tasks, self.keys.repeat, self.keys.fold])
        is_split = pd.MultiIndex.from_frame(errors[["task", "repeat", "fold"]]).isin(splits)
        return errors[is_split & errors["model"].isin(self.models)]

    def test_per_train(self, errors: pd.DataFrame) -> tuple[float | None, ...]:
        """Test rows over train rows of each split."""
        if not {"n_test", "n_train"} <= set(errors):
            return (None,) * len(self.keys.task)
        split_of, _ = self._places(errors)
        ratios = (errors["n_test"] / errors["n_train"]).to_numpy(dtype=np.float64, na_value=np.nan)
        known = {int(split): float(ratio) for split, ratio in zip(split_of, ratios, strict=True) if np.isfinite(ratio)}
        return tuple(known.get(split) for split in range(len(self.keys.task)))

    def _places(self, errors: pd.DataFrame) -> tuple[IntArray, IntArray]:
        tasks = {name: i for i, name in enumerate(self.tasks)}
        models = {name: i for i, name in enumerate(self.models)}
        keys = zip(self.keys.task, self.keys.repeat, self.keys.fold, strict=True)
        splits = {key: i for i, key in enumerate(keys)}
        triples = zip(errors["task"].map(tasks), errors["repeat"], errors["fold"], strict=True)
        split_of = np.array([splits[int(t), int(r), int(f)] for t, r, f in triples], dtype=np.int64)
        model_of = np.array([models[str(name)] for name in errors["model"]], dtype=np.int64)
        return split_of, model_of


def _memory(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Peak memory of what each regime reads from a job: of the timing pass where that trial was timed."""
    return connection.execute(
        """
        select regime, job_id, any_value(coalesce(t.peak_memory_mib, b.peak_memory_mib)) as memory_mib
        from best_trials b left join (select * from timings where status = 'ok') t using (job_id, trial, attempt)
        group by all
        """
    ).df()


def _tasks(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> tuple[TaskData, ...]:
    query = """
        select t.task, any_value(coalesce(d.title, t.task)) as title, any_value(d.family) as family,
            any_value(t.task_type) as task_type, any_value(t.n_rows) as n_rows, any_value(t.n_columns) as n_columns,
            any_value(t.n_categorical) as n_categorical, any_value(t.n_classes) as n_classes,
            any_value(t.missing_share) as missing_share, any_value(json_extract_string(t.split_rule, '$.kind')) as kind,
            any_value(s.suites) as suites, any_value(m.share) as majority_share
        from tasks t left join datasets d using (dataset_hash)
            left join (select task, list_sort(list(distinct suite)) as suites from suites group by task) s
                on s.task = t.task
            left join (select task, avg(test_accuracy) as share from trials
                where model = 'constant' and trial = 0 and status = 'ok' group by task) m on m.task = t.task
        group by t.task
    """
    found = {row["task"]: row for row in records(connection, query)}
    return tuple(
        TaskData(
            name=name, title=row["title"], task_type=row["task_type"], n_rows=row["n_rows"], n_columns=row["n_columns"],
            n_categorical=row["n_categorical"], n_classes=row["n_classes"], missing_share=row["missing_share"],
            majority_share=row["majority_share"], split_kind=row["kind"] or "", suites=tuple(row["suites"] or ()),
            family=row["family"] or name, page=page_name("tasks", name),
        )
        for name, row in ((name, found[name]) for name in names)
    )  # fmt: skip


def _models(
    connection: duckdb.DuckDBPyConnection, names: tuple[str, ...], errors: pd.DataFrame, tasks: tuple[TaskData, ...]
) -> tuple[ModelData, ...]:
    sources = errors.drop_duplicates("model").set_index("model")["source_hash"]
    found = {(row["model"], row["source_hash"]): row for row in records(connection, "select * from models")}
    made = []
    for name in names:
        row = found.get((name, str(sources[name])), {})
        made.append(
            ModelData(
                name=name,
                title=row.get("title") or name,
                family=row.get("family") or "other",
                kind=row.get("kind") or "model",
                licence=row.get("licence") or "",
                version=row.get("model_version") or 1,
                pretrained_on=row.get("pretrained_on"),
                defaults_tuned_on=row.get("defaults_tuned_on"),
                seen_tasks=seen_tasks((row.get("pretrained_on"), row.get("defaults_tuned_on")), tasks),
                has_space=row.get("has_space") is not False,
                page=page_name("models", name),
            )
        )
    return tuple(made)


def seen_tasks(texts: Sequence[str | None], tasks: Sequence[TaskData]) -> tuple[int, ...]:
    """Numbers of the tasks that a card names, by their own name or by that of a suite that holds them."""
    words = {word for text in texts if text for word in re.split(r"[,;\s]+", text)}
    return tuple(i for i, task in enumerate(tasks) if words & {task.name, *task.suites})

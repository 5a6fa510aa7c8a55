"""What the plots need beyond the errors: tuning curves, and how the order moves with each choice; as JSON files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.curves import Curves, curves_of
from tabbench_leaderboard.naming import page_name

from tabbench.ranking.leaderboard import pools_of
from tabbench.ranking.rules import Rules
from tabbench.ranking.sensitivity import alternatives_of, sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb
    import pandas as pd
    from tabbench_leaderboard.pages import TaskFeature

CURVES, SENSITIVITY, METAFEATURES = "data/curves.json", "data/sensitivity.json", "data/metafeatures.json"


@dataclass(frozen=True)
class Moved:
    """How far a model moves when a choice changes, as `Sensitivity.models` has it."""

    model: str
    place: float
    best_place: float
    worst_place: float
    largest_move: float
    moves_with: str


@dataclass(frozen=True)
class Variant:
    """A ranking in which one choice differs, as `Sensitivity.variants` has it; None where nothing can be compared."""

    option: str
    variant: str
    n_models: int
    n_tasks: int
    kendall_tau: float | None
    largest_move: float | None
    moved_model: str


@dataclass(frozen=True)
class RegimeSensitivity:
    """A regime's."""

    models: tuple[Moved, ...]
    variants: tuple[Variant, ...]


def plot_documents(
    connection: duckdb.DuckDBPyConnection, errors: pd.DataFrame, by_metric: Mapping[str, pd.DataFrame]
) -> dict[str, bytes]:
    """The files by their path from the site's root.

    Args:
        connection: An open database with the temporary table `taken_trials`.
        errors: The ranked rows of every regime, with the facts of `with_facts`.
        by_metric: The same rows by other metrics.
    """
    return {**curve_documents(curves_of(_trials(connection))), **sensitivity_document(errors, by_metric)}


def curve_documents(curves: Curves) -> dict[str, bytes]:
    """`data/curves.json` with the curves over all tasks and where those of each task are."""
    files = {task: page_name("data/curves", task).removesuffix(".html") + ".json" for task in curves.by_task}
    documents = {files[task]: _json([asdict(curve) for curve in of_task]) for task, of_task in curves.by_task.items()}
    over_tasks = [asdict(curve) for curve in curves.over_tasks]
    return {CURVES: _json({"over_tasks": over_tasks, "files": files}), **documents}


def feature_document(features: Sequence[TaskFeature]) -> dict[str, bytes]:
    """`data/metafeatures.json`: of each metafeature, by its name, the value of each task that has one."""
    found: dict[str, dict[str, float]] = {}
    for feature in features:
        found.setdefault(feature.name, {})[feature.task] = feature.value
    return {METAFEATURES: _json(found)}


def _trials(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.execute(
        """
        select t.job_id, t.model, t.task, t.repeat, t.fold, t.protocol_id, t.sampler, t.trial, t.status, t.valid_error,
            t.test_error, t.total_seconds
        from taken_trials t semi join (select * from taken where is_ranked) k
            using (model, source_hash, task, repeat, fold)
        where t.refit_of is null and t.status <> 'unavailable'
        order by t.model, t.task, t.repeat, t.fold, t.job_id, t.trial
        """
    ).df()


def sensitivity_document(errors: pd.DataFrame, by_metric: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """`data/sensitivity.json`: of each regime how far its models move, and every variant."""
    rules = Rules()
    found: dict[str, object] = {}
    for name, pool in pools_of(errors, rules.pool):
        rows = {m: e[e["regime"].isin(errors["regime"].unique())] for m, e in by_metric.items()}
        try:
            moved = sensitivity(pool, rules, alternatives_of(errors, name, rows, rules))
        except ValueError:  # nobody is ranked
            continue
        variants = moved.variants.astype(object).where(moved.variants.notna(), None)
        models = (Moved(**row) for row in _records(moved.models))
        each = (Variant(**row) for row in _records(variants))
        found[name] = asdict(RegimeSensitivity(tuple(models), tuple(each)))
    return {SENSITIVITY: _json(found)}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

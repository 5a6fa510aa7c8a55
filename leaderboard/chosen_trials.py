"""The trials behind a site's numbers: which failed and why, and which configurations were chosen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.cards import records
from tabbench_leaderboard.pages import BestConfig, Failure

if TYPE_CHECKING:
    import duckdb

MOST_REASON = 300
"""Characters of a reason that a page shows; the store keeps all."""


def read_failures(connection: duckdb.DuckDBPyConnection) -> tuple[Failure, ...]:
    """Trials in the temporary table `taken_trials` that were not scored, those with one reason together."""
    rows = records(
        connection,
        """
        select model, task, status, coalesce(reason, '') as reason, count(*) as n_trials,
            list_sort(list(distinct (repeat, fold))) as splits, list_sort(list(distinct trial)) as trials
        from taken_trials where status not in ('ok', 'pruned')
        group by all order by model, task, status, reason
        """,
    )
    return tuple(
        Failure(
            model=row["model"],
            task=row["task"],
            status=row["status"],
            reason=_shortened(row["reason"]),
            n_trials=row["n_trials"],
            where=f"{_numbers('fold', [fold for _, fold in row['splits']])}, {_numbers('trial', row['trials'])}",
        )
        for row in rows
    )


def _shortened(reason: str) -> str:
    return reason if len(reason) <= MOST_REASON else reason[: MOST_REASON - 1] + "…"


def _numbers(word: str, values: list[int]) -> str:
    """A few numbers in full, many as a range.

    >>> _numbers("trial", [3]), _numbers("fold", [0, 1]), _numbers("trial", list(range(1, 30)))
    ('trial 3', 'folds 0, 1', '29 trials between 1 and 29')
    """
    values = sorted(set(values))
    if len(values) == 1:
        return f"{word} {values[0]}"
    if len(values) <= 5:
        return f"{word}s {', '.join(map(str, values))}"
    return f"{len(values)} {word}s between {values[0]} and {values[-1]}"


def read_best_configs(connection: duckdb.DuckDBPyConnection) -> tuple[BestConfig, ...]:
    """The configuration that `tuned` reads from each job in the temporary table `taken`."""
    rows = records(
        connection,
        """
        select b.model, b.task, b.repeat, b.fold, b.trial, b.n_ok, b.config, b.valid_error, b.test_error
        from best_trials b semi join (select * from taken where regime = 'tuned' and error is not null) t
            using (regime, model, task, repeat, fold, protocol_id, source_hash, task_hash, splits_hash)
        order by b.model, b.task, b.repeat, b.fold
        """,
    )
    return tuple(
        BestConfig(
            model=row["model"],
            task=row["task"],
            repeat=row["repeat"],
            fold=row["fold"],
            trial=row["trial"],
            n_trials=row["n_ok"],
            config=tuple((str(name), setting_text(value)) for name, value in sorted(json.loads(row["config"]).items())),
            valid_error=row["valid_error"],
            test_error=row["test_error"],
        )
        for row in rows
    )


def setting_text(value: Any) -> str:
    """A setting for reading: four significant digits; the store keeps all.

    >>> setting_text(0.0312345), setting_text(64), setting_text("gini"), setting_text(True)
    ('0.03123', '64', 'gini', 'true')
    """
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, float) else json.dumps(value)

"""What the trials behind a site tried, and by which protocol."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tabbench_leaderboard.cards import records
from tabbench_leaderboard.figures import significant
from tabbench_leaderboard.pages import ProtocolFacts, TaskFeature, TriedSetting

if TYPE_CHECKING:
    import duckdb

MOST_VALUES = 8
"""Distinct values of a setting that are listed; of more numbers the ends and the middle are told."""
MOST_TEXT = 160


def read_settings(connection: duckdb.DuckDBPyConnection) -> tuple[TriedSetting, ...]:
    """The hyperparameters of each model in the temporary table `taken_trials`, by name, with what was tried."""
    rows = records(
        connection, "select distinct model, config, trial = 0 as is_default from taken_trials where config is not null"
    )
    tried: dict[tuple[str, str], list[Any]] = {}
    defaults: dict[tuple[str, str], Any] = {}
    for row in rows:
        for name, value in json.loads(row["config"]).items():
            if row["is_default"]:
                defaults[row["model"], name] = value
            else:
                tried.setdefault((row["model"], name), []).append(value)
    keys = sorted(set(tried) | set(defaults))
    return tuple(
        TriedSetting(
            model=model,
            name=name,
            default=_shown(defaults[model, name]) if (model, name) in defaults else "",
            tried=_in_words(tried.get((model, name), [])),
            n_values=len({json.dumps(value) for value in tried.get((model, name), [])}),
        )
        for model, name in keys
    )


def _in_words(values: list[Any]) -> str:
    """Few values in full, many numbers by their ends and middle.

    >>> _in_words([3, 1, 3, "x"]), _in_words([float(i) for i in range(11)]), _in_words([])
    ('1, 3, x', '0 … 5.00 … 10.0', '')
    """
    distinct = {json.dumps(value): value for value in values}
    if len(distinct) <= MOST_VALUES:
        return ", ".join(_shown(value) for value in sorted(distinct.values(), key=_order))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        ordered = sorted(values)
        ends = ordered[0], ordered[len(ordered) // 2], ordered[-1]
        return " … ".join(_shown(value) for value in ends)
    return f"{len(distinct)} different values"


def _order(value: Any) -> tuple[bool, float, str]:
    """Numbers by size, then all else by its text."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return not is_number, float(value) if is_number else 0.0, json.dumps(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, float):
        return significant(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def read_protocols(connection: duckdb.DuckDBPyConnection) -> tuple[ProtocolFacts, ...]:
    """The protocols of the temporary table `taken`."""
    rows = records(
        connection,
        """
        select p.protocol_id, any_value(p.settings) as settings, any_value(t.protocol) as name
        from protocols p join taken_trials t using (protocol_id)
        where p.protocol_id in (select protocol_id from taken)
        group by p.protocol_id order by p.protocol_id
        """,
    )
    return tuple(
        ProtocolFacts(row["protocol_id"], row["name"], tuple(_flat(json.loads(row["settings"])))) for row in rows
    )


def _flat(settings: dict[str, Any], head: str = "") -> list[tuple[str, str]]:
    """Nested settings as dotted names; empty ones are left out.

    >>> _flat({"valid": "holdout", "sampler": {"seed": 0, "configs": []}})
    [('sampler.seed', '0'), ('valid', 'holdout')]
    """
    found: list[tuple[str, str]] = []
    for name, value in sorted(settings.items()):
        if isinstance(value, dict):
            found += _flat(value, f"{head}{name}.")
        elif value not in ("", [], None):
            found.append((head + name, _shown(value)))
    return found


def read_features(connection: duckdb.DuckDBPyConnection) -> tuple[TaskFeature, ...]:
    """The metafeatures of the tasks in the temporary table `taken`, where they were computed."""
    rows = records(
        connection,
        """
        select m.task, m.feature, avg(m.value) as value
        from metafeatures m semi join taken t using (task_hash, splits_hash)
        where m.status = 'ok' and m.value is not null and isfinite(m.value) and not m.reads_test
        group by all order by all
        """,
    )
    return tuple(TaskFeature(row["task"], row["feature"], row["value"]) for row in rows)

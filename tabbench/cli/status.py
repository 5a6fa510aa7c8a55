"""`tabbench status`: what is in a store, and what failed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.cli.main import EXIT_DONE
from tabbench.counted import counted
from tabbench.runner.executors.launch_states import launch_states
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

SECONDS_BETWEEN_LOOKS = 10.0

TRIALS_BY_MODEL = """
    SELECT model, count(DISTINCT job_id) AS jobs, count(*) AS trials,
           count(*) FILTER (WHERE status = 'ok') AS ok,
           count(*) FILTER (WHERE status = 'skipped') AS skipped,
           count(*) FILTER (WHERE status NOT IN ('ok', 'pruned', 'skipped')) AS failed,
           round(sum(total_seconds), 1) AS seconds
    FROM trials GROUP BY model ORDER BY model
"""
FAILURES_BY_REASON = """
    SELECT model, status, reason, count(*) AS trials, min(task) AS for_example
    FROM trials WHERE status NOT IN ('ok', 'pruned') GROUP BY model, status, reason ORDER BY trials DESC, model
"""
BY_NODE = """
    SELECT w.host, w.executor, count(DISTINCT t.worker_id) AS processes, count(*) AS trials,
           round(sum(t.total_seconds), 1) AS seconds, max(t.started_at)::VARCHAR AS last_started
    FROM trials t JOIN workers w USING (worker_id) GROUP BY w.host, w.executor ORDER BY w.host, w.executor
"""
PACE = """
    SELECT count(DISTINCT job_id) FILTER (WHERE job_id IN (SELECT job_id FROM journal_keys)) AS jobs_running,
           count(*) FILTER (WHERE is_recent) AS trials_last_10_minutes,
           date_diff('second', min(started_at) FILTER (WHERE is_recent), any_value(clock)) AS seconds_of_those
    FROM (SELECT *, now()::TIMESTAMPTZ AT TIME ZONE 'UTC' AS clock, started_at > clock - INTERVAL 10 MINUTE AS is_recent
          FROM trials)
"""
SHORT_OF_TRIALS = """
    SELECT j.model, count(*) AS jobs, min(j.n_trials) AS fewest_trials, max(t.limit_n_trials) AS trials_asked,
           max(t.limit_job_seconds) AS seconds_allowed, min(j.task) AS for_example
    FROM jobs j JOIN trials t ON t.job_id = j.job_id AND t.trial = 0
    WHERE j.budget_spent = 'seconds' AND t.limit_n_trials IS NOT NULL GROUP BY j.model ORDER BY j.model
"""
SINCE = "SELECT count(*) FROM trials WHERE started_at >= ?::TIMESTAMPTZ AT TIME ZONE 'UTC'"
TOTALS = """
    SELECT count(DISTINCT job_id) AS jobs, count(*) AS trials, count(DISTINCT task) AS tasks,
           count(DISTINCT model) AS models, min(started_at)::VARCHAR AS first_started,
           max(started_at)::VARCHAR AS last_started
    FROM trials
"""


def main(arguments: Sequence[str]) -> int:
    """Print totals, trials by model, and failures by reason.

    Returns:
        0 whatever is in the store.
    """
    parser = argparse.ArgumentParser(
        prog="tabbench status", description="What is in a store: trials by model, and what failed and why."
    )
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--watch", action="store_true", help="print it again every few seconds")
    options = parser.parse_args(list(arguments))
    store = Store(options.store)
    if options.watch:
        return _watch(store, as_json=options.json)
    _print(read_state(store), as_json=options.json)
    return EXIT_DONE


def _print(state: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(state, indent=2) + "\n")
    else:
        _print_for_people(state)
    sys.stdout.flush()


def _watch(store: Store, *, as_json: bool) -> int:
    """Print again and again until Ctrl-C, or until all launches have ended."""
    while True:
        state = read_state(store)
        if sys.stdout.isatty():
            sys.stdout.write("\033[H\033[2J")
        _print(state, as_json=as_json)
        if state["launches"] and not any(launch["is_under_way"] for launch in state["launches"]):
            return EXIT_DONE
        time.sleep(SECONDS_BETWEEN_LOOKS)


def read_state(store: Store) -> dict[str, Any]:
    """Totals, trials by model and failures by reason, as lists of records.

    Raises:
        StoreError: If there is no store.
    """
    from tabbench.store.database import open_database

    store.require()
    launches = [asdict(launch) | {"is_under_way": launch.is_under_way} for launch in launch_states(store)]
    with open_database(store) as connection:
        for launch in launches:
            (n_since,) = connection.execute(SINCE, [launch["started_at"]]).fetchall()[0]
            launch["trials_left"] = max(launch["n_trials"] - n_since, 0) if launch["is_under_way"] else 0
        return {
            "launches": launches,
            "totals": _records(connection, TOTALS)[0],
            "pace": _records(connection, PACE)[0],
            "models": _records(connection, TRIALS_BY_MODEL),
            "nodes": _records(connection, BY_NODE),
            "failures": _records(connection, FAILURES_BY_REASON),
            "short_of_trials": _records(connection, SHORT_OF_TRIALS),
        }


def _records(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _print_for_people(state: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    out = Console()
    out.print(_total_line(state["totals"]), highlight=False)
    for line in [*_pace_lines(state), *_launch_lines(state["launches"])]:
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    for title, records in (
        ("Trials by model", state["models"]),
        ("Trials by node", state["nodes"]),
        ("Skipped and failed, by reason", state["failures"]),
        ("Jobs whose seconds were spent before all trials were done", state["short_of_trials"]),
    ):
        if not records:
            continue
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for name, value in records[0].items():
            table.add_column(name.replace("_", " "), justify="left" if isinstance(value, str) else "right")
        for record in records:
            table.add_row(*("" if value is None else str(value) for value in record.values()))
        out.print()
        out.print(table, markup=False)


def _total_line(totals: dict[str, Any]) -> str:
    if not totals["trials"]:
        return "No trial has ended yet."
    trials, jobs, models, tasks = (counted(totals[f"{one}s"], one) for one in ("trial", "job", "model", "task"))
    return f"{trials} of {jobs}: {models} on {tasks}, the last begun {str(totals['last_started'])[:19]}."


def _pace_lines(state: dict[str, Any]) -> list[str]:
    """How many jobs are at work, how fast trials come and, where launches say how many are to come, when they end."""
    running, recent = state["pace"]["jobs_running"], state["pace"]["trials_last_10_minutes"]
    if not recent and not running:
        return []
    left = sum(launch["trials_left"] for launch in state["launches"])
    hours = left * max(state["pace"]["seconds_of_those"], 1) / recent / 3600 if recent else 0.0
    told = f"; about {left} trials left, {hours:.1f} h at that pace" if left and recent else ""
    return [f"{counted(running, 'job')} begun and not ended; {counted(recent, 'trial')} in the last ten minutes{told}."]


def _launch_lines(launches: Sequence[dict[str, Any]]) -> list[str]:
    lines = []
    for launch in launches:
        states = ", ".join(f"{n} {state}" for state, n in launch["states"].items()) or "nothing known"
        lines.append(f"Launch {launch['launch_id']} (SLURM {launch['engine_id'] or '?'}), bundles: {states}.")
        if launch["unknown"]:
            lines.append(f"  SLURM was not asked: {launch['unknown']}")
        if launch["died"]:
            elements = ",".join(map(str, launch["died"]))
            lines.append(f"  Array elements {elements} died. The same `tabbench run` again submits what they left.")
        if launch["jobs_left"]:
            lines.append(f"  {launch['jobs_left']} jobs were left undone. The same `tabbench run` again submits them.")
        lines += [f"  {n} jobs could not be done: {reason}" for reason, n in launch["failures"].items()]
    return lines

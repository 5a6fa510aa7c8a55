"""`tabbench status`: what is in a store, and what failed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

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
SHORT_OF_TRIALS = """
    SELECT j.model, count(*) AS jobs, min(j.n_trials) AS fewest_trials, max(t.limit_n_trials) AS trials_asked,
           max(t.limit_job_seconds) AS seconds_allowed, min(j.task) AS for_example
    FROM jobs j JOIN trials t ON t.job_id = j.job_id AND t.trial = 0
    WHERE j.budget_spent = 'seconds' AND t.limit_n_trials IS NOT NULL GROUP BY j.model ORDER BY j.model
"""
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
    options = parser.parse_args(list(arguments))
    state = read_state(Store(options.store))
    if options.json:
        sys.stdout.write(json.dumps(state, indent=2) + "\n")
    else:
        _print_for_people(state)
    return 0


def read_state(store: Store) -> dict[str, Any]:
    """Totals, trials by model and failures by reason, as lists of records.

    Raises:
        StoreError: If there is no store.
    """
    from tabbench.store.database import open_database

    if not store.exists:
        raise StoreError(f"There is no store at {store.root}. `tabbench run store={store.root}` makes one.")
    with open_database(store) as connection:
        return {
            "totals": _records(connection, TOTALS)[0],
            "models": _records(connection, TRIALS_BY_MODEL),
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

    totals = state["totals"]
    out = Console()
    out.print(
        f"{totals['trials']} trials of {totals['jobs']} jobs: {totals['models']} models on {totals['tasks']} tasks, "
        f"the last begun {str(totals['last_started'])[:19]}.",
        highlight=False,
    )
    for title, records in (
        ("Trials by model", state["models"]),
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

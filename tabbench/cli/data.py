"""`tabbench data VERB`: which tasks and suites there are, what one holds, and carrying them to other machines."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tabbench.cli.data_add import add_add_verb, run_add
from tabbench.cli.data_check import add_check_verb, run_check
from tabbench.cli.data_fetch import add_fetch_verb, run_fetch
from tabbench.cli.data_pack import add_pack_verbs, run_pack, run_unpack
from tabbench.cli.suite_page import print_suite, suite_table
from tabbench.data.cached import cached_tasks
from tabbench.data.catalog import describe_task, is_suite, known_suites, known_tasks, load_suite
from tabbench.errors import UnknownNameError
from tabbench.task import ColumnKind, Suite, Task

if TYPE_CHECKING:
    from rich.table import Table


VERBS = ("list", "show", "add", "check", "fetch", "pack", "unpack")


def main(arguments: list[str]) -> int:
    """Run one of the verbs.

    Returns:
        0 done, 1 `check --strict` found a fault, 2 the input was wrong.
    """
    if arguments and not arguments[0].startswith("-") and arguments[0] not in VERBS:
        raise UnknownNameError("verb", arguments[0], VERBS, where="tabbench data")
    parser = argparse.ArgumentParser(prog="tabbench data", description="The tasks and suites that models are run on.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="|".join(VERBS))
    lister = verbs.add_parser("list", help="every suite, and every task that needs no network")
    shower = verbs.add_parser("show", help="columns, target, splits, findings and licence of a task; or a suite")
    shower.add_argument("name", metavar="TASK|SUITE", help="name of a task (bundled/NAME, file:PATH::TARGET) or suite")
    for verb in (lister, shower):
        verb.add_argument("--json", action="store_true", help="print JSON on standard output and nothing else")
    add_add_verb(verbs)
    add_check_verb(verbs)
    add_fetch_verb(verbs)
    add_pack_verbs(verbs)
    asked = parser.parse_args(arguments)
    runs = {"add": run_add, "check": run_check, "fetch": run_fetch, "pack": run_pack, "unpack": run_unpack}
    if asked.verb in runs:
        return runs[asked.verb](asked)
    if asked.verb == "list":
        print_list(asked.json)
    elif is_suite(asked.name):
        suite = load_suite(asked.name)
        _print_json(asdict(suite)) if asked.json else print_suite(suite)
    else:
        print_task(asked.name, asked.json)
    return 0


def print_list(as_json: bool) -> None:
    """Print every task and suite."""
    tasks = [*map(describe_task, known_tasks()), *cached_tasks()]
    suites = [load_suite(name) for name in known_suites()]
    if as_json:
        _print_json({"tasks": [task_facts(task) for task in tasks], "suites": [asdict(suite) for suite in suites]})
        return
    from rich.console import Console

    console = Console()
    console.print(_task_table(tasks, suites))
    console.print()
    console.print(suite_table(suites))
    console.print("\n[dim]tabbench data show SUITE: citation, licences, tasks and known duplicates[/dim]")


def print_task(name: str, as_json: bool) -> None:
    """Print what is known of one task; the table is opened for its target, missing values and splits."""
    from tabbench.data.profile import profile_task

    profile = profile_task(name)
    if as_json:
        _print_json({**task_facts(profile.task), **asdict(profile.task.dataset), **profile.facts()})
        return
    from tabbench.cli.task_page import print_page

    print_page(profile)


def task_facts(task: Task) -> dict[str, Any]:
    """What a list says of a task."""
    features = task.features
    return {
        "task": task.name,
        "type": task.type,
        "modifiers": list(task.modifiers),
        "n_rows": task.dataset.n_rows,
        "n_columns": len(features),
        "n_categorical": sum(c.kind is ColumnKind.CATEGORICAL for c in features),
        "n_dates": sum(c.kind is ColumnKind.DATE for c in features),
        "n_classes": len(task.classes),
        "n_missing": sum(c.n_missing for c in features),
        "max_levels": max((c.n_levels for c in features), default=0),
        "target": task.target,
        "metric": task.metric,
        "splits": task.split_rule.kind,
        "n_splits": len(task.splits),
        "origin": task.dataset.origin,
        "licence": task.dataset.licence,
        "title": task.dataset.title,
    }


def _task_table(tasks: list[Task], suites: list[Suite]) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    for heading in ("task", "type", "rows", "cols", "cat.", "missing", "splits", "suites"):
        is_number = heading in ("rows", "cols", "cat.", "missing")
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    telling = [suite for suite in suites if len(suite.tasks) < len(tasks)]  # a suite of all tasks tells nothing
    for task in tasks:
        facts = task_facts(task)
        n_missing, n_columns = facts["n_missing"], facts["n_columns"]
        share = f"{n_missing / (task.dataset.n_rows * n_columns):.1%}" if n_missing else ""
        counts = (f"{task.dataset.n_rows:,}", str(n_columns), str(facts["n_categorical"] or ""), share)
        marks = [suite.name for suite in telling if task.name in suite.tasks]
        marks += ["smoke"] if any(task.name in suite.smoke for suite in suites) else []
        table.add_row(task.name, str(task.type), *counts, str(task.split_rule.kind), ", ".join(marks))
    return table


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

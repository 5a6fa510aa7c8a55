"""`tabbench data check TASK|SUITE`: what is suspicious about a table."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.cli.task_page import print_findings
from tabbench.counted import counted
from tabbench.data.catalog import describe_task, is_suite
from tabbench.data.suites import tables_twice
from tabbench.data.where import tasks_where
from tabbench.runner.findings import store_findings
from tabbench.store.layout import Store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tabbench.data.checks import Finding


def add_check_verb(verbs: Any) -> None:
    """Declare the verb and its options."""
    parser = verbs.add_parser("check", help="leaks, duplicates, hidden missing values and other faults of a table")
    parser.add_argument("name", metavar="TASK|SUITE", help="name of a task, or of a suite for all its tasks")
    parser.add_argument("--where", default="", metavar="EXPRESSION", help="only tasks for which it holds: n_rows<5000")
    parser.add_argument("--json", action="store_true", help="print JSON on standard output and nothing else")
    parser.add_argument("--store", metavar="DIR", help="keep what is found in this store, where it was not before")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a finding is a fault")


def run_check(asked: argparse.Namespace) -> int:
    """Check one task or those of a suite, and print what was found.

    Returns:
        0 done, 1 with `--strict` if there was a fault.
    """
    from tabbench.data.checks import Severity, check_task

    names = [asked.name]
    if is_suite(asked.name) or asked.where:
        names = [task.name for task in tasks_where(asked.name, asked.where)]
    found = {name: check_task(name) for name in names}
    if asked.json:
        listed = {name: [asdict(finding) for finding in findings] for name, findings in found.items()}
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    else:
        _print_all(found)
    if asked.store:
        store = Store(Path(asked.store)).create()
        for name, findings in found.items():
            store_findings(store, describe_task(name), findings)
    has_fault = any(finding.severity is Severity.FAULT for findings in found.values() for finding in findings)
    return int(asked.strict and has_fault)


def _print_all(found: Mapping[str, tuple[Finding, ...]]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    for name, findings in found.items():
        console.print(
            f"[bold]{escape(name)}[/bold]: " + (counted(len(findings), "finding") if findings else "nothing found")
        )
        print_findings(console, findings)
    for group in tables_twice(tuple(found)):
        console.print(f"One table twice: {', '.join(group.tasks)} are all on {escape(group.table)}.")

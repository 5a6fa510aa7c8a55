"""`tabbench data check TASK|SUITE`: what is suspicious about a table."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tabbench.data.suites import tables_twice
from tabbench.data.where import tasks_where

if TYPE_CHECKING:
    import argparse

    from tabbench.data.checks import Finding

N_SHOWN = 6


def add_check_verb(verbs: Any) -> None:
    """Declare the verb and its options."""
    parser = verbs.add_parser("check", help="leaks, duplicates, hidden missing values and other faults of a table")
    parser.add_argument("name", metavar="TASK|SUITE", help="name of a task, or of a suite for all its tasks")
    parser.add_argument("--where", default="", metavar="EXPRESSION", help="only tasks for which it holds: n_rows<5000")
    parser.add_argument("--json", action="store_true", help="print JSON on standard output and nothing else")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a finding is a fault")


def run_check(asked: argparse.Namespace) -> int:
    """Check one task or those of a suite, and print what was found.

    Returns:
        0 done, 1 with `--strict` if there was a fault.
    """
    from tabbench.data.checks import Severity, check_task

    names = [task.name for task in tasks_where(asked.name, asked.where)]
    found = {name: check_task(name) for name in names}
    if asked.json:
        listed = {name: [asdict(finding) for finding in findings] for name, findings in found.items()}
        sys.stdout.write(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    else:
        for name, findings in found.items():
            _print_findings(name, findings)
        for group in tables_twice(names):
            sys.stdout.write(f"One table twice: {', '.join(group.tasks)} are all on {group.table}.\n")
    has_fault = any(finding.severity is Severity.FAULT for findings in found.values() for finding in findings)
    return int(asked.strict and has_fault)


def _print_findings(name: str, findings: tuple[Finding, ...]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    console.print(f"[bold]{escape(name)}[/bold]: " + (f"{len(findings)} findings" if findings else "nothing found"))
    for finding in findings:
        where = _some("columns", finding.columns) + _some("rows", finding.rows)
        console.print(f"  [bold]{finding.severity}[/bold] {finding.check}: {escape(finding.told + where)}")


def _some(what: str, where: tuple[Any, ...]) -> str:
    shown = ", ".join(str(one) for one in where[:N_SHOWN]) + (", …" if len(where) > N_SHOWN else "")
    return f" [{what}: {shown}]" if where else ""

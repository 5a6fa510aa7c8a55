"""Print suites for a person at a terminal: all of them in a table, one on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.counted import counted
from tabbench.data.catalog import is_here
from tabbench.data.suites import suites_of, tables_twice
from tabbench.suite import SplitsRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from tabbench.suite import SameTable
    from tabbench.task import Suite


def suite_table(suites: Sequence[Suite]) -> Table:
    """Name, number of tasks, how many of them need no network, and title of each suite."""
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("suite", no_wrap=True)
    table.add_column("tasks", justify="right")
    table.add_column("here", justify="right")
    table.add_column("title", overflow="fold", ratio=1)
    for suite in suites:
        table.add_row(suite.name, str(len(suite.tasks)), str(_n_here(suite)), suite.title)
    return table


def print_suite(suite: Suite) -> None:
    """Print citation, licence notes, tasks and known duplicates."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    console.print(f"[bold]{suite.name}[/bold]  {escape(suite.title)} (version {suite.version})")
    smoke = f", {len(suite.smoke)} of them smoke" if suite.smoke else ""
    splits = "; only the first split of each is run" if suite.splits is SplitsRun.FIRST else ""
    console.print(f"{counted(len(suite.tasks), 'task')}{smoke}, {_n_here(suite)} of them here{splits}")
    for note in suite.notes:
        console.print(f"- {escape(note)}")
    for label, text in (("Cite", suite.citation), ("Licence", suite.licence)):
        if text:
            console.print(f"\n[bold]{label}[/bold]\n{escape(text)}")
    console.print("\n[bold]Tasks[/bold]")
    console.print(_tasks(suite))
    _print_duplicates(console, suite)


def _n_here(suite: Suite) -> int:
    return sum(is_here(task) for task in suite.tasks)


def _tasks(suite: Suite) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    names = suite.datasets or [""] * len(suite.tasks)
    for task, dataset in zip(suite.tasks, names, strict=True):
        marks = [word for word, holds in (("here", is_here(task)), ("smoke", task in suite.smoke)) if holds]
        table.add_row(escape(task), escape(dataset), f"[dim]{escape(', '.join(marks))}[/dim]")
    return table


def _print_duplicates(console: Console, suite: Suite) -> None:
    inside = tables_twice(suite.tasks)
    _print_groups(console, "One table under several tasks of this suite", inside)
    twice = {task for group in inside for task in group.tasks}
    others = tuple(group for group in suite.duplicates if not twice & set(group.tasks))
    _print_groups(console, "Tables that other suites hold under another task", others)


def _print_groups(console: Console, title: str, groups: Sequence[SameTable]) -> None:
    from rich.markup import escape

    if not groups:
        return
    console.print(f"\n[bold]{title}[/bold]")
    for group in groups:
        told = ", ".join(f"{task} ({', '.join(suites_of(task))})" for task in group.tasks)
        console.print(f"- {escape(group.table)}: {escape(told)}")

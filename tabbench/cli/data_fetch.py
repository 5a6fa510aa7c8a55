"""`tabbench data fetch`: put tasks into the cache, for jobs that have no network."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.data.catalog import is_suite
from tabbench.data.modifiers.names import split_name
from tabbench.errors import SettingsError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tabbench.task import Suite

SUITE, TASKS, WHERE = "suite=", "tasks=", "where="


class Chosen(NamedTuple):
    """Tasks by name, and the suite if one was asked for."""

    names: tuple[str, ...]
    suite: Suite | None


def add_fetch_verb(verbs: Any) -> None:
    """Declare the verb and its options."""
    parser = verbs.add_parser("fetch", help="put tasks into the cache, for machines without a network")
    add_choice(parser)
    parser.add_argument("--offline", action="store_true", help="ask no network; say what is missing")


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Declare how tasks are named."""
    parser.add_argument("what", nargs="+", metavar="WHAT", help="suite=NAME, 'tasks=[openml/31,…]', or names of tasks")


def chosen_tasks(what: Sequence[str], is_offline: bool) -> Chosen:
    """The tasks that a command line names, each once, in order.

    Raises:
        SettingsError: If it names two suites, a list that cannot be read, or `where`.
        TabbenchError: If there is no such suite.
    """
    from tabbench.data.fetch import fetch_suite
    from tabbench.runner.compose import compose_settings

    names: list[str] = []
    suites: list[Suite] = []
    for one in what:
        if one.startswith(WHERE):
            raise SettingsError(
                f"{one!r} asks what the cards of tasks say, and those come with the tasks. Fetch and pack the suite "
                "whole; then choose where it is used: tabbench run, or tabbench data check."
            )
        if one.startswith(TASKS):
            names += compose_settings([one]).tasks
        elif one.startswith(SUITE) or is_suite(one):
            suites.append(fetch_suite(one.removeprefix(SUITE), is_offline))
            names += suites[-1].tasks
        else:
            names.append(one)
    if len(suites) > 1:
        raise SettingsError(f"Name one suite at a time, not {', '.join(suite.name for suite in suites)}.")
    return Chosen(tuple(dict.fromkeys(names)), suites[0] if suites else None)


def run_fetch(asked: argparse.Namespace) -> int:
    """Fetch, with a progress bar on standard error, and say what failed and why.

    Returns:
        0 done, 1 if a task failed or, offline, is missing.
    """
    from rich.console import Console
    from rich.progress import track

    from tabbench.data.cache.folder import cache_folder
    from tabbench.data.fetch import FetchOutcome, fetch_tasks

    names, _ = chosen_tasks(asked.what, asked.offline)
    console = Console(file=sys.stderr)
    fetching = fetch_tasks(names, asked.offline)
    done = list(track(fetching, "fetching", total=len(names), console=console, transient=True))
    n_of = {outcome: sum(one.outcome is outcome for one in done) for outcome in FetchOutcome}
    failed = [one for one in done if one.outcome is FetchOutcome.FAILED]
    for one in failed:
        is_named = split_name(one.name).base in one.reason
        sys.stdout.write(f"{one.reason}\n" if is_named else f"{one.name}: {one.reason}\n")
    sys.stdout.write(
        f"{len(done) - len(failed)} of {len(done)} tasks can be run without a network: {n_of[FetchOutcome.FETCHED]} "
        f"fetched now, {n_of[FetchOutcome.HELD]} held in {cache_folder()}, {n_of[FetchOutcome.BUNDLED]} bundled. "
        f"{len(failed)} {'missing' if asked.offline else 'failed'}.\n"
    )
    return int(bool(failed))

"""`tabbench sql`: ask the result database, by one query or at a prompt."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.interrupting import on_interrupt
from tabbench.errors import TabbenchError
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tabbench.store.query import Answer, ReadOnlyDatabase

COMMANDS = ".tables  .schema TABLE  .quit; a query ends with ;"


def main(arguments: Sequence[str]) -> int:
    """Answer one query, or those typed at a prompt."""
    parser = argparse.ArgumentParser(
        prog="tabbench sql",
        description="Ask the result database, read-only. Without a query it opens a prompt.",
        epilog="Tables, columns and ten queries: results/README.md. Try: tabbench sql 'select * from leaderboard'",
    )
    parser.add_argument("query", nargs="?", help="SQL as DuckDB speaks it")
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_const", const="csv", dest="form", help="comma-separated, with a header")
    form.add_argument("--json", action="store_const", const="json", dest="form", help="a list of objects")
    options = parser.parse_args(arguments)
    from tabbench.store.query import ReadOnlyDatabase

    with ReadOnlyDatabase(Store(options.store)) as database:
        if options.query is not None:
            for answer in _asked(database, options.query):
                show(answer, options.form or "table")
            return 0
        return prompt(database, options.form or "table")


def show(answer: Answer, form: str) -> None:
    """Print an answer to standard output as a table, CSV or JSON."""
    from tabbench.store import answer_text

    if form == "csv":
        sys.stdout.write(answer_text.as_csv(answer))
    elif form == "json":
        sys.stdout.write(answer_text.as_json(answer) + "\n")
    else:
        answer_text.print_table(answer)


def prompt(database: ReadOnlyDatabase, form: str) -> int:
    """Read queries until `.quit` or the end of input; an error is told and the prompt goes on.

    Returns:
        0; from a pipe 2 if a query was wrong.
    """
    is_person = sys.stdin.isatty()
    if is_person:
        _enable_line_editing()
        sys.stderr.write(f"{COMMANDS}\n")
    n_wrong = 0
    for text in statements(is_person=is_person):
        if text == ".quit":
            break
        try:
            for answer in _respond(database, text):
                show(answer, form)
        except TabbenchError as error:
            n_wrong += 1
            sys.stderr.write(f"{error}\n")
        except KeyboardInterrupt:
            sys.stderr.write("Stopped.\n")
    return 0 if is_person or not n_wrong else 2


def _respond(database: ReadOnlyDatabase, text: str) -> Iterator[Answer]:
    word, _, rest = text.partition(" ")
    if word == ".tables":
        yield database.tables()
    elif word == ".schema":
        yield database.schema(rest.strip())
    elif text.startswith("."):
        sys.stderr.write(f"Unknown command {word!r}. Known: {COMMANDS}\n")
    else:
        yield from _asked(database, text)


def _asked(database: ReadOnlyDatabase, text: str) -> list[Answer]:
    with on_interrupt(database.interrupt):
        return list(database.ask(text))


def statements(*, is_person: bool) -> Iterator[str]:
    """Whole statements from standard input: up to a `;` at a line's end, or to the end of input."""
    lines: list[str] = []
    while True:
        try:
            line = _read_line(("   ...> " if lines else "tabbench> ") if is_person else "")
        except EOFError:
            break
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            lines = []
            continue
        if not lines and line.strip().startswith("."):
            yield line.strip().rstrip("; \t")  # a habit from queries
            continue
        lines.append(line)
        if line.rstrip().endswith(";"):
            yield "\n".join(lines)
            lines = []
    if "".join(lines).strip():
        yield "\n".join(lines)


def _read_line(ask: str) -> str:
    if ask:
        return input(ask)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _enable_line_editing() -> None:
    try:
        import readline
    except ImportError:  # Windows: the console edits lines itself
        return
    readline.parse_and_bind("tab: complete")

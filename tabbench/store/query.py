"""Ask a store by SQL, and change nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.errors import StoreError, UnknownNameError
from tabbench.store.database import open_database
from tabbench.store.tables import INGEST_NOTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from tabbench.store.layout import Store


class QueryError(StoreError):
    """A query that is wrong, or that would change something."""


class Answer(NamedTuple):
    """Column names and rows, as Python values."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


class ReadOnlyDatabase:
    """A store's database that only answers: no statement that writes, no file but the store's own."""

    def __init__(self, store: Store) -> None:
        self._con = open_database(store)
        folder = str((store.root / "predictions").resolve()).replace("'", "''")
        self._con.execute(f"SET allowed_directories = ['{folder}/']")
        self._con.execute("SET enable_external_access = false")
        self._con.execute("SET lock_configuration = true")

    def __enter__(self) -> ReadOnlyDatabase:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()

    def ask(self, text: str) -> Iterator[Answer]:
        """Answer each statement of a text, in order. All are checked before the first is run.

        Raises:
            QueryError: If a statement is wrong, or does anything but ask.
            KeyboardInterrupt: If it was interrupted.
        """
        import duckdb

        try:
            found = self._con.extract_statements(text)
            for statement in found:
                self._refuse_changes(statement.query)
            for statement in found:
                self._con.execute(statement)
                yield self._answer()
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except duckdb.Error as error:
            raise QueryError(f"The query cannot be answered. {error}") from error

    def interrupt(self) -> None:
        """End the query under way, from another thread."""
        self._con.interrupt()

    def tables(self) -> Answer:
        """Every table and view, with how many columns it has."""
        self._con.execute(
            "SELECT table_name AS name, count(*) AS n_columns FROM duckdb_columns() WHERE NOT internal "
            "GROUP BY table_name ORDER BY table_name"
        )
        answer = self._answer()
        return answer._replace(rows=[row for row in answer.rows if row[0] not in INGEST_NOTES])

    def schema(self, table: str) -> Answer:
        """The columns of one table or view.

        Raises:
            UnknownNameError: If there is none of that name.
        """
        known = [row[0] for row in self.tables().rows]
        if table not in known:
            raise UnknownNameError("table", table, known, where=".schema")
        self._con.execute(f"SELECT column_name, column_type FROM (DESCRIBE {table})")
        return self._answer()

    def _answer(self) -> Answer:
        columns = [d[0] for d in self._con.description or []]
        return Answer(columns, self._con.fetchall())

    def _refuse_changes(self, text: str) -> None:
        import duckdb

        explained = re.sub(r"(?i)\A\s*explain(\s+analy[sz]e)?(\s*\([^)]*\))?\s", "", text)
        for statement in self._con.extract_statements(explained):
            if statement.type != duckdb.StatementType.SELECT:
                kind = statement.type.name
                if statement.type == duckdb.StatementType.MULTI:
                    kind = "A statement of several steps (PIVOT without IN (…) is one)"
                raise QueryError(
                    f"{kind} is refused: `tabbench sql` only asks (SELECT, FROM, WITH, SUMMARIZE, DESCRIBE, SHOW, "
                    "EXPLAIN). To keep an answer, use --csv or --json and redirect it to a file."
                )

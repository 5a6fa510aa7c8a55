"""The small tables: one file for each different content, written once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tabbench.hashing import content_id
from tabbench.schema import flatten
from tabbench.store.durable import write_whole
from tabbench.store.records import json_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tabbench.store.layout import Store


def write_document(store: Store, table: str, rows: Any | Sequence[Any], key: str | None = None) -> None:
    """Keep one row of a small table, or a list of rows that belong together; the same content is kept once.

    Args:
        store: The store.
        table: `tasks`, `datasets`, `models`, `protocols`, `suites`, `environments`, `workers`,
            `calibrations`, `all_ensembles`, `all_new_scores` or `all_timings`.
        rows: A row of that table (`TaskRow` …), or several.
        key: What the rows are about, where the first content for it stands for ever; else the content itself.

    Raises:
        StoreError: If it cannot be written.
    """
    content = [flatten(r) for r in rows] if isinstance(rows, list | tuple) else flatten(rows)
    text = json_text(content)
    path = store.document(table, key or content_id(text))
    if not path.exists():
        write_whole(path, partial(_write_text, text))


def _write_text(text: str, path: Path) -> None:
    path.write_text(text + "\n", encoding="utf-8")

"""Bring the rows of old shards to the current schema while they are read; the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tabbench.results import SCHEMA_VERSION

Step = Callable[[Any], Any]

STEPS: dict[int, Step] = {}
"""For each old version, what turns an Arrow table of shard rows into one of the next version."""


def upgrade(table: Any, version: int, steps: Mapping[int, Step] | None = None, current: int = SCHEMA_VERSION) -> Any:
    """Take a table of shard rows through every version up to the current one.

    Raises:
        KeyError: If a step is missing.
    """
    steps = STEPS if steps is None else steps
    for old in range(version, current):
        table = steps[old](table)
    return table

"""Bring the rows of old shards to the current schema while they are read; the files stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tabbench.results import SCHEMA_VERSION

Step = Callable[[Any], Any]


def _name_roles_of_rows(table: Any) -> Any:
    """1 to 2: a trial had one fit on a holdout, which stopped and chose."""
    import pyarrow as pa
    import pyarrow.compute as pc

    n = table.num_rows
    for name, value in (("valid_rule", "holdout"), ("n_inner_folds", 1), ("has_refit", False), ("pruner", "none")):
        table = table.append_column(name, pa.array([value] * n))
    fits = table["fits"].combine_chunks()
    if pa.types.is_null(fits.type.value_type):
        return table
    flat = fits.flatten()
    columns = {field.name: flat.field(field.name) for field in flat.type}
    columns["n_stop"], columns["stop_rows_hash"] = columns["n_valid"], columns["valid_rows_hash"]
    columns["test_error"] = table["test_error"].combine_chunks().take(pc.list_parent_indices(fits))
    wider = pa.StructArray.from_arrays(list(columns.values()), list(columns))
    offsets = pc.subtract(fits.offsets, fits.offsets[0])
    return table.set_column(table.schema.get_field_index("fits"), "fits", pa.ListArray.from_arrays(offsets, wider))


STEPS: dict[int, Step] = {1: _name_roles_of_rows}
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

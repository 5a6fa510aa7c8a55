"""Old rows are brought to the current schema one version at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tabbench.results import SCHEMA_VERSION
from tabbench.store.migrations import STEPS, upgrade


def test_steps_are_taken_in_order() -> None:
    steps = {
        1: lambda t: t.rename_columns(["seconds"]),
        2: lambda t: t.append_column("unit", pa.array(["s"] * t.num_rows)),
    }
    table = upgrade(pa.table({"time": [1.5]}), 1, steps, current=3)
    assert table.to_pylist() == [{"seconds": 1.5, "unit": "s"}]


def test_missing_step_is_an_error() -> None:
    with pytest.raises(KeyError):
        upgrade(pa.table({"a": [1]}), 1, {}, current=2)


def test_every_older_version_has_a_step() -> None:
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))

"""Arrow types follow the dataclasses."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pytest

from tabbench.results import FitRow, TrialRow
from tabbench.schema import identity
from tabbench.store.arrow_schema import arrow_schema, prediction_schema, trial_schema


def test_types_and_nullability_follow_the_annotations() -> None:
    schema = arrow_schema(FitRow)
    assert schema.field("job_id") == pa.field("job_id", pa.string(), nullable=False)
    assert schema.field("status").type == pa.string()
    assert schema.field("curve_step").type == pa.list_(pa.int64())
    assert schema.field("curve_error").type == pa.list_(pa.float64())
    assert schema.field("started_at") == pa.field("started_at", pa.timestamp("us", tz="UTC"), nullable=True)
    assert schema.field("is_fresh_child").type == pa.bool_()
    assert "valid_log_loss" in arrow_schema(TrialRow).names


def test_shard_holds_fits_in_a_list() -> None:
    fits = trial_schema().field("fits").type
    assert fits.value_type.num_fields == len(arrow_schema(FitRow))


def test_predictions_are_32_bit() -> None:
    assert prediction_schema().field("values").type == pa.list_(pa.float32())
    assert prediction_schema().field("rows").type == pa.list_(pa.int32())


def test_column_of_another_type_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        what: bytes = identity("no")

    Odd.__annotations__["what"] = bytes
    with pytest.raises(TypeError, match="A column cannot hold"):
        arrow_schema(Odd)

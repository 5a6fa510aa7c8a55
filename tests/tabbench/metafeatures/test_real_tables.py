"""Every metafeature of every real table of the shared folder is a number, or says why it is none."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from tabbench.data.catalog import load_task
from tabbench.data.splits import make_split
from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.catalogue import ALL_GROUPS
from tabbench.metafeatures.sample import make_sample

pytest.importorskip("pymfe")
TABLES = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data")) / "tables"
CARDS = pd.read_csv(TABLES / "CARDS.csv") if (TABLES / "CARDS.csv").exists() else pd.DataFrame({"file": []})
WITHOUT_TARGET = ("beijing_pm2.5.parquet",)
"""Refused with gaps in its target; tests/tabbench/data holds that."""
N_ROWS = 200
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not len(CARDS), reason=f"no tables at {TABLES}"),
]


@pytest.mark.parametrize(
    "card", [pytest.param(card, id=card.file) for card in CARDS.itertuples() if card.file not in WITHOUT_TARGET]
)
def test_a_value_that_is_missing_has_a_reason_and_is_no_error(card):
    data = load_task(f"file:{TABLES}/{card.file}::{card.target}")
    split = make_split(data, 0, 0)
    for group in ALL_GROUPS:
        if data.task.type in group.task_types:
            sample = make_sample(data, split.train, split.test if group.reads_test else None, N_ROWS, 0)
            opened = group.open(sample)
            for value in (value for step in group.steps() for value in opened.compute(step)):
                assert (value.value is None) == (value.reason is not None), value
                assert (value.status is FeatureStatus.OK) == (value.reason is None), value
                assert value.status is not FeatureStatus.ERROR, value

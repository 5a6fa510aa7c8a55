"""One group on one split in a child: limits cost what was not finished, and nothing else."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.sample import Sample
from tabbench.runner.metafeature_job import extract
from tabbench.task import BINARY

SAMPLE = Sample(pd.DataFrame({"a": [1.0, 2.0]}), np.array([0, 1]), np.arange(2), BINARY, 2)


def first(sample: Sample) -> float:
    return float(sample.n_rows)


def sleeping(sample: Sample) -> float:
    time.sleep(60)
    return 0.0


def greedy(sample: Sample) -> float:
    kept = np.ones(800 * 2**17)
    return float(kept.sum())


def broken(sample: Sample) -> float:
    return 1 / (sample.n_rows - 2)


def leaving(sample: Sample) -> float:
    sys.stdout.flush()
    os._exit(3)


def last(sample: Sample) -> float:
    return 7.0


def told(*functions, **limits):
    group = OwnGroup("made", "Made up.", functions)
    return {v.feature.removeprefix("made."): v for v in extract(group, SAMPLE, **limits)}


def test_all_is_well():
    values = told(first, last, seconds=30, memory_mib=4000)
    assert [v.value for v in values.values()] == [2.0, 7.0]
    assert all(v.status is FeatureStatus.OK and v.seconds is not None for v in values.values())


@pytest.mark.slow
def test_what_was_finished_before_the_limit_stands():
    start = time.monotonic()
    values = told(first, sleeping, last, seconds=1.0)
    assert time.monotonic() - start < 20
    assert values["first"].value == 2.0
    assert {values[n].status for n in ("sleeping", "last")} == {FeatureStatus.TIMEOUT}
    assert "the 1 s of its group were spent" in values["sleeping"].reason


@pytest.mark.parametrize(
    ("culprit", "status", "reason"),
    [
        (broken, FeatureStatus.ERROR, "ZeroDivisionError"),
        (leaving, FeatureStatus.ERROR, "its process ended: 3"),
    ],
)
def test_a_step_that_fails_costs_itself_alone(culprit, status, reason):
    values = told(first, culprit, last, seconds=60)
    assert (values["first"].value, values["last"].value) == (2.0, 7.0)
    assert values[culprit.__name__].status is status
    assert reason in values[culprit.__name__].reason


def test_a_step_that_takes_too_much_memory_is_stopped():
    import psutil

    here = psutil.Process().memory_info().rss / 2**20
    values = told(first, greedy, last, seconds=60, memory_mib=here + 100)
    assert values["greedy"].status is FeatureStatus.MEMORY
    assert values["greedy"].reason.startswith("over ")
    assert values["last"].value == 7.0


@dataclass(frozen=True, eq=False)
class _Opening(OwnGroup):
    def open(self, sample):
        raise ValueError("cannot be opened")


def test_a_group_that_cannot_be_opened_says_so_for_every_feature():
    values = extract(_Opening("made", "Made up.", (first, last)), SAMPLE, 60)
    assert [(v.status, v.reason) for v in values] == [(FeatureStatus.ERROR, "ValueError: cannot be opened")] * 2

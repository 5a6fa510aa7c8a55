"""Rungs: where a pruner looks."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tabbench.tuning.rungs import RUNGS, Climb


def test_rungs_are_dense_at_first_and_few_in_all():
    assert RUNGS[:7] == (1, 2, 3, 4, 5, 6, 7)
    assert RUNGS[-1] > 10_000
    assert len(RUNGS) <= 40


@given(st.lists(st.integers(0, 99), min_size=1, max_size=50))
def test_a_rung_shows_the_best_error_up_to_its_step(errors):
    climb = Climb()
    seen = [rung for step, error in enumerate(errors, start=1) if (rung := climb.report(step, error))]
    assert [rung.step for rung in seen] == [r for r in RUNGS if r <= len(errors)]
    assert all(rung.error == min(errors[: rung.step]) for rung in seen)


def test_a_curve_that_skips_steps_passes_the_highest_rung_it_reached():
    climb = Climb()
    assert climb.report(20, 0.5) == (18, 0.5)
    assert climb.report(22, 0.4) is None
    assert climb.report(40, 0.6) == (36, 0.4)


def test_a_curve_without_a_number_is_told_as_such():
    climb = Climb()
    rung = climb.report(1, math.nan)
    assert rung is not None
    assert math.isnan(rung.error)
    assert climb.report(2, 0.5) == (2, 0.5)

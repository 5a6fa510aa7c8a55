"""Where the names of a plot lie."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabbench_leaderboard.labels import MARK, Box
from tabbench_leaderboard.scatter import Point, Scatter, lay_out

SIZES = [(1040.0, 440.0), (350.0, 400.0)]

points_of_models = st.lists(
    st.builds(
        Point,
        model=st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40),
        family=st.just("other"),
        seconds=st.floats(1e-6, 1e6),
        score=st.floats(-1, 1),
        detail=st.just(""),
    ),
    max_size=15,
    unique_by=lambda point: point.model,
)


def marks_as_boxes(scatter: Scatter) -> list[Box]:
    return [Box(m.x - MARK, m.y - MARK, m.x + MARK, m.y + MARK) for m in scatter.marks]


@pytest.mark.parametrize(("width", "height"), SIZES)
@settings(deadline=None, max_examples=60)
@given(points=points_of_models)
def test_no_name_covers_a_point_or_another_name_or_leaves_the_drawing(
    points: list[Point], width: float, height: float
) -> None:
    scatter = lay_out(points, width, height)
    names = [mark.label.box for mark in scatter.marks if mark.label]
    assert all(first.overlap(second) == 0 for first, second in combinations(names, 2))
    assert all(name.overlap(mark) == 0 for name in names for mark in marks_as_boxes(scatter))
    assert all(name.is_within(Box(0, 0, width, height)) for name in names)


def test_a_name_without_room_beside_its_point_gets_a_line_to_it() -> None:
    crowd = [Point(f"a_long_model_name_{i}", "other", 1.0 + 0.01 * i, 0.5 + 0.001 * i, "") for i in range(9)]
    far = [Point("a", "other", 1e-4, 0.0, ""), Point("z", "other", 1e4, 1.0, "")]
    labels = [mark.label for mark in lay_out(crowd + far, 1040, 440).marks]
    assert any(label and label.leader for label in labels)
    assert any(label and not label.leader for label in labels)

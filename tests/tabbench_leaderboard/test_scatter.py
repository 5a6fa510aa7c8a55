import math
import random

import pytest
from tabbench_leaderboard.scatter import Point, lay_out, pareto_front


def points(seed: int, n: int) -> list[Point]:
    rng = random.Random(seed)
    return [Point(f"model_{i}", "tree", 10 ** rng.uniform(-4, 2), rng.uniform(0, 1), "") for i in range(n)]


@pytest.mark.parametrize("seed", range(20))
def test_the_front_is_what_no_other_point_beats(seed: int) -> None:
    cloud = points(seed, 15)
    unbeaten = {
        p.model
        for p in cloud
        if not any(q.seconds <= p.seconds and q.score >= p.score and q[2:4] != p[2:4] for q in cloud)
    }
    assert {p.model for p in pareto_front(cloud)} == unbeaten


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("width", "height"), [(1040.0, 440.0), (350.0, 400.0)])
def test_every_mark_lies_inside_the_frame(seed: int, width: float, height: float) -> None:
    drawing = lay_out(points(seed, 12), width, height)
    for mark in drawing.marks:
        assert drawing.frame.left < mark.x < drawing.frame.right
        assert drawing.frame.top < mark.y < drawing.frame.bottom


@pytest.mark.parametrize("cloud", [[], points(0, 1), [Point("a", "", 1.0, 0.5, ""), Point("b", "", 1.0, 0.5, "")]])
def test_few_or_equal_points_are_drawn_too(cloud: list[Point]) -> None:
    drawing = lay_out(cloud, 1040.0, 440.0)
    assert len(drawing.marks) == len(cloud)
    assert all(math.isfinite(tick.at) for tick in (*drawing.x_ticks, *drawing.y_ticks))

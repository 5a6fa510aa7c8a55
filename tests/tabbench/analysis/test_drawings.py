"""Figures are well-formed SVG, whatever the names and numbers."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tabbench.analysis.drawings import Bar, interval_drawing, ticks

SVG = "{http://www.w3.org/2000/svg}"


def test_every_value_has_a_dot_inside_the_drawing_and_odd_names_are_escaped() -> None:
    bars = [Bar('a<b & "c"', 0.1, -0.2, 0.3), Bar("x" * 90, -5.0, np.nan, np.nan), Bar("none", np.nan, 0, 1)]
    root = ET.fromstring(interval_drawing("t & u", "axis", bars, "zero"))
    dots = root.findall(f"{SVG}circle")
    assert len(dots) == 2
    assert all(0 < float(dot.get("cx", "0")) < float(root.get("width", "0")) for dot in dots)
    assert 'a<b & "c"' in [text.text for text in root.findall(f"{SVG}text")]


def test_nothing_many_and_equal_values_are_drawn() -> None:
    for bars in ([], [Bar("a", 1.0, 1.0, 1.0)], [Bar(str(i), i, i, i) for i in range(200)]):
        root = ET.fromstring(interval_drawing("t", "axis", bars))
        assert len(root.findall(f"{SVG}circle")) == min(len(bars), 60)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1e-9, 1e-9), (1e6, 3e6), (5, 5)])
def test_ticks_span_the_range(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 9

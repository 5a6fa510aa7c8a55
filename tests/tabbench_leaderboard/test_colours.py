"""The colours of families and lines stay apart for readers who see fewer, and are seen on the page's ground.

How such readers see is Machado, Oliveira and Fernandes (2009), how far colours are apart is CAM02-UCS, both by
colorspacious.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tabbench_leaderboard
from colorspacious import cspace_convert, deltaE
from tabbench_leaderboard.charts import FAMILIES

if TYPE_CHECKING:
    from tabbench.task import Array

STYLES = Path(str(tabbench_leaderboard.__file__)).with_name("styles")
LINES = tuple(f"line-{i}" for i in range(1, 7))
LEAST = 12.0
"""About three times what is told apart when two patches lie side by side."""
SCHEMES = ("light", "dark")
SIGHTS = (None, "deuteranomaly", "protanomaly", "tritanomaly")


def colour(style: str, scheme: str, name: str) -> Array:
    """Red, green and blue from 0 to 1."""
    parts = (STYLES / style).read_text(encoding="utf-8").split("prefers-color-scheme: dark", 1)
    found = re.search(rf"--{name}: #([0-9a-f]{{6}});", parts[SCHEMES.index(scheme)])
    assert found, f"{style} has no {name} for {scheme}"
    return np.frombuffer(bytes.fromhex(found[1]), np.uint8) / 255


def seen(rgb: Array, sight: str | None) -> Array:
    if sight is None:
        return rgb
    space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
    return np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)


def luminance(rgb: Array) -> float:
    """Relative luminance by WCAG 2.2."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("style", "names"), [("site.css", tuple(FAMILIES)), ("charts.css", LINES)])
def test_no_two_are_close(style: str, names: tuple[str, ...], scheme: str, sight: str | None) -> None:
    colours = {name: seen(colour(style, scheme, name), sight) for name in names}
    for one, other in combinations(names, 2):
        apart = deltaE(colours[one], colours[other], input_space="sRGB1")
        assert apart > LEAST, (one, other)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_families_have_the_contrast_of_text(scheme: str) -> None:
    ground = luminance(colour("site.css", scheme, "paper"))
    for name in FAMILIES:
        low, high = sorted((ground, luminance(colour("site.css", scheme, name))))
        assert (high + 0.05) / (low + 0.05) >= 4.5, name

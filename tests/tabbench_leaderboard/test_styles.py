import re

import pytest
from tabbench_leaderboard.folders import folder_of

STYLE = (folder_of("styles") / "site.css").read_text(encoding="utf-8")
ROOTS = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
LIGHT, DARK = (dict(re.findall(r"--([a-z_-]+): (#[0-9a-f]{6});", block)) for block in ROOTS[:2])
TEXT = ("ink", "soft", "accent")
FAMILIES = ("boosted_trees", "forest", "tree", "network", "foundation", "linear", "kernel", "neighbors", "baseline",
            "other")  # fmt: skip


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """WCAG 2.2, "contrast ratio".

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_marks_stand_out_as_wcag_asks(palette: dict[str, str]) -> None:
    for ground in ("paper", "sunken"):
        for name in TEXT:
            assert contrast(palette[name], palette[ground]) >= 4.5, (name, ground)
    assert contrast(palette["warn"], palette["warn-soft"]) >= 4.5
    for name in FAMILIES:
        assert contrast(palette[name], palette["paper"]) >= 3.0, name

"""The hues of lines: they stand out, and apart, for readers of every vision."""

import re

import numpy as np
import pytest
from tabbench_leaderboard.folders import folder_of

CHARTS = (folder_of("styles") / "charts.css").read_text(encoding="utf-8")
SITE = (folder_of("styles") / "site.css").read_text(encoding="utf-8")
LEAST_DISTANCE = 0.1
VISIONS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Machado, Oliveira & Fernandes (2009), IEEE TVCG 15:1291-1298, severity 1."""
TO_CONES = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                     [0.0883024619, 0.2817188376, 0.6299787005]])  # fmt: skip
TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                   [0.0259040371, 0.7827717662, -0.8086757660]])  # fmt: skip
"""Ottosson (2020), "A perceptual color space for image processing" (Oklab)."""


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def blocks(style: str) -> list[dict[str, str]]:
    found = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return [dict(re.findall(r"--([a-z0-9_-]+): (#[0-9a-f]{6});", block)) for block in found]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_six_lines_stand_apart_for_every_vision_and_out_from_the_ground(scheme: int) -> None:
    colours = [linear(blocks(CHARTS)[scheme][f"line-{i}"]) for i in range(1, 7)]
    ground = float(linear(blocks(SITE)[scheme]["paper"]) @ [0.2126, 0.7152, 0.0722])
    for colour in colours:
        light, dark = sorted((float(colour @ [0.2126, 0.7152, 0.0722]), ground), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3
    for name, matrix in VISIONS.items():
        seen = np.clip(np.array(colours) @ np.array(matrix).T, 0, 1)
        lab = np.cbrt(seen @ TO_CONES.T) @ TO_LAB.T
        apart = np.sqrt(((lab[:, None] - lab[None]) ** 2).sum(axis=-1)) + np.eye(6)
        assert apart.min() >= LEAST_DISTANCE, name

"""The two families that the page is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.analysis.gap import Sides

if TYPE_CHECKING:
    import pandas as pd

FIRST, SECOND = "networks", "boosted trees"
_WORDS = {"network": FIRST, "boosted_trees": SECOND}


def compared(trials: pd.DataFrame) -> Sides:
    """Networks and boosted trees, by the families on the models' cards; `trials` has `model` and `family`."""
    pairs = trials.drop_duplicates("model")[["model", "family"]].astype(str)
    families = dict(zip(pairs["model"], pairs["family"], strict=True))
    return Sides(FIRST, SECOND, {model: _WORDS[name] for model, name in families.items() if name in _WORDS})

"""The gap of two families in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from tabbench.analysis.gap import Sides


def gap_in_words(regime: str, summary: pd.DataFrame, sides: Sides) -> str:
    """What the gap comes to, beside the noise of splits and the gain from tuning.

    Args:
        regime: Which configurations.
        summary: From `gap_summary`.
        sides: The families.
    """
    of = {str(row["quantity"]): row for row in summary.to_dict("records")}
    gap = of["mean_gap"]
    better = sides.second if gap["value"] > 0 else sides.first
    words = [
        f"{regime}: over {gap['n_tasks']} tasks the error of {better} is {abs(gap['value']):.1%} lower on average, "
        f"gap {gap['value']:.1%}{_range(gap)}; {sides.first} came out ahead on "
        f"{of['first_wins']['value']:.0%} of splits, by what each chose without looking at test "
        f"(picked on test it would be {of['first_wins_by_test']['value']:.0%} of tasks)."
    ]
    if "within_noise" in of:
        words.append(f"On {of['within_noise']['value']:.0%} of tasks the gap is within the noise of splits.")
    if "tuning_matters_more" in of:
        more = of["tuning_matters_more"]
        words.append(
            f"On {more['value']:.0%}{_range(more)} tuning {sides.second} brings more than the choice of family."
        )
    return " ".join(words)


def _range(row: Mapping[Hashable, Any]) -> str:
    return "" if np.isnan(row["low"]) else f" (95 %: {row['low']:.1%} to {row['high']:.1%})"

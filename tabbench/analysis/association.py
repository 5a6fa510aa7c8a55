"""Which metafeatures go with the gap of two families, and with each model's normalised error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.analysis.correlation import partial_spearman, pearson, spearman
from tabbench.ranking.averages import task_means
from tabbench.ranking.scores import split_min_max_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from tabbench.ranking.table import ErrorTable

ROWS = "general.nr_inst"
N_STRONGEST = 30
LEVEL = 0.05
"""Of the false-discovery rate."""
COLUMNS = ("outcome", "feature", "n", "rho", "low", "high", "p", "q", "given_rows", "given_rows_p", "given_rows_q")


class Finding(NamedTuple):
    """A correlation that a paper reports.

    Attributes:
        feature: Of pymfe.
        is_log: Whether its logarithm was taken.
        published: Its Pearson correlation with the gap in normalised log loss; NaN where only the sign is told.
        says: What it is.
    """

    feature: str
    is_log: bool
    published: float
    says: str


TABZILLA_FINDINGS = (
    Finding(ROWS, True, 0.63, "log rows"),
    Finding("general.inst_to_attr", False, 0.55, "rows per column"),
    Finding("statistical.can_cor.median", True, -0.41, "log median canonical correlation"),
    Finding("general.freq_class.min", True, -0.35, "log least class frequency"),
    Finding("statistical.skewness.max", False, np.nan, "skewed columns (positive, single pairs: at most .29)"),
    Finding("statistical.skewness.range", False, np.nan, "range of skewness (the same)"),
    Finding("statistical.kurtosis.sd", False, np.nan, "heavy tails: spread of kurtosis (the same)"),
)
"""McElfresh et al. (2023), table 17, and tables 22 and 23 for single pairs of models; above 0: trees gain by it."""


def associations(
    features: pd.DataFrame,
    outcomes: pd.DataFrame,
    related: Mapping[str, str],
    rows: str = ROWS,
    seed: int = 0,
    n_intervals: int = N_STRONGEST,
) -> pd.DataFrame:
    """Rank correlation of every metafeature with every outcome, over families of related tasks.

    Related tables are averaged first, so that a family is one unit. q-values control the share of false discoveries
    among all features of one outcome, by Benjamini and Hochberg.

    Source: Benjamini & Hochberg (1995), JRSS B 57:289-300, by `scipy.stats.false_discovery_control`.

    Args:
        features: Index tasks, a column a metafeature, NaN where unknown.
        outcomes: Index tasks, a column an outcome (the gap, a model's normalised error), NaN where unknown.
        related: Family of each task; tasks that are not in it are their own.
        rows: The feature that counts rows, held fixed in `given_rows`.
        seed: Of the bootstrap's draws.
        n_intervals: Of how many of the strongest of each outcome intervals are drawn.

    Returns:
        `outcome feature n rho low high p q given_rows given_rows_p given_rows_q`, the strongest of an outcome first.
        Features known on under ten units, or the same on all, are left out. `low` and `high`, by bootstrap at 95 %,
        are NaN for all but the strongest.
    """
    import pandas as pd

    x, y = by_family(features, outcomes, related)
    given = x[rows].to_numpy(dtype=np.float64) if rows in x else np.full(len(x), np.nan)
    found = []
    for outcome in y:
        target = y[outcome].to_numpy(dtype=np.float64)
        rows_of: list[dict[str, object]] = []
        for feature in x:
            values = x[feature].to_numpy(dtype=np.float64)
            simple = spearman(values, target, None)
            if np.isnan(simple.value):
                continue
            partial = partial_spearman(values, target, given) if feature != rows else None
            rows_of.append({
                "outcome": outcome, "feature": feature, "n": simple.n, "rho": simple.value, "p": simple.p,
                "given_rows": partial.value if partial else np.nan, "given_rows_p": partial.p if partial else np.nan,
            })  # fmt: skip
        if rows_of:
            ordered = _with_q(pd.DataFrame(rows_of))
            strongest = [
                spearman(x[name].to_numpy(np.float64), target, seed) for name in ordered["feature"][:n_intervals]
            ]
            ends = np.full((len(ordered), 2), np.nan)
            ends[: len(strongest)] = [(simple.low, simple.high) for simple in strongest]
            found.append(ordered.assign(low=ends[:, 0], high=ends[:, 1]))
    return pd.concat(found, ignore_index=True)[list(COLUMNS)] if found else pd.DataFrame(columns=list(COLUMNS))


def by_family(
    features: pd.DataFrame, outcomes: pd.DataFrame, related: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tasks that both tables know, related ones averaged to one row."""
    tasks = features.index.intersection(outcomes.index).sort_values()
    families = [related.get(str(task), str(task)) for task in tasks]
    return features.loc[tasks].groupby(families).mean(), outcomes.loc[tasks].groupby(families).mean()


def _with_q(found: pd.DataFrame) -> pd.DataFrame:
    from scipy.stats import false_discovery_control

    for p, q in (("p", "q"), ("given_rows_p", "given_rows_q")):
        known = found[p].notna()
        found[q] = np.nan
        if known.any():
            found.loc[known, q] = false_discovery_control(found.loc[known, p].to_numpy(dtype=np.float64))
    return found.sort_values(["p", "feature"], kind="stable")


def normalised_errors(table: ErrorTable) -> pd.DataFrame:
    """Each model's error on each task between 0 (best of the split) and 1 (worst), mean over splits.

    Args:
        table: A pool without gaps.

    Returns:
        Index tasks, a column a model.
    """
    import pandas as pd

    scaled = 1.0 - split_min_max_scores(table.errors)
    return pd.DataFrame(task_means(scaled, table.task_of), index=list(table.tasks), columns=list(table.models))


def published_gap(table: ErrorTable, first: Sequence[str], second: Sequence[str]) -> pd.Series:
    """The gap as McElfresh et al. take it: best of each family *on test*, in min-max errors of the tasks' means.

    For their figures alone; whoever is picked on test profits from numbers and luck.

    Args:
        table: A pool without gaps, tuned models.
        first: Models of the first family.
        second: Models of the second.

    Returns:
        Index tasks; above 0: the second family is better.
    """
    import pandas as pd

    scaled = pd.DataFrame(
        1.0 - split_min_max_scores(task_means(table.errors, table.task_of)),
        index=list(table.tasks), columns=list(table.models),
    )  # fmt: skip
    sides = [[model for model in side if model in scaled] for side in (first, second)]
    return scaled[sides[0]].min(axis=1) - scaled[sides[1]].min(axis=1)


def beside_the_paper(
    features: pd.DataFrame, gap_by_test: pd.Series, gap: pd.Series, related: Mapping[str, str], seed: int = 0
) -> pd.DataFrame:
    """The paper's correlations computed the same way, beside those with a gap that was chosen on valid.

    Args:
        features: Index tasks.
        gap_by_test: From `published_gap`.
        gap: The gap chosen on valid, index tasks.
        related: Family of each task.
        seed: Of the bootstrap's draws.

    Returns:
        `finding feature published same_way low high n on_valid on_valid_low on_valid_high`; the NaN of a feature that
        is not there, or known on under ten units.
    """
    import pandas as pd

    x, y = by_family(features, pd.DataFrame({"test": gap_by_test, "valid": gap}), related)
    rows = []
    for finding in TABZILLA_FINDINGS:
        if finding.feature not in x:
            continue
        values = x[finding.feature].to_numpy(dtype=np.float64)
        if finding.is_log:
            values = np.log(np.where(values > 0, values, np.nan))
        same, ours = (pearson(values, y[name].to_numpy(dtype=np.float64), seed) for name in ("test", "valid"))
        rows.append({
            "finding": finding.says, "feature": finding.feature, "published": finding.published,
            "same_way": same.value, "low": same.low, "high": same.high, "n": same.n, "on_valid": ours.value,
            "on_valid_low": ours.low, "on_valid_high": ours.high,
        })  # fmt: skip
    return pd.DataFrame(rows)

"""Error against the number of rows: a power law through a few sizes, and what more rows would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.data.modifiers.names import split_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.task import FloatArray

FEWEST_SIZES = 4
"""Fewer sizes than this do not hold three parameters and their uncertainty."""
LEVEL = 0.9
FEWEST_ERRORS = 5


class PowerLaw(NamedTuple):
    """e(n) = floor + scale (n / n_0)^-rate, n_0 the geometric mean of the sizes it was fitted to."""

    floor: float
    scale: float
    rate: float
    middle: float

    def at(self, n: FloatArray) -> FloatArray:
        """The expected error with so many rows."""
        found: FloatArray = self.floor + self.scale * (n / self.middle) ** -self.rate
        return found


class Extrapolated(NamedTuple):
    """An error that was not measured, with its interval of 90 %."""

    error: float
    low: float
    high: float


class Fitted(NamedTuple):
    """A power law and how sure its parameters are.

    Attributes:
        law: The curve.
        covariance: Shape (3, 3), of the logarithms of floor, scale and rate.
        noise: Relative standard deviation of errors about the curve.
        degrees: Degrees of freedom behind it: errors less parameters.
    """

    law: PowerLaw
    covariance: FloatArray
    noise: float
    degrees: int


def fit_power_law(rows: FloatArray, errors: FloatArray) -> Fitted | None:
    """The power law through errors at some sizes, by least squares of relative deviations (`scipy.optimize.curve_fit`).

    Floor, scale and rate are above 0, so that a curve never rises and never falls below 0.

    Source: Hestness et al. (2017), arXiv:1712.00409, section 4 (the law); Viering & Loog (2023), IEEE TPAMI 45:7799,
    section 4 (what else is tried).

    Args:
        rows: Shape (n,), training rows.
        errors: Shape (n,), test errors above 0.

    Returns:
        None with fewer than four different sizes or five errors, an error of 0, or where the fit does not converge.
    """
    import warnings

    from scipy.optimize import OptimizeWarning, curve_fit

    n = len(errors)
    if len(np.unique(rows)) < FEWEST_SIZES or n < FEWEST_ERRORS or not (errors > 0).all():
        return None
    middle = float(np.exp(np.log(rows).mean()))

    def log_law(sizes: FloatArray, *logs: float) -> FloatArray:
        found: FloatArray = np.log(_law(logs, middle).at(sizes))
        return found

    start = np.log([0.5 * errors.min(), 0.5 * np.median(errors), 0.5])
    try:
        with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            warnings.simplefilter("ignore", OptimizeWarning)  # no covariance: a flat curve has no rate
            logs, _, more, *_ = curve_fit(log_law, rows, np.log(errors), p0=start, maxfev=2000, full_output=True)
    except (RuntimeError, ValueError):  # curve_fit's words for not converging
        return None
    noise = float(np.sqrt((more["fvec"] ** 2).sum() / (n - 3)))
    slopes = _slopes(logs, middle, rows)
    covariance: FloatArray = np.asarray(noise**2 * np.linalg.pinv(slopes.T @ slopes, rcond=1e-6), dtype=np.float64)
    return Fitted(_law(logs, middle), covariance, noise, n - 3)


def extrapolate(fitted: Fitted, wanted: float) -> Extrapolated:
    """The expected error with `wanted` rows, and where an error measured there would lie.

    The delta method on the logarithm of the error, with Student's t: the curve's own uncertainty and the noise of one
    more error. docs/analysis.md tells how often it holds in simulations.

    Source: Seber & Wild (1989), "Nonlinear Regression", section 5.1.
    """
    from scipy.special import stdtrit

    law, there = fitted.law, np.array([wanted], dtype=np.float64)
    slopes = _slopes(np.log([law.floor, law.scale, law.rate]), law.middle, there)[0]
    spread = np.sqrt(max(float(slopes @ fitted.covariance @ slopes), 0.0) + fitted.noise**2)
    reach = min(float(stdtrit(fitted.degrees, (1 + LEVEL) / 2)) * spread, 50.0)
    error = float(law.at(there)[0])
    return Extrapolated(error, error * float(np.exp(-reach)), error * float(np.exp(reach)))


def _law(logs: Sequence[float] | FloatArray, middle: float) -> PowerLaw:
    floor, scale, rate = np.exp(np.clip(logs, -30.0, 30.0))
    return PowerLaw(float(floor), float(scale), float(rate), middle)


def _slopes(logs: FloatArray, middle: float, rows: FloatArray) -> FloatArray:
    """Derivatives of the logarithm of the error by the logarithms of floor, scale and rate; shape (n, 3)."""
    law = _law(logs, middle)
    falling = law.scale * (rows / middle) ** -law.rate
    by_log = [np.full_like(rows, law.floor), falling, -falling * law.rate * np.log(rows / middle)]
    found: FloatArray = np.column_stack(by_log) / law.at(rows)[:, None]
    return found


def sizes_of(errors: pd.DataFrame) -> pd.DataFrame:
    """Mean errors of each task at each of its sizes, of tasks with more than one.

    Returns:
        `task model n_rows error valid_error`: the task without `~rows=`, and its training rows.
    """
    bases = {}
    for task in errors["task"].unique():
        base, modifiers = split_name(task)
        bases[task] = base + "".join(f"~{m.text}" for m in modifiers if m.name != "rows")
    known = errors.assign(base=errors["task"].map(bases))
    if "n_train" not in known:
        return known.iloc[:0]
    means = (
        known.groupby(["base", "task", "model"], sort=True)[["n_train", "error", "valid_error"]].mean().reset_index()
    )
    means["n_rows"] = means["n_train"].round()
    several = means.groupby("base")["n_rows"].transform("nunique") > 1
    kept = means[several].drop(columns=["task", "n_train"]).rename(columns={"base": "task"})
    return kept.groupby(["task", "model", "n_rows"], sort=True).mean().reset_index()


def bets(sizes: pd.DataFrame) -> pd.DataFrame:
    """For every model of every task: does twice the rows promise more, or another model on the rows there are?

    The other model is the one with the least valid error on all rows. *More rows* where the whole interval of the
    error expected with twice the rows lies under the other model's error, *another model* where that error lies under
    the whole interval, else *cannot tell*.

    Args:
        sizes: One row a task, model and size: `task model n_rows error valid_error`, means over splits.

    Returns:
        `task model n_sizes n_rows error with_twice low high other other_error better_bet`; NaN and *cannot tell* where
        no curve can be fitted. `other` is empty for the model that valid chooses itself.
    """
    import pandas as pd

    rows = []
    for task, of_task in sizes.dropna(subset="error").groupby("task", sort=True):
        whole = of_task[of_task["n_rows"] == of_task["n_rows"].max()]
        best = whole.sort_values(["valid_error", "model"], kind="stable").iloc[0]
        for model, mine in of_task.groupby("model", sort=True):
            now = whole[whole["model"] == model]
            if not len(now):
                continue
            fitted = fit_power_law(*(mine[name].to_numpy(dtype=np.float64) for name in ("n_rows", "error")))
            n, error = float(now["n_rows"].iloc[0]), float(now["error"].iloc[0])
            there = Extrapolated(np.nan, np.nan, np.nan) if fitted is None else extrapolate(fitted, 2 * n)
            other = np.nan if best["model"] == model else float(best["error"])
            rows.append({
                "task": task, "model": model, "n_sizes": mine["n_rows"].nunique(), "n_rows": n, "error": error,
                "with_twice": there.error, "low": there.low, "high": there.high,
                "other": "" if np.isnan(other) else best["model"], "other_error": other,
                "better_bet": _better_bet(there, other, error),
            })  # fmt: skip
    names = ["task", "model", "n_sizes", "n_rows", "error", "with_twice", "low", "high", "other", "other_error",
             "better_bet"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _better_bet(there: Extrapolated, other: float, error: float) -> str:
    rival = error if np.isnan(other) else other  # the best model already: no rows are needed unless they help
    if there.high < rival:
        return "more rows"
    return "another model" if other < min(there.low, error) else "cannot tell"

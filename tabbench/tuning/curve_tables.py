"""Tuning curves of many jobs: from a frame of trials to a frame of curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tabbench.errors import DataError
from tabbench.results import Status
from tabbench.tuning.curves import QUANTILES, best_so_far, expected_curve

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import Array

JOB_COLUMNS = ("job_id", "model", "task", "repeat", "fold", "protocol_id", "sampler")
TRIAL_COLUMNS = ("trial", "status", "valid_error", "test_error", "total_seconds")
QUANTILE_COLUMNS = tuple(f"q{round(100 * q):02d}" for q in QUANTILES)
EXCHANGEABLE = frozenset({"random", "qmc"})
"""Samplers whose draws do not depend on scores, so that any order of them is as likely."""


def tuning_curves(rows: pd.DataFrame) -> pd.DataFrame:
    """The curve of each job against trials and against seconds.

    Jobs sampled at random (or by QMC, whose points are taken as exchangeable too) without pruning get exact
    expectations over all orders; others the one order that happened. A job without trial 0 has no curve.

    Args:
        rows: Rows of `trials`: the columns `job_id model task repeat fold protocol_id sampler trial status valid_error
            test_error total_seconds`. Where `refit_of` is there too, refits are left out.

    Returns:
        One row a job and number of trials, the default one counted: `job_id model task repeat fold protocol_id sampler
        n_trials is_exact seconds error sd q05 q25 q50 q75 q95 finished_share`, as `TuningCurve` explains them.

    Raises:
        DataError: If a column is missing.
    """
    import pandas as pd

    missing = [name for name in (*JOB_COLUMNS, *TRIAL_COLUMNS) if name not in rows]
    if missing:
        raise DataError(f"Tuning curves need the columns {missing}; the rows have {list(rows.columns)}.")
    if "refit_of" in rows:
        rows = rows[rows["refit_of"].isna()]
    curves = [_job_curve(job) for _, job in rows.groupby("job_id", sort=False) if 0 in set(job["trial"])]
    names = [*JOB_COLUMNS, "n_trials", "is_exact", "seconds", "error", "sd", *QUANTILE_COLUMNS, "finished_share"]
    if not curves:
        return pd.DataFrame(columns=names)
    return pd.DataFrame({name: np.concatenate([curve[name] for curve in curves]) for name in names})


def _job_curve(job: pd.DataFrame) -> dict[str, Array]:
    """The columns of a job; arrays, since a frame a job takes ten times as long."""
    job = job.sort_values("trial")
    is_ok = (job["status"] == Status.OK).to_numpy()
    valid, test, seconds = (
        job[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ("valid_error", "test_error", "total_seconds")
    )
    is_exact = job["sampler"].iloc[0] in EXCHANGEABLE and not (job["status"] == Status.PRUNED).any()
    curve = (expected_curve if is_exact else best_so_far)(
        np.where(is_ok, valid, np.nan), np.where(is_ok, test, np.nan), seconds
    )
    return {
        **{name: np.repeat(job[name].to_numpy()[:1], len(job)) for name in JOB_COLUMNS},
        "n_trials": np.arange(1, len(job) + 1),
        "is_exact": np.full(len(job), is_exact),
        "seconds": curve.seconds,
        "error": curve.error,
        "sd": curve.sd,
        **dict(zip(QUANTILE_COLUMNS, curve.quantiles.T, strict=True)),
        "finished_share": curve.finished_share,
    }

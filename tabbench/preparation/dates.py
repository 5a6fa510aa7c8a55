"""Take a date apart into numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from tabbench.task import FloatArray

PARTS = ("seconds", "year", "month", "day", "weekday", "hour")
"""Seconds since 1970 (UTC), year, month 1-12, day of the month 1-31, day of the week 0-6 from Monday, hour 0-23."""


def is_date(column: pd.Series[Any]) -> bool:
    """Whether a raw column holds points in time, with or without a time zone."""
    return column.dtype.kind == "M"


def date_parts(column: pd.Series[Any]) -> FloatArray:
    """Shape (n_rows, 6) in the order of `PARTS`; a row of NaN where the date is missing."""
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None) if hasattr(column.dtype, "tz") else column
    when = moments.to_numpy(dtype="datetime64[us]")
    seconds = when.astype(np.int64) / 1e6
    calendar = moments.dt
    parts = [seconds, calendar.year, calendar.month, calendar.day, calendar.dayofweek, calendar.hour]
    table = np.column_stack([np.asarray(part, dtype=np.float64) for part in parts])
    table[np.isnat(when)] = np.nan
    return table

"""What no run can have written: numbers out of range, times that do not add up, trials that contradict their fits."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tabbench.hashing import canonical_json, content_id
from tabbench.metrics import METRICS
from tabbench.results import Status
from tabbench.schema import flatten
from tabbench.submission.typed_rows import WrongRowError, is_finite, parse_line
from tabbench.task import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tabbench.documents import EnvironmentRow
    from tabbench.results import FitRow, TrialRow
    from tabbench.submission.typed_rows import TrialLine

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""Before tabbench."""
CLOCKS_DIFFER = timedelta(days=1)
SUMS_DIFFER = 1e-6
CPU_SLACK_SECONDS = 1.0
MAY_DIVERGE = frozenset({"curve_error", "train_error"})
"""A model may report infinity after a step; what is scored is always finite."""

Wrong = tuple[str, str]
"""Kind of a finding, and the message."""


def impossible_values(line: TrialLine, environments: Mapping[str, EnvironmentRow]) -> Iterator[Wrong]:
    """Everything about one trial that cannot be, whatever it predicted."""
    trial = line.trial
    yield from _numbers(trial)
    for fit in line.fits:
        yield from _numbers(fit)
    yield from _configuration(trial)
    yield from _scores_in_range(trial)
    yield from _outcome(line)
    yield from _sums(trial, line.fits)
    yield from _machine(trial, line.fits, environments)


def _numbers(row: TrialRow | FitRow) -> Iterator[Wrong]:
    for name, value in flatten(row).items():
        if isinstance(value, float) and not math.isfinite(value) and name not in MAY_DIVERGE:
            yield "impossible value", f"{name} is {value}"
        if name.endswith(("_seconds", "_mib")) or name.startswith("n_"):
            numbers = value if isinstance(value, tuple) else (value,)
            if any(isinstance(number, int | float) and number < 0 for number in numbers):
                yield "impossible value", f"{name} is negative"
    now = datetime.now(UTC)
    if row.started_at is not None and not FIRST <= row.started_at <= now + CLOCKS_DIFFER:
        yield "impossible time", f"it began at {row.started_at:%Y-%m-%d %H:%M} UTC"


def _configuration(trial: TrialRow) -> Iterator[Wrong]:
    """`config_id` is the hash of the configuration, so one that was changed afterwards shows."""
    try:
        config = parse_line(trial.config.encode())
        is_canonical = isinstance(config, dict) and canonical_json(config) == trial.config
    except (WrongRowError, ValueError, TypeError, RecursionError):
        is_canonical, config = False, None
    if not is_canonical:
        yield "changed configuration", "config is no canonical JSON of an object"
    elif content_id(config) != trial.config_id:
        yield "changed configuration", f"config_id is {trial.config_id}, the configuration gives {content_id(config)}"


def _scores_in_range(trial: TrialRow) -> Iterator[Wrong]:
    for part, scores in (("valid", trial.valid), ("test", trial.test)):
        for name, value in asdict(scores).items():
            if value is None or not is_finite(value):
                continue
            metric = METRICS[name]
            is_beyond = value < metric.optimum if metric.direction is Direction.LOWER else value > metric.optimum
            low, high = {"0..1": (0.0, 1.0), "0..2": (0.0, 2.0)}.get(metric.unit, (-math.inf, math.inf))
            if is_beyond:
                yield "better than possible", f"{part} {name} is {value:g}; the best there is is {metric.optimum:g}"
            elif not low <= value <= high:
                yield "impossible value", f"{part} {name} is {value:g}, outside {metric.unit}"


def _outcome(line: TrialLine) -> Iterator[Wrong]:
    trial, is_ok = line.trial, line.trial.status is Status.OK
    scored = [name for part in (trial.valid, trial.test) for name, value in asdict(part).items() if value is not None]
    if not is_ok and (scored or trial.valid_error is not None or trial.test_error is not None or line.parts):
        yield "contradiction", f"its status is {trial.status} and it has scores or predictions"
    if is_ok and (trial.reason is not None or any(fit.status is not Status.OK for fit in line.fits)):
        yield "contradiction", "it ended well and has a reason, or a fit that did not"
    if not is_ok and not trial.reason:
        yield "contradiction", f"its status is {trial.status}, without a reason"
    if trial.n_fits != len(line.fits):
        yield "contradiction", f"it says {trial.n_fits} fits and has {len(line.fits)}"
    if trial.has_predictions != bool(line.parts):
        yield "contradiction", "it says otherwise whether predictions were kept"
    key = (trial.job_id, trial.trial, trial.attempt)
    if any((fit.job_id, fit.trial, fit.attempt) != key for fit in line.fits):
        yield "contradiction", "a fit is that of another trial"


def _sums(trial: TrialRow, fits: Sequence[FitRow]) -> Iterator[Wrong]:
    """Seconds of a trial are sums over its fits, and memory is the largest."""
    parts = ("prepare_seconds", "encode_seconds", "fit_seconds", "predict_valid_seconds", "predict_test_seconds")
    for name, columns in (
        ("fit_seconds", ("fit_seconds",)),
        ("predict_seconds", ("predict_test_seconds",)),
        ("cpu_seconds", ("cpu_seconds",)),
        ("total_seconds", parts),
    ):
        values = [v for fit in fits for column in columns if (v := getattr(fit, column)) is not None]
        yield from _same(name, getattr(trial, name), float(sum(values)) if values else None)
    peaks = [fit.peak_memory_mib for fit in fits if fit.peak_memory_mib is not None]
    yield from _same("peak_memory_mib", trial.peak_memory_mib, max(peaks, default=None))


def _same(name: str, told: float | None, found: float | None) -> Iterator[Wrong]:
    is_same = told == found
    if told is not None and found is not None:
        is_same = abs(told - found) <= SUMS_DIFFER * max(abs(found), 1.0)
    if not is_same:
        yield "times do not add up", f"{name} is {told}, its fits give {found}"


def _machine(trial: TrialRow, fits: Sequence[FitRow], environments: Mapping[str, EnvironmentRow]) -> Iterator[Wrong]:
    place = environments.get(trial.environment_id)
    if place is None:
        return  # told once for the bundle
    for fit in fits:
        wall = sum(t or 0.0 for t in (fit.fit_seconds, fit.predict_valid_seconds, fit.predict_test_seconds))
        if fit.cpu_seconds is not None and fit.cpu_seconds > place.n_cores * wall * 1.1 + CPU_SLACK_SECONDS:
            yield "impossible time", f"{fit.cpu_seconds:g} s of CPU in {wall:g} s on {place.n_cores} cores"
        if fit.peak_memory_mib is not None and fit.peak_memory_mib > place.memory_mib:
            yield "impossible value", f"used {fit.peak_memory_mib:g} of {place.memory_mib} MiB of memory"
    limit = trial.limit_trial_seconds
    fitted = sum(fit.fit_seconds or 0.0 for fit in fits)
    if trial.status is Status.OK and limit is not None and fitted > 1.5 * limit + 10:
        yield "impossible time", f"fitted for {fitted:g} s under a limit of {limit:g} s"

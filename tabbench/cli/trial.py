"""`tabbench trial show JOB:TRIAL`: everything about one stored trial."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.errors import UnknownNameError
from tabbench.results import FitRow, Scores, TrialRow
from tabbench.schema import Mark, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tabbench.store.one_trial import Record, StoredTrial

BARS = "▁▂▃▄▅▆▇█"
CURVE_CELLS = 60
TEXTS = ("traceback", "log")
TITLES = {Mark.IDENTITY: "what it is", Mark.OUTCOME: "what came out", Mark.MEASURED: "what was measured"}


def main(arguments: Sequence[str]) -> int:
    """Find the trial and print it."""
    parser = argparse.ArgumentParser(prog="tabbench trial", description="Everything about one stored trial.")
    parser.add_argument("action", metavar="show", help="show JOB:TRIAL")
    parser.add_argument("name", metavar="JOB:TRIAL", help="a job's id, or its first letters, and the trial's number")
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.action != "show":
        raise UnknownNameError("action", options.action, ["show"], where="tabbench trial")
    from tabbench.store.database import open_database
    from tabbench.store.layout import Store
    from tabbench.store.one_trial import find_trial

    store = Store(options.store)
    with open_database(store) as connection:
        found = find_trial(connection, options.name, store.option)
    if options.json:
        sys.stdout.write(json.dumps(found._asdict(), indent=2, default=_text, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(found)) + "\n")
    return 0


def _lines(found: StoredTrial) -> Iterator[str]:
    trial = found.trial
    where = f"{trial['model']} on {trial['task']}, repeat {trial['repeat']}, fold {trial['fold']}"
    yield f"{trial['job_id']}:{trial['trial']}  {where}"
    yield f"{trial['status']}" + (f": {trial['reason']}" if trial["reason"] else "")
    for attempt, status, reason in found.attempts[:-1]:
        yield f"attempt {attempt} ended as {status}" + (f": {reason}" if reason else "")
    yield from _block("configuration", json.loads(trial["config"]) or {"": "the model's default, nothing set"})
    yield from _scores(trial)
    shown = {"config", "status", "reason", *TEXTS}
    for mark, title in TITLES.items():
        names = [c.name for c in columns_of(TrialRow) if c.mark is mark and c.name not in shown | _score_columns()]
        yield from _block(title, {name: trial[name] for name in names})
    for fit in found.fits:
        same = {"job_id", "trial", "attempt", "environment_id", "worker_id", "started_at", "reason"}
        names = [c.name for c in columns_of(FitRow) if c.name not in same and not c.name.startswith("curve_")]
        yield from _block(f"fit of inner fold {fit['inner_fold']}", {name: fit[name] for name in names})
        yield from _curve(fit)
    yield from _block("environment", {k: v for k, v in found.environment.items() if k != "packages"})
    yield from _block("worker", found.worker)
    for name in TEXTS:
        if trial.get(name):
            yield from ("", f"{'what it printed' if name == 'log' else name}:", *str(trial[name]).splitlines())


def _score_columns() -> set[str]:
    return {f"{part}_{name}" for part in ("valid", "test") for name in Scores.__dataclass_fields__}


def _scores(trial: Record) -> Iterator[str]:
    names = [n for n in Scores.__dataclass_fields__ if any(trial[f"{p}_{n}"] is not None for p in ("valid", "test"))]
    if names:
        yield from ("", f"{'scores':<24} {'valid':>12} {'test':>12}")
    for name in names:
        yield f"  {name:<22} {_text(trial[f'valid_{name}']):>12} {_text(trial[f'test_{name}']):>12}"


def _block(title: str, values: Record) -> Iterator[str]:
    """What is known of some columns; unknown ones are left out."""
    known = {name: value for name, value in values.items() if value is not None}
    if known:
        yield from ("", title)
        yield from (f"  {name:<22} {_text(value)}" for name, value in known.items())


def _curve(fit: Record) -> Iterator[str]:
    """The learning curve as a line of bars, from its first step to its last; high is bad."""
    steps, errors = fit["curve_step"], fit["curve_error"]
    finite = [e for e in errors or [] if abs(e) < float("inf")]
    if not finite:
        return
    low, high = min(finite), max(finite)
    picked = (
        [errors[i * len(errors) // CURVE_CELLS] for i in range(CURVE_CELLS)] if len(errors) > CURVE_CELLS else errors
    )
    cells = [BARS[round((min(max(e, low), high) - low) / (high - low or 1) * 7)] if e == e else " " for e in picked]
    yield f"  {'learning curve':<22} {''.join(cells)}"
    yield f"  {'':<22} steps {steps[0]} to {steps[-1]}, valid error {_text(low)} to {_text(high)}"


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

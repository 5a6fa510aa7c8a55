"""How fast this machine is now: a short fixed workload, timed once an hour on each host."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.data.cache.documents import from_json, to_json
from tabbench.data.cache.folder import cache_folder
from tabbench.documents import CalibrationRow
from tabbench.errors import DataError, StoreError
from tabbench.hashing import content_id
from tabbench.runner.fit_child import Death, FitChild
from tabbench.runner.fitting import FitRequest
from tabbench.runner.rows import now
from tabbench.store.documents import write_document
from tabbench.store.durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tabbench.documents import WorkerRow
    from tabbench.store.layout import Store

N_TIMES = 3
MOST_SECONDS = 30.0
TREE_ROWS, TREE_COLUMNS, MATRIX_SIZE, COPY_MIB = 2_000, 10, 600, 32


def calibrate_if_due(worker: WorkerRow, store: Store, watch: Sequence[Connection] = ()) -> None:
    """Store how fast this host is in this hour; the first worker to ask times it, and those who ask meanwhile go on.

    Raises:
        StopRequested: If a watched connection has news.
        StoreError: If it cannot be written.
    """
    hour = f"{now():%Y-%m-%dT%H}"
    if store.document("calibrations", key := content_id([worker.worker_id, hour])).exists():
        return
    timed = _timed_this_hour(content_id([worker.host, worker.environment_id, hour]), watch)
    if timed is not None:
        at = datetime.fromisoformat(timed.measured_at)
        rows = [
            CalibrationRow(worker_id=worker.worker_id, workload=name, seconds=took, measured_at=at)
            for name, took in timed.seconds.items()
        ]
        write_document(store, "calibrations", rows, key=key)


@dataclass(frozen=True)
class Timed:
    """Seconds of each workload, and when they were measured (UTC, ISO)."""

    measured_at: str
    seconds: dict[str, float]


def _timed_this_hour(key: str, watch: Sequence[Connection]) -> Timed | None:
    """From the cache that all runs of a user share, so that many short runs cost one calibration."""
    from filelock import FileLock, Timeout

    file = cache_folder() / "calibrations" / f"{key}.json"
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(file.with_suffix(".lock"), timeout=0):
                if not file.exists():
                    timed = _timed_in_child(watch)
                    if timed is None:
                        return None
                    write_whole(file, partial(_write, to_json(timed)))
        return from_json(Timed, file.read_bytes(), str(file))
    except (Timeout, OSError, DataError, StoreError):  # somebody is at it, or the cache cannot be used: do without
        return None


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _timed_in_child(watch: Sequence[Connection]) -> Timed | None:
    """In a process of its own, since one that has computed is not forked safely; None if that dies."""
    measured_at = now().isoformat()
    child = FitChild(lambda _request, _is_hopeless: workload_seconds(), watch)
    try:
        result: Any = child.ask(_NOTHING, MOST_SECONDS).result
    finally:
        child.close()
    return None if isinstance(result, Death) else Timed(measured_at, result)


_NOTHING = FitRequest(fold=0, params={}, seed=0, deadline=None)


def workload_seconds() -> dict[str, float]:
    """Seconds of each workload with one thread, median of three; the first of four is left out, it warms up."""
    from sklearn.tree import DecisionTreeRegressor
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(TREE_ROWS, TREE_COLUMNS)), rng.normal(size=TREE_ROWS)
    matrix = rng.normal(size=(MATRIX_SIZE, MATRIX_SIZE))
    source = np.ones(COPY_MIB * 2**17)
    target = np.empty_like(source)
    with threadpool_limits(1):
        return {
            "tree_fit": _median_seconds(lambda: DecisionTreeRegressor(random_state=0).fit(X, y)),
            "matrix_product": _median_seconds(lambda: matrix @ matrix),
            "memory_copy": _median_seconds(lambda: np.copyto(target, source)),
        }


def _median_seconds(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(N_TIMES + 1):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds[1:])

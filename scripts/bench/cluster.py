"""What a second worker brings under an engine, against what it brings under the local executor, in the same run.

Each round tunes the same jobs with one worker and with two, under both. Told are fits a second of the whole, from the
first trial's start to the last one's end, and of workers at work, from a worker's first trial to its last. The whole
holds the starts of elements too, seconds each, which weigh much in a run of minutes and little in bundles of half an
hour. The goal is that the engine's gain is at least 0.95 of the local one. Run it where nothing else runs, on a
cluster with two free processors of the same kind as this machine's.

    python scripts/bench/cluster.py [--executor slurm] [--rounds 1] [--trials 100] [--models lightgbm] [SETTING …]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tabbench.store.history import read_job
from tabbench.store.layout import Store, job_of


class Speed(NamedTuple):
    """Fits a second of a run: of the whole, and of its workers while they work."""

    whole: float
    at_work: float


def fits_a_second(arguments: list[str], executor: str, n_workers: int, folder: str) -> Speed:
    """Of one run into a store of its own."""
    store = Path(tempfile.mkdtemp(dir=folder))
    settings = [f"executor={executor}", f"executor.n_workers={n_workers}", f"store={store}"]
    if executor != "local":
        settings.append("executor.wait=true")
    command = [sys.executable, "-m", "tabbench.cli.main", "run", *arguments, *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    jobs = {job_of(path) for path in Store(store).all_shards()}
    rows = [finished.trial for job in jobs for finished in read_job(Store(store), job)]
    spans: dict[str, list[datetime]] = {}
    for row in rows:
        spans.setdefault(row.worker_id, []).extend(
            (row.started_at, row.started_at + timedelta(seconds=row.total_seconds or 0))
        )
    n_fits = sum(row.n_fits for row in rows)
    whole = max(map(max, spans.values())) - min(map(min, spans.values()))
    at_work = sum((max(times) - min(times)).total_seconds() for times in spans.values())
    return Speed(n_fits / whole.total_seconds(), n_fits / at_work * n_workers)


def main() -> None:
    """Print each round and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executor", default="slurm")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--models", default="lightgbm")
    parser.add_argument("--tasks", default="bundled/breast_cancer,bundled/diabetes")
    parser.add_argument("--folder", help="that nodes and this machine share; else the temporary folder")
    options, more = parser.parse_known_args()
    names = [f"tasks=[{options.tasks}]", f"models=[{options.models}]", f"protocol.n_trials={options.trials}"]
    arguments = [*names, "folds=[0,1,2]", *more]
    ratios: dict[str, list[float]] = {kind: [] for kind in Speed._fields}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for number in range(options.rounds):
            speed = {
                (executor, n): fits_a_second(arguments, executor, n, folder)
                for n in (1, 2)
                for executor in ("local", options.executor)
            }
            for kind in Speed._fields:
                told = ", ".join(f"{name} {n}: {getattr(fits, kind):.2f}" for (name, n), fits in speed.items())
                print(f"round {number}, {kind}: fits a second: {told}", flush=True)
                gains = [
                    getattr(speed[name, 2], kind) / getattr(speed[name, 1], kind)
                    for name in ("local", options.executor)
                ]
                ratios[kind].append(gains[1] / gains[0])
    found = ", ".join(f"{kind} {median(values):.3f}" for kind, values in ratios.items())
    print(
        f"gain of a second worker under {options.executor} against local: {found} (median of "
        f"{options.rounds}; {options.trials} trials, {options.models} on {options.tasks}; {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()

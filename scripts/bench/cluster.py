"""What a second worker brings under an engine, against what it brings under the local executor, in the same run.

Each round tunes the same jobs with one worker and with two, under both. Counted are fits a second from the first
trial's start to the last one's end, so the jobs must take minutes: an element of SLURM costs seconds to start. The goal
is that the engine's gain is at least 0.95 of the local one. Run it where nothing else runs, on a cluster with two free
processors of the same kind as this machine's.

    python scripts/bench/cluster.py [--executor slurm] [--rounds 1] [--trials 150] [--models lightgbm] [SETTING …]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median

from tabbench.store.history import read_job
from tabbench.store.layout import Store, job_of


def fits_a_second(arguments: list[str], executor: str, n_workers: int, folder: str) -> float:
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
    start = min(row.started_at for row in rows)
    end = max(row.started_at + timedelta(seconds=row.total_seconds or 0) for row in rows)
    return sum(row.n_fits for row in rows) / (end - start).total_seconds()


def main() -> None:
    """Print each round and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executor", default="slurm")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--models", default="lightgbm")
    parser.add_argument("--tasks", default="bundled/breast_cancer,bundled/diabetes")
    parser.add_argument("--folder", help="that nodes and this machine share; else the temporary folder")
    options, more = parser.parse_known_args()
    names = [f"tasks=[{options.tasks}]", f"models=[{options.models}]", f"protocol.n_trials={options.trials}"]
    arguments = [*names, "folds=[0,1,2,3]", *more]
    ratios = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for number in range(options.rounds):
            speed = {
                (executor, n): fits_a_second(arguments, executor, n, folder)
                for n in (1, 2)
                for executor in ("local", options.executor)
            }
            gains = [speed[executor, 2] / speed[executor, 1] for executor in ("local", options.executor)]
            ratios.append(gains[1] / gains[0])
            told = ", ".join(f"{executor} {n}: {fits:.2f}" for (executor, n), fits in speed.items())
            print(f"round {number}: fits a second: {told}; gain {gains[0]:.2f} local, {gains[1]:.2f}", flush=True)
    print(
        f"gain of a second worker under {options.executor} against local: {median(ratios):.3f} (median of "
        f"{options.rounds}; {options.trials} trials, {options.models} on {options.tasks}; {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f})"
    )


if __name__ == "__main__":
    main()

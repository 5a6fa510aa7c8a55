"""Throughput from one worker to two, under the local executor and under Ray; the goal is within 5 % of each other.

Trials per second from the start of the first trial to the end of the last, so that starting an engine is not counted.

    python scripts/bench/executors.py [--rounds 3] [--trials 20] [--model lightgbm] [--task bundled/breast_cancer]

Run it on an otherwise idle machine with two cores or more.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median

from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.store.history import read_job
from tabbench.store.layout import Store


def trials_per_second(options: argparse.Namespace, kind: str, n_workers: int) -> float:
    """One run into a new store."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = [f"tasks=[{options.task}]", f"models=[{options.model}]", f"protocol.n_trials={options.trials}"]
        workers = [f"executor={kind}", f"executor.n_workers={n_workers}", "protocol=quick", f"store={folder}"]
        settings = compose_settings([*jobs, *workers])
        plan = plan_run(settings)
        launch(settings, plan)
        rows = [done.trial for job in plan.jobs for done in read_job(Store(Path(folder)), job.job_id)]
    failed = [row for row in rows if row.status != "ok"]
    assert not failed, failed[0].reason
    start = min(row.started_at for row in rows)
    end = max(row.started_at + timedelta(seconds=row.total_seconds or 0) for row in rows)
    return len(rows) / (end - start).total_seconds()


def main() -> None:
    """Print each engine's speed-up and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--model", default="lightgbm")
    parser.add_argument("--task", default="bundled/breast_cancer")
    options = parser.parse_args()
    speed_up = {}
    for kind in ("local", "ray"):
        rates = {n: median(trials_per_second(options, kind, n) for _ in range(options.rounds)) for n in (1, 2)}
        speed_up[kind] = rates[2] / rates[1]
        print(
            f"{kind:<6} 1 worker {rates[1]:.2f} trials/s, 2 workers {rates[2]:.2f}, speed-up {speed_up[kind]:.3f}",
            flush=True,
        )
    print(f"ray to local: {speed_up['ray'] / speed_up['local']:.3f} (load {os.getloadavg()[0]:.1f})")


if __name__ == "__main__":
    main()

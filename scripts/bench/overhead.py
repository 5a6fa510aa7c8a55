"""What the runner costs: 200 trials of a 50 ms fit with one worker, against a bare loop in one process.

Both draw from the same sampler, score by the same metrics and predict the same rows. The runner isolates the fit in
a child, holds limits and has every row safe on disk before the next trial begins. Starting up (imports, the template
process) stands outside of the first ratio and inside of the second. Run it on an otherwise idle machine.

    python scripts/bench/overhead.py [--trials 200] [--rounds 3] [--memory-mib 8000]
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import tabbench
from tabbench.discovery import load_model, resolve_models
from tabbench.metrics import clean_prediction, score
from tabbench.model import Context
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.runner.parts import cut_rows, facts_on, load_planned, prepare_parts
from tabbench.store.history import read_job
from tabbench.store.layout import Store
from tabbench.tuning.numbered import RandomDraws

PLUGIN = str(Path(__file__).with_name("spin.py"))


def settings_for(store: str, n_trials: int, memory_mib: float | None = None):
    return compose_settings(
        [
            "tasks=[bundled/breast_cancer]",
            f"models=[{PLUGIN}]",
            "folds=[0]",
            f"protocol.n_trials={n_trials}",
            f"protocol.memory_mib={'null' if memory_mib is None else memory_mib}",
            "executor.n_workers=1",
            f"store={store}",
        ]
    )


def bare_loop(n_trials: int) -> float:
    """Seconds of the same draws, fits, predictions and scores in a loop."""
    source = resolve_models([PLUGIN])[0]
    model = load_model(source)
    job = plan_run(settings_for("nowhere", n_trials)).jobs[0]
    data = load_planned(job)
    start = time.perf_counter()
    rows = cut_rows(data, job)
    facts = facts_on(data, rows)
    parts = prepare_parts(data, rows.folds[0], rows.test, model.card, 0)
    draws = RandomDraws(0, model, facts)
    rng = np.random.default_rng(0)
    context = Context(
        rng=rng, seed=0, n_threads=1, metric="log_loss", error=lambda y, p: 0.0, task=facts, columns=parts.columns
    )
    for trial in range(n_trials):
        config = {**model.default, **((draws.ask(trial) or {}) if trial else {})}
        fitted = model()
        fitted.fit(parts.train, parts.stop, config, context)
        for X, y in ((parts.X_valid, parts.y_valid), (parts.X_test, parts.y_test)):
            score(y, clean_prediction(fitted.predict(X), data.task.type, len(y), 2), data.task.type)
    return time.perf_counter() - start


def through_runner(n_trials: int, memory_mib: float | None) -> tuple[float, float]:
    """Seconds from the first trial's start to the last row on disk, and of the whole run with start-up."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(folder, n_trials, memory_mib)
        start = time.perf_counter()
        plan = plan_run(settings)
        launch(settings, plan)
        whole = time.perf_counter() - start
        rows = [done.trial for done in read_job(Store(Path(folder)), plan.jobs[0].job_id)]
        assert len(rows) == n_trials
        # All but the last trial, from start to start: the steady state.
        steady = (rows[-1].started_at - rows[0].started_at).total_seconds() * n_trials / (n_trials - 1)
        return steady, whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-mib", type=float, help="also watch memory under this limit")
    arguments = parser.parse_args()
    steady, whole = [], []
    for number in range(arguments.rounds):
        bare = bare_loop(arguments.trials)
        runner, with_start = through_runner(arguments.trials, arguments.memory_mib)
        steady.append(runner / bare)
        whole.append(with_start / bare)
        print(f"round {number}: bare {bare:.2f} s, runner {runner:.2f} s, with start-up {with_start:.2f} s", flush=True)
    print(
        f"overhead: {median(steady):.3f} times the bare loop, {median(whole):.3f} with start-up "
        f"(median of {arguments.rounds}, {arguments.trials} trials of 50 ms, tabbench {tabbench.__version__}, "
        f"Python {sys.version.split()[0]})"
    )


if __name__ == "__main__":
    main()

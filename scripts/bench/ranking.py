"""How long a ranking takes, from arrays and from ten million trials in DuckDB; both on one thread or as many as told.

    python scripts/bench/ranking.py [--trials 10000000] [--threads 2] [--memory 2GiB] [--folder DIR]

The first figure: 80 models x 51 tasks x 30 splits of invented errors, every aggregate and the Elo of 2,000 bootstrap
rounds over tasks, on one core. The second: a store of that many invented trials (made first, not counted), read,
chosen from and ranked under every regime, as `tabbench rank` does. Run it on an otherwise idle machine.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np

from tabbench.ranking.aggregates import aggregates, ranked
from tabbench.ranking.draws import N_ROUNDS
from tabbench.ranking.leaderboard import leaderboard
from tabbench.ranking.rules import Rules
from tabbench.ranking.table import ErrorTable
from tabbench.ranking.uncertainty import Uncertain
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.leaderboard_rows import read_errors
from tabbench.store.ranking_facts import with_facts

N_MODELS, N_TASKS, N_SPLITS = 80, 51, 30


def invented(rng: np.random.Generator) -> ErrorTable:
    """Errors of models of rising skill, with noise by task and by split."""
    skill = np.linspace(0, 1.5, N_MODELS)
    by_task = rng.normal(scale=0.7, size=(N_TASKS, 1, N_MODELS))
    noise = rng.normal(scale=0.3, size=(N_TASKS, N_SPLITS, N_MODELS))
    return ErrorTable(
        tuple(f"m{i:02}" for i in range(N_MODELS)),
        tuple(f"t{i:02}" for i in range(N_TASKS)),
        np.repeat(np.arange(N_TASKS), N_SPLITS),
        np.exp(skill + by_task + noise).reshape(-1, N_MODELS),
    )


def seconds_of_arrays() -> tuple[float, float]:
    """Every aggregate, and intervals, places and groups from the rounds; by the clock and of the processor."""
    rng = np.random.default_rng(0)
    table = invented(rng)
    rules = Rules(reference="m00")
    start, cpu = time.perf_counter(), time.process_time()
    pool = ranked(table, rules)
    Uncertain()(pool, rules, aggregates(pool, rules))
    return time.perf_counter() - start, time.process_time() - cpu


def fill_store(con: duckdb.DuckDBPyConnection, n_trials: int) -> None:
    """Put invented trials into an empty database: as many configurations on every split of every model."""
    con.execute(f"""
        insert into all_trials by name
        with jobs as (
            select m, t, s from range({N_MODELS}) a(m), range({N_TASKS}) b(t), range({N_SPLITS}) c(s)
        )
        select md5(concat_ws('/', m, t, s)) as job_id, k as trial, 1 as attempt, printf('m%02d', m) as model,
            1 as model_version, md5(m::varchar) as source_hash, 1 as space_version, md5((m * 1000 + k)::varchar)
            as config_id, '{{}}' as config, 'random' as sampler, 0 as sampler_seed, printf('t%02d', t) as task,
            md5(t::varchar) as task_hash, md5(t::varchar) as dataset_hash, md5('s' || t) as splits_hash,
            s // 10 as repeat, s % 10 as fold, 'bench' as protocol, md5('bench') as protocol_id, 0 as seed,
            'log_loss' as choice_metric, if(hash(m, t, s, k) % 50 = 0, 'timeout', 'ok') as status,
            if(status = 'ok', m / 80.0 + (hash(m, t) % 1000) / 1000.0 + (hash(m, t, s, k) % 997) / 5e3, null)
            as valid_error, valid_error + (hash(k, s, t, m) % 991) / 5e3 as test_error, test_error as test_log_loss,
            1.0 as fit_seconds, 0.1 as predict_seconds, 1.2 as total_seconds, md5('here') as environment_id,
            timestamp '2026-01-01' + to_seconds(k) as started_at
        from jobs, range({max(n_trials // (N_MODELS * N_TASKS * N_SPLITS), 2)}) d(k)""")
    con.execute("""
        insert into all_fits by name
        select job_id, trial, attempt, 0 as inner_fold, 800 as n_train, 100 as n_valid, 100 as n_test
        from all_trials""")
    con.execute(f"""
        insert into tasks by name
        select printf('t%02d', t) as task, md5(t::varchar) as task_hash, md5('s' || t) as splits_hash,
            'binary' as task_type, 'log_loss' as metric, 1000 + t as n_rows, 10 as n_columns, t % 5 as n_categorical,
            0.0 as missing_share from range({N_TASKS}) b(t)""")
    con.execute(f"""
        insert into models by name
        select md5(m::varchar) as source_hash, printf('m%02d', m) as model, 'family ' || m // 10 as family,
            true as has_space from range({N_MODELS}) a(m)""")


def seconds_of_store(folder: Path, n_trials: int, threads: int, memory: str) -> tuple[float, int]:
    """From the opened database to the leaderboard of every regime; and how many trials there were."""
    store = Store(folder).create()
    with open_database(store, read_only=False) as con:
        if con.execute("select count(*) from all_trials").fetchone() == (0,):
            fill_store(con, n_trials)
    start, cpu = time.perf_counter(), time.process_time()
    with open_database(store) as con:
        con.execute(
            f"set threads = {threads}; set memory_limit = '{memory}'; set temp_directory = '{folder / 'spill'}'"
        )
        errors = with_facts(con, read_errors(con).errors)
        n = con.execute("select count(*) from trials").fetchone()
    read = time.perf_counter() - start
    board = leaderboard(errors, Rules(reference="m00"))
    taken = time.perf_counter() - start
    sys.stdout.write(
        f"  read and chosen in {read:.1f} s, {len(errors):,} rows; ranked {len(board.table)} entrants; "
        f"{time.process_time() - cpu:.1f} s of CPU\n"
    )
    return taken, int(n[0]) if n else 0


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="1.5GiB", help="DuckDB's share; Python and pandas need the rest")
    parser.add_argument("--folder", type=Path, help="keep the store here, and use it again")
    options = parser.parse_args()
    taken, cpu = seconds_of_arrays()
    sys.stdout.write(
        f"{N_MODELS} x {N_TASKS} x {N_SPLITS}, aggregates and {N_ROUNDS} rounds of Elo: {taken:.1f} s "
        f"({cpu:.1f} s of CPU)\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        taken, n = seconds_of_store(folder, options.trials, options.threads, options.memory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{n:,} trials to a leaderboard: {taken:.1f} s; peak of this process {peak:.0f} MiB\n")


if __name__ == "__main__":
    main()

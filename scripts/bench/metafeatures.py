"""What metafeatures cost: a large table, pymfe called bare beside it, and real tables with all gaps explained.

    python scripts/bench/metafeatures.py large [--rows 1000000] [--columns 50] [--workers 2]
    python scripts/bench/metafeatures.py growth [--sizes 50000 200000 800000] [--columns 50]
    python scripts/bench/metafeatures.py overhead
    python scripts/bench/metafeatures.py tables FOLDER [--workers 2] [--store DIR]

FOLDER holds Parquet files and CARDS.csv with their columns `file` and `target`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tabbench.data.catalog import load_task
from tabbench.data.splits import make_split
from tabbench.errors import DataError
from tabbench.metafeatures.catalogue import ALL_GROUPS
from tabbench.metafeatures.pymfe_groups import PYMFE_GROUPS, SCORE, SUMMARY_FUNCTIONS, pymfe_table
from tabbench.metafeatures.sample import make_sample
from tabbench.runner.metafeature_job import extract
from tabbench.runner.metafeature_launch import (
    MetafeatureSettings,
    extract_metafeatures,
    held_in,
    plan_metafeatures,
)
from tabbench.store.database import open_database
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

BY_GROUP = """
    SELECT split_part(any_value(feature), '.', 1) AS g, any_value(n_train) AS train, any_value(n_rows_used) AS used,
        count(*) AS n, count(*) FILTER (status = 'ok') AS ok, sum(seconds) AS s,
        string_agg(DISTINCT status, ' ') FILTER (status IN ('timeout', 'memory', 'error')) AS trouble
    FROM metafeatures GROUP BY task, extraction_id ORDER BY s DESC"""


def make_table(n_rows: int, n_columns: int) -> pd.DataFrame:
    """Numbers of several shapes, a fifth of the columns categories, a few gaps, three classes."""
    rng = np.random.default_rng(0)
    n_categories = n_columns // 5
    numbers = rng.normal(size=(n_rows, n_columns - n_categories))
    numbers[:, ::3] = np.exp(numbers[:, ::3])
    y = np.digitize(numbers[:, 1] + numbers[:, 2] + rng.normal(size=n_rows), [-1, 1])
    numbers[rng.random(n_rows) < 0.05, 3] = np.nan
    table = pd.DataFrame(numbers, columns=[f"n{i}" for i in range(numbers.shape[1])])
    for i in range(n_categories):
        levels = pd.Index([f"level {k}" for k in range(2 + 4 * i)])
        table[f"c{i}"] = levels[rng.integers(0, len(levels), n_rows)]
    table["y"] = pd.Categorical.from_codes(y, categories=["low", "middle", "high"])
    return table


def large(n_rows: int, n_columns: int, n_workers: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.parquet"
        make_table(n_rows, n_columns).to_parquet(path)
        start = time.perf_counter()
        task = f"file:{path}::y"
        load_task(task)
        print(f"{n_rows:,} x {n_columns} read, checked and cached in {time.perf_counter() - start:.1f} s")
        compute([task], Store(Path(folder) / "store"), n_workers, seconds)


def compute(tasks: list[str], store: Store, n_workers: int, seconds: float) -> None:
    """First split of each task, all groups; then what came of it."""
    settings = MetafeatureSettings(
        suite=None, tasks=tasks, repeats=[0], folds=[0], store=str(store.root), seconds=seconds
    )
    start = time.perf_counter()
    plan = plan_metafeatures(settings, held_in(store))
    extracted = extract_metafeatures(store, plan, n_workers)
    seconds = time.perf_counter() - start
    print(f"{len(plan.jobs)} groups of splits, {n_workers} workers: {seconds:.1f} s; {extracted.statuses}")
    for failure in extracted.failures:
        print(f"FAILED {failure.job.task}: {failure.reason}")
    with open_database(store) as con:
        if len(tasks) == 1:
            for group, train, used, n, ok, spent, trouble in con.execute(BY_GROUP).fetchall():
                rows = "all" if used == train else f"{used:,} of {train:,}"
                print(f"{group:22} {rows:>20} rows, {ok:4} of {n:4} values, {spent or 0:7.2f} s {trouble or ''}")
        unexplained = con.execute("SELECT count(*) FROM metafeatures WHERE value IS NULL AND reason IS NULL").fetchall()
        print(f"values that are missing without a reason: {unexplained[0][0]}")
        query = (
            "SELECT status, reason, count(*), count(DISTINCT task) FROM metafeatures WHERE value IS NULL GROUP BY ALL"
        )
        for status, reason, n, n_tasks in con.execute(f"{query} ORDER BY 3 DESC LIMIT 30").fetchall():
            print(f"  {n:6} in {n_tasks:3} tasks: {status}: {reason[:110]}")


def growth(sizes: Sequence[int], n_columns: int) -> None:
    """CPU seconds of each group by the number of rows: beyond its cap, at most as many times as there are rows."""
    spent: dict[str, list[float]] = {}
    for n_rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "grown.parquet"
            make_table(n_rows, n_columns).to_parquet(path)
            data = load_task(f"file:{path}::y")
        split = make_split(data, 0, 0)
        for group in ALL_GROUPS:
            if data.task.type in group.task_types:
                before = cpu_seconds()
                sample = make_sample(data, split.train, split.test if group.reads_test else None, group.max_rows, 0)
                extract(group, sample)
                spent.setdefault(group.name, []).append(cpu_seconds() - before)
    print("CPU seconds, one process; cap in rows;", " ".join(f"{n:>9,}" for n in sizes), "rows; last / one before")
    for group in ALL_GROUPS:
        if found := spent.get(group.name):
            cap = "none" if group.max_rows is None else f"{group.max_rows:,}"
            print(f"{group.name:22} {cap:>8}", *(f"{s:9.2f}" for s in found), f"{found[-1] / found[-2]:6.2f}")
    total = [sum(column) for column in zip(*spent.values(), strict=True)]
    print(f"{'all':31}", *(f"{s:9.2f}" for s in total), f"{total[-1] / total[-2]:6.2f}")


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def overhead(task: str = "bundled/breast_cancer", n_times: int = 5) -> None:
    """Seconds of each group here and of pymfe called bare on the same arrays, best of several, one process."""
    from pymfe.mfe import MFE

    data = load_task(task)
    train = make_split(data, 0, 0).train
    print(f"{task}, {len(train)} rows: group, ours, bare, ratio")
    for group in PYMFE_GROUPS:
        sample = make_sample(data, train, None, group.max_rows, 0)
        names = [group.name, *(["relative"] if group.name == "landmarking" else [])]
        ours, bare = [], []
        for _ in range(n_times):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                start = time.perf_counter()
                opened = group.open(sample)
                for step in group.steps():
                    opened.compute(step)
                ours.append(time.perf_counter() - start)
                table, categories = pymfe_table(sample.X)
                start = time.perf_counter()
                mfe = MFE(groups=names, features="all", summary=SUMMARY_FUNCTIONS, random_state=0, score=SCORE)
                mfe.fit(table, sample.y, cat_cols=categories, transform_num=False, transform_cat=None)
                mfe.extract()
                bare.append(time.perf_counter() - start)
        print(f"{group.name:14} {min(ours):8.3f} s {min(bare):8.3f} s {min(ours) / min(bare):6.2f}")


def tables(folder: Path, n_workers: int, store: Path | None, seconds: float) -> None:
    cards = pd.read_csv(folder / "CARDS.csv")
    with tempfile.TemporaryDirectory() as made, contextlib.chdir(made):
        names = []
        for card in cards.itertuples():
            task = f"file:{folder.resolve()}/{card.file}::{card.target}"
            try:
                load_task(task)
            except DataError:  # rows without a target
                copy = Path(made) / str(card.file)
                frame = pd.read_parquet(folder / str(card.file))
                frame[frame[card.target].notna()].to_parquet(copy)
                task = f"file:{copy}::{card.target}"
            names.append(task)
        compute(names, Store(store or Path(made) / "store"), n_workers, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("large", "growth", "overhead", "tables"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 200_000, 800_000])
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=120.0, help="limit of a group; more on a machine that is busy")
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    if options.what == "large":
        large(options.rows, options.columns, options.workers, options.seconds)
    elif options.what == "growth":
        growth(options.sizes, options.columns)
    elif options.what == "overhead":
        overhead()
    elif options.folder is None:
        parser.error("tables needs a FOLDER")
    else:
        tables(options.folder, options.workers, options.store, options.seconds)

"""How long a cached table of 500,000 rows × 40 columns takes to load, beside pyarrow reading the same Parquet file.

Usage: python scripts/bench/load.py [N_ROUNDS]. Both are timed in turns in one process, files warm; medians are printed.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pyarrow import parquet

from tabbench.data.cache.entry import TABLE
from tabbench.data.cached import cached_entry
from tabbench.data.catalog import load_task
from tabbench.data.frames import add_frame

if TYPE_CHECKING:
    from collections.abc import Callable

N_ROWS, N_NUMERIC, N_CATEGORICAL = 500_000, 30, 10


def make_table() -> pd.DataFrame:
    """30 numeric columns, 10 categorical ones of 2 to 5,000 levels, every third with missing values; a target."""
    rng = np.random.default_rng(0)
    columns: dict[str, object] = {}
    for i in range(N_NUMERIC):
        values = rng.normal(size=N_ROWS)
        columns[f"x{i}"] = np.where(rng.random(N_ROWS) < 0.05, np.nan, values) if i % 3 == 0 else values.round(3)
    for i, n_levels in enumerate((2, 3, 5, 10, 20, 50, 100, 500, 1000, 5000)):
        codes = rng.integers(0, n_levels, N_ROWS)
        codes[rng.random(N_ROWS) < (0.1 if i % 3 == 0 else 0)] = -1
        columns[f"c{i}"] = pd.Categorical.from_codes(codes, [f"level {j}" for j in range(n_levels)])
    return pd.DataFrame(columns).assign(y=rng.choice(["a", "b", "c"], N_ROWS))


def seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TABBENCH_CACHE"] = folder
        add_frame(make_table(), "y", "large")
        file = cached_entry("frame/large").folder / TABLE
        calls = {"pyarrow": lambda: parquet.read_table(file), "load_task": lambda: load_task("frame/large")}
        for call in calls.values():
            call()
        rounds = [{name: seconds_of(call) for name, call in calls.items()} for _ in range(n_rounds)]
        median = {name: statistics.median(r[name] for r in rounds) for name in calls}
        shape = f"{N_ROWS:,} rows × {N_NUMERIC + N_CATEGORICAL} columns"
        print(f"{shape}, {file.stat().st_size / 1e6:.0f} MB, median of {n_rounds} rounds")
        for name, seconds in median.items():
            print(f"{name:<10} {seconds:.3f} s")
        print(f"ratio      {median['load_task'] / median['pyarrow']:.2f}")


if __name__ == "__main__":
    main()

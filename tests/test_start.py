"""Starting is quick: what is imported before anything is asked for."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

import pytest

HEAVY = [
    "torch", "sklearn", "xgboost", "lightgbm", "catboost", "optuna", "openml", "pandas", "scipy", "pyarrow", "duckdb",
    "hydra", "omegaconf",
]  # fmt: skip
MOST_SECONDS = 0.3


def heavy_after(code: str) -> list[str]:
    """Heavy libraries that a fresh interpreter holds after running `code`."""
    ask = f"import sys, json\n{code}\nsys.stderr.write(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded: list[str] = json.loads(done.stderr)
    return loaded


@pytest.mark.parametrize(
    "code",
    [
        "import tabbench",
        "import tabbench.model, tabbench.task, tabbench.protocol, tabbench.results, tabbench.errors, tabbench.hashing",
        "from tabbench.cli.main import main; main(['--help'])",
        "import tabbench.discovery as d; [d.load_model(s) for s in d.find_models().values()]",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    assert heavy_after(code) == []


def test_the_test_sees_a_heavy_library() -> None:
    assert "pandas" in heavy_after("import pandas")


def test_help_comes_at_once() -> None:
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "tabbench.cli.main", "--help"], capture_output=True, check=True)
        seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < MOST_SECONDS

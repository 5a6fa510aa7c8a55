"""What greedy selection costs: 40 steps over many configurations' predictions, one core.

python scripts/bench/ensembling.py [--configs 200] [--rows 10000] [--classes 10]
"""

import argparse
import os
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from tabbench.metrics import clean_prediction
from tabbench.task import BINARY, MULTICLASS, REGRESSION
from tabbench.tuning.ensembling import select_greedily

FOR_CLASSES = ("log_loss", "brier", "accuracy", "balanced_accuracy", "f1_macro")


def probabilities(y: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    logits = rng.normal(size=(len(y), k))
    logits[np.arange(len(y)), y] += rng.uniform(0.5, 2)
    p = np.exp(logits)
    return clean_prediction(p / p.sum(axis=1, keepdims=True), BINARY if k == 2 else MULTICLASS, len(y), k)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--classes", type=int, default=10)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    y = rng.integers(0, given.classes, given.rows)
    classes = [probabilities(y, given.classes, rng) for _ in range(given.configs)]
    numbers = [(y + rng.normal(size=given.rows)).astype(np.float32) for _ in range(given.configs)]
    task_type = BINARY if given.classes == 2 else MULTICLASS
    print(f"{given.configs} configurations, {given.rows} rows, {given.classes} classes, 40 steps, one thread")
    for metric in (*FOR_CLASSES, "rmse", "mae"):
        is_number = metric in ("rmse", "mae")
        start = time.perf_counter()
        found = select_greedily(y, numbers if is_number else classes, metric, REGRESSION if is_number else task_type)
        print(f"{metric:18} {time.perf_counter() - start:6.2f} s   {len(found.members)} members")


if __name__ == "__main__":
    main()

"""Published results that tests compare with; they lie beside the checkout and are never part of it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[2] / "shared" / "data")) / "results"


def path_of(name: str) -> Path:
    """A published file; the test is skipped where it is absent."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the published results {name} are not beside the checkout")
    return path


def demsar_errors() -> np.ndarray:
    """1 - AUC of four trees on 14 tasks (Demšar 2006, Table 6), the tie on voting broken as printed."""
    import pandas as pd

    frame = pd.read_csv(path_of("demsar_2006/demsar2006_table6_auc.csv"))
    errors = 1 - frame.drop(columns="dataset").to_numpy()
    errors[(frame["dataset"] == "voting").to_numpy(), 2] -= 1e-4
    return errors


def garcia_herrera_errors() -> np.ndarray:
    """1 - accuracy of five classifiers on 30 tasks (García & Herrera 2008), as scmamp ships it in R's XDR format."""
    raw = path_of("scmamp/data_gh_2008.RData").read_bytes()
    unpack = {b"\x1f\x8b": gzip, b"BZ": bz2, b"\xfd7": lzma}[raw[:2]].decompress
    text, columns = unpack(raw), []
    vector = b"\x00\x00\x00\x0e" + struct.pack(">i", 30)  # a vector of 30 doubles
    start = text.find(vector)
    while start >= 0:
        columns.append(np.frombuffer(text[start + 8 : start + 8 + 240], dtype=">f8"))
        start = text.find(vector, start + 248)
    return 1 - np.array(columns, dtype=np.float64).T


def uci54() -> dict[str, np.ndarray]:
    """Accuracies of five classifiers, each of shape (54 tasks, 100 splits of 10 x 10-fold cross-validation)."""
    names = path_of("bayesian_tests_uci54/ClassifierNames.dat").read_text().split()
    model = np.loadtxt(path_of("bayesian_tests_uci54/ClassifierID.dat")).astype(int)
    task = np.loadtxt(path_of("bayesian_tests_uci54/DatasetID.dat")).astype(int)
    score = np.loadtxt(path_of("bayesian_tests_uci54/Percent_correct.dat")) / 100
    return {
        name: np.array([score[(model == i) & (task == j)] for j in range(1, 55)])
        for i, name in enumerate(names, start=1)
    }

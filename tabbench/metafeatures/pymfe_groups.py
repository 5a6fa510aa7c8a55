"""Groups that pymfe computes: its names, its summaries, its values, one feature at a time.

A group is fitted once, with the settings of TabZilla: twelve summaries, balanced accuracy, gaps in numbers filled by
the mean, a gap in a category a level of its own, categories left out of what is for numbers and the other way round.
"""

from __future__ import annotations

import copy
import random
import time
import typing
import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.group import ALL_TYPES, CLASSES, Value
from tabbench.metafeatures.sample import code_matrix, filled, is_number, number_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.metafeatures.group import OpenGroup
    from tabbench.metafeatures.sample import Sample
    from tabbench.task import FloatArray, TaskType

SUMMARY_FUNCTIONS = (
    "mean", "sd", "count", "histogram", "iq_range", "kurtosis", "max", "median", "min", "quantiles", "range",
    "skewness",
)  # fmt: skip
LISTED = {"histogram": 10, "quantiles": 5}
"""Summaries that give several values."""
QUANTILES_LIKE_NUMPY = {"package": "scipy", "scipy_alphap": 1, "scipy_betap": 1}
"""pymfe 0.4.4 asks numpy for quantiles by an argument that numpy 2 took away; scipy's with 1 and 1 are the same."""
SCORE = "balanced-accuracy"
LANDMARKING, RELATIVE = "landmarking", "relative"
BROKEN = frozenset({"f1v"})
"""Methods of pymfe 0.4.4 that fail on every table under numpy 2, which takes no 1 × 1 matrix for a number."""
NUMBERS, CATEGORIES, TARGET = "N", "C", "y"
"""What pymfe calls the arguments that its methods may need."""
TOO_FEW_FOR_FOLDS = "n_splits="
"""In what scikit-learn says of classes that cannot be dealt to folds."""
MODEL_BASED = "model-based"
UNSAID = {"cat_to_num": NUMBERS, "num_to_cat": CATEGORIES}
"""What methods need although their arguments do not tell; all those of the group `model-based` need numbers."""


@dataclass(frozen=True, eq=False)
class PymfeGroup:
    """One of pymfe's groups; that of landmarkers gives the relative ones as well, which are ranks of its values.

    Attributes:
        range, cost, missing: Of its features, in words; formulas are told by pymfe.
    """

    name: str
    purpose: str
    task_types: frozenset[TaskType]
    max_rows: int | None
    range: str
    cost: str
    missing: str
    version: int = 1
    reads_test: bool = False
    source: str = "pymfe"
    modules: tuple[str, ...] = ("pymfe.mfe",)

    def steps(self) -> tuple[str, ...]:
        """Names of pymfe's methods."""
        return (*methods(self.name), *([RELATIVE] if self.name == LANDMARKING else []))

    def features(self, step: str) -> tuple[str, ...]:
        """The method's own name, or one a summary."""
        if step == RELATIVE:
            return tuple(f"{RELATIVE}.{name}.relative" for m in methods(self.name) for name in _summarised(m))
        names = _summarised(step) if methods(self.name)[step] else (step,)
        return tuple(f"{self.name}.{name}" for name in names)

    def open(self, sample: Sample) -> OpenGroup:
        """Have pymfe take the sample in."""
        return _OpenPymfe(self, sample)


@cache
def methods(group: str) -> dict[str, bool]:
    """The methods of one of pymfe's groups, in order of name, and whether each gives a list."""
    from pymfe.mfe import MFE

    found = {
        name: call for name, call, *_ in MFE(groups=[group], features="all")._metadata_mtd_ft if name not in BROKEN
    }
    return {name: typing.get_type_hints(found[name]).get("return") is np.ndarray for name in sorted(found)}


def _summarised(method: str) -> tuple[str, ...]:
    return tuple(
        f"{method}.{summary}" + (f".{i}" if n > 1 else "")
        for summary in SUMMARY_FUNCTIONS
        for n in [LISTED.get(summary, 1)]
        for i in range(n)
    )


def pymfe_table(X: pd.DataFrame) -> tuple[FloatArray, list[int]]:
    """A table as pymfe is given it, columns in order, and which of them are categories.

    Returns:
        Shape (n_rows, n_columns), numbers without gaps and codes of categories, a gap being a level of its own.
    """
    is_category = np.array([not is_number(X.iloc[:, i]) for i in range(X.shape[1])], dtype=bool)
    codes = code_matrix(X)
    levels = np.where(codes < 0, codes.max(axis=0, initial=-1) + 1, codes)
    places = np.argsort(np.argsort(is_category, kind="stable"))  # of the columns, numbers before categories
    table = np.take(np.hstack([filled(number_matrix(X)), levels]), places, axis=1)
    return table, np.flatnonzero(is_category).tolist()


class _OpenPymfe:
    def __init__(self, group: PymfeGroup, sample: Sample) -> None:
        from pymfe.mfe import MFE
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # its bars are off, its thread is not: a process with a thread more serves one step
        start = time.perf_counter()
        table, categories = pymfe_table(sample.X)
        self._group, self._n_numeric = group, table.shape[1] - len(categories)
        self._n_categorical, self._has_classes = len(categories), not sample.is_regression
        self._mfe = MFE(
            groups=[group.name], features="all", summary=SUMMARY_FUNCTIONS, random_state=sample.seed, score=SCORE
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._mfe.fit(
                table,
                sample.y if self._has_classes else None,
                cat_cols=categories,
                transform_num=False,
                transform_cat=None,
                suppress_warnings=True,
            )
        self._shared_seconds = time.perf_counter() - start
        self._landmarks: dict[str, float] = {}

    def compute(self, step: str) -> list[Value]:
        """What all steps share is charged to the first."""
        start = time.perf_counter() - self._shared_seconds
        self._shared_seconds = 0.0
        found, told = self._relative() if step == RELATIVE else self._extract(step)
        names = self._group.features(step)
        seconds = (time.perf_counter() - start) / len(names)
        prefix = RELATIVE if step == RELATIVE else self._group.name
        by_name = {f"{prefix}.{name}": value for name, value in found.items()}
        return [self._value(step, name, by_name, told, seconds) for name in names]

    def _extract(self, step: str) -> tuple[dict[str, Any], str | None]:
        one = copy.copy(self._mfe)
        one._metadata_mtd_ft = tuple(method for method in self._mfe._metadata_mtd_ft if method[0] == step)
        random.seed(self._mfe.random_state)  # igraph starts from Python's chance, and pymfe does not set that
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            names, values = one.extract(quantiles=QUANTILES_LIKE_NUMPY)
        found = dict(zip(names, values, strict=True))
        if self._group.name == LANDMARKING:
            self._landmarks.update(found)
        failures = [str(w.message) for w in heard if str(w.message).startswith("Can't extract")]
        return found, " ".join(failures[0].split()) if failures else None

    def _relative(self) -> tuple[dict[str, Any], str | None]:
        """Ranks of the landmarkers among each other, a summary at a time."""
        from pymfe.relative import MFERelativeLandmarking

        names, values = list(self._landmarks), list(self._landmarks.values())
        if len({name.partition(".")[0] for name in names}) < len(methods(self._group.name)):
            return {}, "a landmarker that they are ranked with was not computed"
        ranked = MFERelativeLandmarking.postprocess_landmarking_relative(
            mtf_names=names,
            mtf_vals=values,
            mtf_time=[0.0] * len(names),
            class_indexes=list(range(len(names))),
            groups=(LANDMARKING, RELATIVE),
            inserted_group_dep=frozenset(),
        )
        return dict(zip(ranked[0], ranked[1], strict=True)), None

    def _value(self, step: str, name: str, found: dict[str, Any], told: str | None, seconds: float) -> Value:
        value = found.get(name)
        if value is not None and not np.iscomplexobj(value) and not np.isnan(value):
            return Value(name, float(value), FeatureStatus.OK, None, seconds)
        status, reason = self._why_not(step, name, found, told)
        return Value(name, None, status, reason, seconds)

    def _why_not(self, step: str, name: str, found: dict[str, Any], told: str | None) -> tuple[FeatureStatus, str]:
        needs = {*next((method[3] for method in self._mfe._metadata_mtd_ft if method[0] == step), ())}
        needs |= {NUMBERS if self._group.name == MODEL_BASED else UNSAID.get(step, "")}
        if TARGET in needs and not self._has_classes:
            return FeatureStatus.SKIPPED, "it needs classes, and the target is a number"
        if NUMBERS in needs and not self._n_numeric:
            return FeatureStatus.UNDEFINED, "the table has no numeric column"
        if CATEGORIES in needs and not self._n_categorical:
            return FeatureStatus.UNDEFINED, "the table has no categorical column"
        if told is not None and TOO_FEW_FOR_FOLDS in told:
            return FeatureStatus.UNDEFINED, "every class has fewer rows than there are folds"
        if told is not None:
            return FeatureStatus.ERROR if step != RELATIVE else FeatureStatus.UNDEFINED, told[:500]
        if step == RELATIVE:
            return FeatureStatus.UNDEFINED, "a landmarker that it is ranked with has no number for this summary"
        if name in found and np.iscomplexobj(found[name]):
            return FeatureStatus.UNDEFINED, "pymfe gives a complex number"
        summaries = {key.rpartition(".")[2]: value for key, value in found.items()}
        return FeatureStatus.UNDEFINED, f"pymfe gives no number: {_why_undefined(summaries)}"


def _why_undefined(summaries: dict[str, Any]) -> str:
    """Why a summary of a list is no number, as the list's other summaries tell; without any, it is no list."""
    n = summaries.get("count")
    if n is None:
        return "its formula divides by zero, or takes the logarithm of zero or less, on this table"
    if n == 0:
        return "there is nothing to summarise"
    if not np.isfinite(summaries["mean"]):
        which = f"one of {int(n)} values" if n > 1 else "its one value"
        return f"{which} is undefined or infinite: a constant column, or a root or inverse of 0 or less"
    return "one value has no spread or shape" if n == 1 else f"all {int(n)} values are equal"


def missing_pymfe() -> bool:
    """Whether pymfe is not installed."""
    from importlib.util import find_spec

    return find_spec("pymfe") is None


PYMFE_GROUPS: Sequence[PymfeGroup] = (
    PymfeGroup(
        "general", "Counts of rows, columns and classes.", ALL_TYPES, None,
        "counts and their ratios: 0 and more", "cells", "a ratio to no categorical or no numeric column",
    ),
    PymfeGroup(
        "statistical", "Moments, correlations, outliers of the numeric columns.", ALL_TYPES, 100_000,
        "correlations and shares 0..1 (`cor`, `can_cor` as absolute values), else in units of the columns",
        "rows × columns²", "no numeric column; zeros or negative numbers where a mean takes roots or inverts",
    ),
    PymfeGroup(
        "info-theory", "Entropies of categories and of the classes.", ALL_TYPES, 100_000,
        "bits: 0 and more; concentrations 0..1", "rows × columns², of categories",
        "no categorical column, or none that tells anything",
    ),
    PymfeGroup(
        MODEL_BASED, "Shape of a decision tree grown on the numeric columns.", CLASSES, 20_000,
        "counts: 0 and more; shares 0..1", "columns × rows × log rows", "no numeric column",
    ),
    PymfeGroup(
        "landmarking", "Scores of simple classifiers, and their ranks (`relative`).", CLASSES, 5_000,
        "balanced accuracy 0..1; ranks 1..7", "rows² × columns",
        "no numeric column; a class of too few rows; spread or shape of equal scores",
    ),
    PymfeGroup(
        "clustering", "How well the classes lie apart as clusters.", CLASSES, 2_000,
        "silhouette -1..1, others 0 and more", "rows² × columns", "no numeric column; one row a class",
    ),
    PymfeGroup(
        "complexity", "How complex the border between the classes is.", CLASSES, 1_000,
        "0..1, but for ratios of counts", "rows² × columns",
        "no numeric column",
    ),
)  # fmt: skip

"""What pymfe computes is stored as pymfe gives it, and what it cannot compute has a reason."""

from __future__ import annotations

import math
import warnings
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tabbench.data.catalog import load_task
from tabbench.data.splits import make_split
from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures.catalogue import GROUPS
from tabbench.metafeatures.pymfe_groups import PYMFE_GROUPS, SCORE, SUMMARY_FUNCTIONS, pymfe_table
from tabbench.metafeatures.sample import Sample, make_sample
from tabbench.task import BINARY, MULTICLASS

pytest.importorskip("pymfe")
CLASSES, NUMBERS = "bundled/penguins", "bundled/concrete"


@cache
def sample(task: str, max_rows: int | None = None):
    data = load_task(task)
    return make_sample(data, make_split(data, 0, 0).train, None, max_rows, 0)


@cache
def values(task: str, group: str):
    opened = GROUPS[group].open(sample(task))
    return {value.feature: value for step in GROUPS[group].steps() for value in opened.compute(step)}


def bare(task: str, groups: list[str]):
    """pymfe called as TabZilla calls it, all groups at once."""
    from pymfe.mfe import MFE

    table, categories = pymfe_table(sample(task).X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mfe = MFE(groups=groups, summary=SUMMARY_FUNCTIONS, random_state=0, score=SCORE)
        mfe.fit(table, sample(task).y, cat_cols=categories, transform_num=False, transform_cat=None)
        features = mfe.extract()
        named = [(g, name, v) for g in groups for name, v in zip(*mfe.parse_by_group(g, features), strict=True)]
        return {f"{g}.{name}": float(v) for g, name, v in named if (g == "relative") == name.endswith(".relative")}


def test_values_names_and_summaries_are_those_of_bare_pymfe():
    groups = ["general", "statistical", "info-theory", "model-based", "landmarking", "relative"]
    expected = bare(CLASSES, groups)
    found = {name: v for group in groups[:-1] for name, v in values(CLASSES, group).items()}
    names = [name for name in expected if not name.removesuffix(".relative").endswith(".quantiles")]
    assert len(names) > 900
    for name in names:  # pymfe 0.4.4 asks numpy 2 in vain for quantiles
        if math.isnan(expected[name]):
            assert found[name].value is None, name
            assert found[name].reason, name
        else:
            assert found[name].value == expected[name], name
    assert {name for name in found if ".quantiles" not in name} == set(names)


@pytest.mark.slow
def test_clustering_and_complexity_are_those_of_bare_pymfe():
    for group in ("clustering", "complexity"):
        expected = bare(CLASSES, [group])
        for name, found in values(CLASSES, group).items():
            if found.value is not None and ".quantiles." not in name:
                assert found.value == pytest.approx(expected[name], rel=1e-9), name


def test_quantiles_are_those_of_numpy():
    skewness = values(CLASSES, "statistical")
    X = sample(CLASSES).numbers
    sparse = np.quantile(X.mean(axis=0), [0, 0.25, 0.5, 0.75, 1])
    found = [skewness[f"statistical.mean.quantiles.{i}"].value for i in range(5)]
    assert found == pytest.approx(sparse.tolist())


def test_every_feature_without_a_value_says_why():
    for task in (CLASSES, NUMBERS):
        for group in PYMFE_GROUPS[:4]:
            if sample(task).task_type in group.task_types:
                for value in values(task, group.name).values():
                    assert (value.value is None) == (value.status is not FeatureStatus.OK)
                    assert (value.reason is None) == (value.status is FeatureStatus.OK)


def test_the_reason_is_the_one_that_holds():
    rng = np.random.default_rng(0)
    shades, y = pd.Categorical(rng.choice(["light", "dark"], 60)), np.arange(60) % 2
    flat = pd.DataFrame({"a": rng.normal(size=60), "flat": 1.0, "c": shades})
    sides = {"with numbers": flat, "without": flat[["c"]]}
    found = {}
    for name, X in sides.items():
        table = Sample(X, y, np.arange(60), BINARY, 60)
        for group in ("general", "statistical", "info-theory", "model-based"):
            opened = GROUPS[group].open(table)
            found |= {(name, v.feature): v.reason for step in GROUPS[group].steps() for v in opened.compute(step)}
    assert found["without", "model-based.leaves"] == "the table has no numeric column"
    assert found["without", "general.cat_to_num"] == "the table has no numeric column"
    assert "one of 2 values is undefined or infinite" in found["with numbers", "statistical.skewness.mean"]
    assert "one value has no spread" in found["with numbers", "info-theory.attr_ent.sd"]
    assert "nothing to summarise" in found["with numbers", "info-theory.attr_conc.mean"]
    assert "all 2 values are equal" in found["with numbers", "general.freq_class.skewness"]
    assert "divides by zero" in found["with numbers", "statistical.sd_ratio"]


def test_classes_that_are_smaller_than_the_folds_are_no_error():
    table = Sample(pd.DataFrame({"a": np.arange(40.0)}), np.arange(40) % 8, np.arange(40), MULTICLASS, 40)
    opened = GROUPS["landmarking"].open(table)
    found = [value for step in GROUPS["landmarking"].steps() for value in opened.compute(step)]
    assert {value.value for value in found if value.feature.endswith(".count")} == {0}
    assert FeatureStatus.ERROR not in {value.status for value in found}
    assert found[0].reason == "every class has fewer rows than there are folds"


def test_what_needs_classes_is_skipped_where_the_target_is_a_number():
    general = values(NUMBERS, "general")
    assert general["general.nr_class"].status is FeatureStatus.SKIPPED
    assert general["general.nr_inst"].value == sample(NUMBERS).n_rows
    assert values(NUMBERS, "info-theory")["info-theory.attr_ent.mean"].reason == "the table has no categorical column"


def test_a_gap_is_a_level_of_its_own_or_the_mean():
    X = sample(CLASSES).X
    table, categories = pymfe_table(X)
    names = [str(X.columns[i]) for i in categories]
    assert not np.isnan(table).any()
    for place, name in zip(categories, names, strict=True):
        assert len(np.unique(table[:, place])) == X[name].nunique(dropna=False)
    holed = X.copy()
    number = next(i for i in range(X.shape[1]) if i not in categories)
    holed.iloc[3, number] = np.nan
    assert pymfe_table(holed)[0][3, number] == pytest.approx(holed.iloc[:, number].mean())

"""Metafeatures that are written here, against other libraries, closed forms and what must not change them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from sklearn.metrics import mutual_info_score

from tabbench.metafeature_rows import FeatureStatus
from tabbench.metafeatures import (
    association,
    categories,
    cheap_models,
    dimension,
    drift,
    imbalance,
    irregularity,
    learning_slope,
    missingness,
    regression_landmarks,
    regression_target,
    rotation,
    row_structure,
)
from tabbench.metafeatures.catalogue import OWN_GROUPS
from tabbench.metafeatures.sample import Sample, TestInputs, UndefinedError
from tabbench.task import BINARY, MULTICLASS, REGRESSION

N = 300


def table(rng: np.random.Generator, n: int = N) -> pd.DataFrame:
    X = pd.DataFrame(
        {
            "normal": rng.normal(size=n),
            "skewed": rng.exponential(size=n),
            "whole": rng.integers(0, 5, n).astype(float),
            "colour": pd.Categorical(rng.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1])),
            "shape": pd.Categorical(rng.choice(list("abcdefgh"), n)),
        }
    )
    X.loc[rng.random(n) < 0.1, "skewed"] = np.nan
    X.loc[rng.random(n) < 0.2, "colour"] = np.nan
    return X


@pytest.fixture(scope="module")
def classes() -> Sample:
    rng = np.random.default_rng(1)
    X = table(rng)
    y = (X["normal"].to_numpy() + 0.5 * rng.normal(size=N) > 0.3).astype(np.int64) + (X["shape"] == "a").to_numpy()
    return Sample(X, y, np.arange(N), MULTICLASS, N, time=np.arange(N) * 1.0, group=np.arange(N) // 10)


@pytest.fixture(scope="module")
def numbers() -> Sample:
    rng = np.random.default_rng(2)
    X = table(rng)
    y = 2 * X["normal"].to_numpy() + rng.exponential(size=N)
    return Sample(X, y, np.arange(N), REGRESSION, N)


def column(sample: Sample, name: str) -> np.ndarray:
    return sample.X[name].dropna().to_numpy()


def test_moments_are_those_of_scipy(classes):
    names = ["normal", "skewed", "whole"]
    assert irregularity.skew(classes) == pytest.approx([abs(scipy.stats.skew(column(classes, n))) for n in names])
    kurtosis = [scipy.stats.kurtosis(column(classes, n)) for n in names]
    assert irregularity.excess_kurtosis(classes) == pytest.approx(kurtosis)


def test_tails_are_those_of_known_distributions():
    rng = np.random.default_rng(0)
    y = np.zeros(200_000)
    X = pd.DataFrame({"normal": rng.normal(size=len(y)), "cauchy": rng.standard_cauchy(size=len(y))})
    sample = Sample(X, y, np.arange(len(y)), REGRESSION, len(y))
    weights, indices = irregularity.tail_weight(sample), irregularity.tail_index(sample)
    assert weights[0] == pytest.approx(1, abs=0.02)
    assert indices[1] == pytest.approx(1, abs=0.05)  # of a Cauchy tail, whose exponent is 1
    assert irregularity.outlier_share(sample)[0] == pytest.approx(0.00698, abs=0.001)  # of a normal


def test_shares_of_plain_columns():
    X = pd.DataFrame({"a": [0.0, 0.0, 1.0, 2.0], "b": [1.5, 2.5, 2.5, 9.0], "c": [7.0] * 4})
    sample = Sample(X, np.zeros(4), np.arange(4), REGRESSION, 4)
    assert irregularity.zero_share(sample).tolist() == [0.5, 0.0]
    assert irregularity.unique_share(sample).tolist() == [0.75, 0.75]
    assert irregularity.whole_share(sample) == 0.5
    assert irregularity.near_constant_share(sample) == pytest.approx(1 / 3)


def test_levels_of_known_shares():
    X = pd.DataFrame({"even": pd.Categorical(list("abcd") * 25), "odd": pd.Categorical(["x"] * 97 + list("yzw"))})
    sample = Sample(X, np.zeros(100), np.arange(100), REGRESSION, 100)
    assert categories.levels(sample).tolist() == [4, 4]
    assert categories.evenness(sample)[0] == pytest.approx(1)
    assert categories.top_share(sample).tolist() == [0.25, 0.97]
    assert categories.rare_share(sample).tolist() == [0, 0.03]
    assert categories.singleton_share(sample).tolist() == [0, 0.03]
    assert categories.identifier_share(sample) == 0


def test_information_is_that_of_scikit_learn(numbers):
    codes = regression_target.equal_bins(numbers.raw_numbers[:, 0])
    y = numbers.target_levels
    places = [*range(numbers.raw_codes.shape[1]), "normal"]
    assert regression_target.information(numbers)[len(places) - 1] == pytest.approx(mutual_info_score(codes, y))
    assert association.entropy(codes) == pytest.approx(scipy.stats.entropy(np.bincount(codes)))


def test_cramers_v_is_that_of_scipy_less_its_bias():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 4, 100_000)
    b = np.where(rng.random(len(a)) < 0.3, a, rng.integers(0, 3, len(a)))
    raw = scipy.stats.contingency.association(scipy.stats.contingency.crosstab(a, b).count, method="cramer")
    assert association.cramers_v(a, b) == pytest.approx(raw, abs=1e-3)  # so many rows leave no bias
    small = [association.cramers_v(rng.integers(0, 20, 200), rng.integers(0, 5, 200)) for _ in range(200)]
    biased = np.sqrt(19 * 4 / 199 / 4)
    assert np.mean(small) < biased / 3


def test_epsilon_is_the_adjusted_share_of_variance_between_groups():
    rng = np.random.default_rng(0)
    codes, noise = rng.integers(0, 5, 400), rng.normal(size=400)
    f = scipy.stats.f_oneway(*[noise[codes == k] + k for k in range(5)]).statistic
    eta2 = f * 4 / (f * 4 + 395)
    assert association.epsilon(codes, noise + codes) ** 2 == pytest.approx(1 - (1 - eta2) * 399 / 395)
    assert np.mean([association.epsilon(codes, rng.normal(size=400)) for _ in range(50)]) < 0.1


def test_missing_cells_are_counted(classes):
    gaps = classes.X.isna()
    assert missingness.share(classes) == pytest.approx(gaps.to_numpy().mean())
    assert missingness.touched_rows(classes) == pytest.approx(gaps.any(axis=1).mean())
    assert missingness.touched_columns(classes) == pytest.approx(0.4)
    assert missingness.patterns(classes) == len(gaps.drop_duplicates())
    expected = abs(np.corrcoef(gaps["skewed"], gaps["colour"])[0, 1])
    assert missingness.together(classes).tolist() == pytest.approx([expected])


def test_gaps_that_tell_the_target_are_found(classes):
    telling = replace(classes, y=classes.X["colour"].isna().to_numpy().astype(np.int64), _known={})
    assert missingness.predicts_target(telling) == pytest.approx(1)
    assert abs(missingness.predicts_target(classes)) < 0.15


def test_classes_of_known_sizes():
    sample = Sample(pd.DataFrame(index=range(10)), np.array([0] * 8 + [1] * 2), np.arange(10), BINARY, 10)
    assert imbalance.least_share(sample) == 0.2
    assert imbalance.ratio(sample) == 4
    assert imbalance.majority_gap(sample) == pytest.approx(0.3)
    assert imbalance.rare_classes(sample) == 2
    assert imbalance.effective_classes(sample) == pytest.approx(np.exp(scipy.stats.entropy([0.8, 0.2])))
    assert imbalance.evenness(sample) == pytest.approx(scipy.stats.entropy([0.8, 0.2]) / np.log(2))


def test_a_target_is_told_as_scipy_tells_it(numbers):
    assert regression_target.skew(numbers) == pytest.approx(scipy.stats.skew(numbers.y))
    assert regression_target.excess_kurtosis(numbers) == pytest.approx(scipy.stats.kurtosis(numbers.y))
    x = numbers.X["normal"].to_numpy()
    assert regression_target.correlation(numbers)[0] == pytest.approx(abs(scipy.stats.pearsonr(x, numbers.y).statistic))
    spearman = scipy.stats.spearmanr(x, numbers.y).statistic
    assert regression_target.rank_correlation(numbers)[0] == pytest.approx(abs(spearman))


def test_a_parabola_is_curved_and_a_line_is_not():
    x = np.linspace(-1, 1, 1000)
    y = x**2
    sample = Sample(pd.DataFrame({"x": x, "straight": y}), y, np.arange(1000), REGRESSION, 1000)
    curved, straight = regression_target.curvature(sample)
    assert curved > 0.9
    assert straight < 0.01


def test_landmarks_know_a_line_and_a_step():
    x = np.random.default_rng(0).normal(size=(400, 2))
    line = Sample(pd.DataFrame(x, columns=["a", "b"]), x @ [1.0, 2.0], np.arange(400), REGRESSION, 400)
    assert regression_landmarks.linear_model(line).mean() > 0.999
    step = replace(line, y=(x[:, 0] > 0) * 3.0, _known={})
    assert regression_landmarks.best_node(step).min() > 0.9
    assert regression_landmarks.tree_over_linear(step) > 0.2


def test_scores_are_those_of_scikit_learn():
    from sklearn.metrics import balanced_accuracy_score, r2_score

    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 3, 50), rng.integers(0, 3, 50)
    assert cheap_models.score(y, p, False) == pytest.approx(balanced_accuracy_score(y, p))
    assert cheap_models.score(y * 1.0, p * 1.0, True) == pytest.approx(r2_score(y, p))


def test_drift_is_measured_as_scipy_measures_it(classes):
    rng = np.random.default_rng(5)
    ahead = table(rng)
    ahead["normal"] += 1
    ahead["shape"] = pd.Categorical(["z"] * 30 + ["a"] * (N - 30))
    test = TestInputs(ahead, classes.time + N, classes.group + 15)
    sample = replace(classes, test=test, _known={})
    ks = scipy.stats.ks_2samp(column(classes, "normal"), ahead["normal"]).statistic
    assert drift.number_shift(sample)[0] == pytest.approx(ks)
    assert drift.unseen_levels(sample).tolist() == [0.0, 0.1]
    shares = classes.X["shape"].value_counts(normalize=True)
    assert drift.level_shift(sample)[1] == pytest.approx(0.5 * (0.1 + abs(0.9 - shares["a"]) + 1 - shares["a"]))
    assert drift.time_ahead(sample) == pytest.approx(N / (N - 1))
    assert drift.known_groups(sample) == pytest.approx(0.5)
    assert drift.told_apart(sample) > 0.65
    same = replace(classes, test=TestInputs(table(np.random.default_rng(9))), _known={})
    assert abs(drift.told_apart(same) - 0.5) < 0.12


def test_groups_and_equal_rows():
    X = pd.DataFrame({"a": [1.0, 1.0, 2.0, 3.0, 3.0], "b": pd.Categorical(list("xxyzz"))})
    sample = Sample(X, np.array([0, 1, 0, 1, 1]), np.arange(5), BINARY, 5, group=np.array([4, 4, 7, 7, 7]))
    assert row_structure.repeated_rows(sample) == pytest.approx(0.8)
    assert row_structure.conflicting_rows(sample) == pytest.approx(0.4)
    assert row_structure.groups(sample) == 2
    assert sorted(row_structure.group_rows(sample).tolist()) == [2, 3]


def test_a_plane_in_ten_columns_has_two_dimensions():
    rng = np.random.default_rng(0)
    X = rng.random((3000, 2)) @ rng.normal(size=(2, 10))
    sample = Sample(pd.DataFrame(X, columns=[f"x{i}" for i in range(10)]), X[:, 0], np.arange(3000), REGRESSION, 3000)
    assert dimension.two_nn(sample) == pytest.approx(2, abs=0.15)
    assert dimension.neighbours(sample) == pytest.approx(2, abs=0.15)
    assert dimension.components(sample) <= 2
    even = replace(sample, X=pd.DataFrame(rng.normal(size=(3000, 4)), columns=list("abcd")), _known={})
    for name in ("numbers", "scaled", "raw_numbers"):
        even.__dict__.pop(name, None)
    assert dimension.participation(even) == pytest.approx(4, abs=0.05)
    assert dimension.component_share(even) == 1


def test_a_tree_loses_by_rotation_where_one_column_says_all():
    x = np.random.default_rng(0).normal(size=(600, 8))
    axis = Sample(pd.DataFrame(x, columns=list("abcdefgh")), (x[:, 0] > 0).astype(int), np.arange(600), BINARY, 600)
    assert rotation.loss(axis) > 0.15
    assert rotation.plain(axis) > 0.97
    ring = replace(axis, y=((x**2).sum(axis=1) > 8).astype(np.int64), _known={})
    assert abs(rotation.loss(ring)) < rotation.loss(axis) / 2


def test_more_rows_help_where_there_is_much_to_learn():
    rng = np.random.default_rng(0)
    x = rng.random((4000, 2))
    chess = (np.floor(x * 6).sum(axis=1) % 2).astype(np.int64)
    sample = Sample(pd.DataFrame(x, columns=["a", "b"]), chess, np.arange(4000), BINARY, 4000)
    assert learning_slope.tree_slope(sample) < -0.3
    noise = replace(sample, y=rng.integers(0, 2, 4000), _known={})
    assert abs(learning_slope.tree_slope(noise)) < 0.1
    assert learning_slope.linear_last_gain(noise) == pytest.approx(0, abs=0.1)


def all_values(group, sample):
    opened = group.open(sample)
    return {value.feature: value for step in group.steps() for value in opened.compute(step)}


def is_near(a, b, share):
    return a == b if a is None or b is None else a == pytest.approx(b, rel=share, abs=1e-12)


def groups_for(sample):
    return [group for group in OWN_GROUPS if sample.task_type in group.task_types and not group.reads_test]


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_every_value_is_finite_or_has_a_reason_and_is_the_same_again(kind, request):
    sample = request.getfixturevalue(kind)
    for group in groups_for(sample):
        first, second = all_values(group, sample), all_values(group, replace(sample, _known={}))
        assert list(first) == [name for step in group.steps() for name in group.features(step)]
        for name, value in first.items():
            assert (value.status is FeatureStatus.OK) == (value.value is not None and np.isfinite(value.value)), name
            assert (value.reason is None) == (value.status is FeatureStatus.OK), name
            assert value.value == second[name].value, name


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_the_order_of_rows_changes_nothing_that_is_counted(kind, request):
    sample = request.getfixturevalue(kind)
    order = np.random.default_rng(0).permutation(N)
    moved = replace(
        sample,
        X=sample.X.iloc[order],
        y=sample.y[order],
        time=None if sample.time is None else sample.time[order],
        group=None if sample.group is None else sample.group[order],
        _known={},
    )
    drawn = {"regression-landmarks", "rotation", "learning-slope"}
    for group in groups_for(sample):
        if group.name not in drawn:
            before, after = all_values(group, sample), all_values(group, moved)
            for name in before:
                if name != "missingness.predicts_target":
                    assert is_near(after[name].value, before[name].value, 1e-9), name


def test_units_change_nothing_but_the_spread_of_scales(classes):
    X = classes.X.assign(normal=classes.X["normal"] * 1e3 + 7, skewed=classes.X["skewed"] * 1e-4)
    scaled = replace(classes, X=X, _known={})
    for group in groups_for(classes):
        before, after = all_values(group, classes), all_values(group, scaled)
        for name in before:
            if name not in ("irregularity.scale_spread", "irregularity.whole_share"):
                is_share = name.startswith("irregularity.zero_share")
                assert is_share or is_near(after[name].value, before[name].value, 1e-6), name


def test_empty_and_constant_tables_are_refused_with_a_reason():
    X = pd.DataFrame({"a": [1.0] * 30, "b": [np.nan] * 30, "c": pd.Categorical([None] * 30, categories=["x"])})
    sample = Sample(X, np.zeros(30, dtype=np.int64), np.arange(30), BINARY, 30, test=TestInputs(X))
    for group in OWN_GROUPS:
        if BINARY in group.task_types:
            for value in all_values(group, sample).values():
                assert value.status in (FeatureStatus.OK, FeatureStatus.UNDEFINED), value
    with pytest.raises(UndefinedError, match="no numeric column that varies"):
        irregularity.skew(sample)


def test_two_rows_are_refused_with_a_reason():
    X = pd.DataFrame({"a": [1.0, 2.0], "b": pd.Categorical(["x", "y"])})
    for task_type in (BINARY, REGRESSION):
        y = np.array([0, 1]) if task_type is BINARY else np.array([0.5, 1.5])
        sample = Sample(X, y, np.arange(2), task_type, 2, test=TestInputs(X))
        for group in OWN_GROUPS:
            if task_type in group.task_types:
                for value in all_values(group, sample).values():
                    assert value.status in (FeatureStatus.OK, FeatureStatus.UNDEFINED), value

"""What modifiers do to a task, against what is known from outside."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from tabbench_models.decision_tree import DecisionTree

from tabbench.data.catalog import load_task
from tabbench.data.modifiers.apply import modify_table, on_split
from tabbench.data.modifiers.names import split_name
from tabbench.data.modifiers.numbers import random_rotation
from tabbench.data.modifiers.rows import keep_rows
from tabbench.data.splits import fixed_rule, make_split
from tabbench.data.tables import content_hash
from tabbench.errors import DataError
from tabbench.model import Context, Part
from tabbench.preparation import facts_of, fit_preparation
from tabbench.task import ColumnKind, DatasetCard, Origin, Split, SplitKind, SplitRule, Task, TaskData, TaskType


def on_first_split(name):
    """The plain task, its split, and the modified table as a job sees it."""
    plain, data = load_task(split_name(name).base), load_task(name)
    split = make_split(data, 0, 0)
    return plain, split, on_split(data, split.train)


EVERY = ["rows=300", "noise_columns=2x", "missing=.2", "shuffle_columns", "rotate", "gaussianise", "monotone"]


@pytest.mark.parametrize("modifier", [*EVERY, "label_noise=.1"])
@pytest.mark.parametrize("name", ["bundled/credit", "bundled/penguins"])
def test_the_same_seed_gives_the_same_bytes_and_the_card_follows(name, modifier):
    _, _, first = on_first_split(f"{name}~{modifier}")
    _, _, again = on_first_split(f"{name}~{modifier}")
    assert content_hash(first.X) == content_hash(again.X)
    assert first.y.tobytes() == again.y.tobytes()
    assert [c.name for c in first.task.features] == [*first.X.columns]
    assert first.task.dataset.n_rows == len(first.X) == len(first.y)
    for column in first.task.features:
        values = first.X[column.name]
        assert column.n_missing == values.isna().sum()
        assert column.n_levels == (values.nunique() if column.kind is ColumnKind.CATEGORICAL else 0)
        if column.kind is ColumnKind.CATEGORICAL:
            assert len(values.cat.categories) == column.n_levels


@pytest.mark.parametrize("modifier", [*EVERY, "label_noise=.1"])
def test_a_column_may_be_called_self(modifier, tmp_path):
    numbers = np.arange(400)
    table = pd.DataFrame({"self": np.sqrt(numbers), "x": numbers % 7, "kind": list("abcd") * 100, "y": numbers % 2})
    table.to_csv(tmp_path / "t.csv", index=False)
    _, _, changed = on_first_split(f"file:{tmp_path}/t.csv::y~{modifier}")
    assert {"self", "kind"} <= {*changed.X.columns}


@pytest.mark.parametrize("modifier", ["rows=100", "noise_columns=4", "missing=.2", "shuffle_columns", "rotate"])
def test_another_seed_gives_another_table(modifier):
    tables = [on_first_split(f"bundled/wine~{modifier}{seed}")[2] for seed in ("", "@1")]
    frames = [table.X.assign(y=table.y) for table in tables]
    assert not frames[0].equals(frames[1])


def test_rows_keep_the_shares_of_the_classes_and_fewer_are_some_of_more():
    plain = load_task("bundled/rodents")
    shares = np.bincount(plain.y) / len(plain.y)
    kept = {n: load_task(f"bundled/rodents~rows={n}") for n in (300, 600)}
    for n, data in kept.items():
        assert len(data.y) == n
        assert np.abs(np.bincount(data.y) / n - shares).max() < 1.5 / n
        assert data.time is not None
        assert make_split(data, 0, 0).train.size
    rows = {n: set(map(tuple, data.X.astype(str).assign(t=data.time).to_numpy())) for n, data in kept.items()}
    assert rows[300] < rows[600]


def test_rows_of_a_number_keep_its_tenths():
    plain, data = load_task("bundled/diamonds"), load_task("bundled/diamonds~rows=500")
    edges = np.quantile(plain.y, np.linspace(0, 1, 11))
    counts = np.histogram(data.y, edges)[0]
    assert np.abs(counts - 50).max() <= 3


def test_rows_of_a_grouped_task_are_whole_groups():
    plain, data = load_task("bundled/fuel_economy"), load_task("bundled/fuel_economy~rows=400")
    sizes, kept = np.bincount(plain.group), np.bincount(data.group)
    assert 400 - sizes.max() < len(data.y) <= 400
    assert np.array_equal(np.unique(data.group), np.arange(len(kept)))
    frame = plain.X.assign(g=plain.group, y=plain.y).astype(str)
    some = data.X.assign(y=data.y).astype(str).merge(frame.drop_duplicates([*data.X.columns, "y"]), how="left")
    assert set(some["g"].value_counts()) <= set(sizes)


def toy(n, splits=None, rule=None):
    card = DatasetCard("t", 1, "", (), n, "", "", "", Origin.SIMULATED, "t")
    task = Task("bundled/t", card, "y", TaskType.BINARY, "", rule or fixed_rule(splits), ("a", "b"))
    return TaskData(task, pd.DataFrame({"x": np.arange(n) * 1.0}), np.arange(n) % 2, splits=splits)


def test_rows_of_fixed_splits_stay_in_their_parts():
    rows = np.arange(40)
    splits = tuple(Split(0, f, rows[rows % 4 != f], rows[rows % 4 == f], rows[rows % 4 == (f + 1) % 4]) for f in (0, 1))
    data = keep_rows(toy(40, splits), split_name("bundled/t~rows=20").modifiers[0])
    old = data.X["x"].to_numpy().astype(int)
    for fold in (0, 1):
        split = make_split(data, 0, fold)
        assert np.array_equal(np.unique(old[split.test] % 4), [fold])
        assert np.array_equal(np.unique(old[split.valid] % 4), [fold + 1])
        assert np.array_equal(np.sort(np.r_[split.train, split.test]), np.arange(20))


def test_fixed_splits_that_would_lose_a_part_refuse_fewer_rows():
    data = toy(40, (Split(0, 0, np.arange(2, 40), np.array([0, 1])),))
    with pytest.raises(DataError, match=r"leaves no test rows in split \(0, 0\), whose rows are fixed"):
        keep_rows(data, split_name("bundled/t~rows=2").modifiers[0])


@pytest.mark.parametrize("modifier", ["noise_columns=2", "missing=.1"])
def test_tasks_that_keep_equal_rows_together_refuse_what_makes_them_unequal(modifier):
    wine = load_task("bundled/wine")
    data = replace(wine, task=wine.task.with_splits(SplitRule(SplitKind.KFOLD, keeps_equal_rows=True)))
    with pytest.raises(DataError, match="would make them unequal"):
        modify_table(data, split_name(f"bundled/wine~{modifier}").modifiers)


def test_noise_columns_look_real_and_know_nothing_of_the_target():
    plain, data = load_task("bundled/breast_cancer"), load_task("bundled/breast_cancer~noise_columns=2x")
    noise = data.X.iloc[:, plain.X.shape[1] :]
    assert [*noise.columns] == [f"noise_{i + 1}" for i in range(60)]
    real = {tuple(np.sort(plain.X[name])) for name in plain.X}
    copies = [tuple(np.sort(noise[name])) for name in noise]
    assert {copies.count(values) for values in real} == {2}
    correlations = np.corrcoef(np.column_stack([data.y, noise]), rowvar=False)[0, 1:]
    assert np.abs(correlations).max() < 4 / np.sqrt(len(data.y))
    assert load_task("bundled/breast_cancer~noise_columns=5").X.equals(data.X.iloc[:, :35])


def test_missing_blanks_its_share_of_every_column_and_more_at_a_larger_share():
    plain, some, more = (load_task(f"bundled/diamonds{m}") for m in ("", "~missing=.2", "~missing=.4"))
    error = 4 * np.sqrt(0.2 * 0.8 / len(plain.y))
    assert (some.X.isna().mean() - 0.2).abs().max() < error
    assert not (some.X.isna() & ~more.X.isna()).any(axis=None)
    assert abs(np.corrcoef(some.X["x"].isna(), some.X["y"].isna())[0, 1]) < 4 / np.sqrt(len(plain.y))
    kept = some.X["carat"].notna()
    assert some.X["carat"][kept].equals(plain.X["carat"][kept])
    assert np.array_equal(some.y, plain.y)


def test_shuffled_columns_are_the_same_columns():
    plain, data = load_task("bundled/ames"), load_task("bundled/ames~shuffle_columns")
    assert [*data.X.columns] != [*plain.X.columns]
    assert data.X[[*plain.X.columns]].equals(plain.X)


@given(st.integers(2, 40), st.integers(0, 5))
def test_a_rotation_is_orthogonal(n, seed):
    q = random_rotation(n, seed)
    assert np.allclose(q @ q.T, np.eye(n), atol=1e-12)


def test_rotations_are_uniform_over_all():
    first = np.array([random_rotation(3, seed)[:, 0] for seed in range(4000)])
    assert np.abs(first.mean(axis=0)).max() < 0.04
    assert np.abs(first.T @ first / 4000 - np.eye(3) / 3).max() < 0.03
    assert kstest(first[:, 2], "uniform", args=(-1, 2)).pvalue > 1e-3  # Archimedes: a coordinate on the sphere


def test_rotation_keeps_distances_and_the_neighbours_of_standardised_rows():
    plain, split, data = on_first_split("bundled/wine~rotate")
    before = StandardScaler().fit(plain.X.iloc[split.train]).transform(plain.X)
    after = data.X.to_numpy()
    assert np.allclose(pairwise_distances(before), pairwise_distances(after))
    assert np.abs(np.corrcoef(before.T) - np.corrcoef(after.T)).max() > 0.2
    near = [NearestNeighbors(n_neighbors=5).fit(X[split.train]).kneighbors(X[split.test])[1] for X in (before, after)]
    assert np.array_equal(*near)


def test_rotation_fills_gaps_with_the_train_median():
    plain, split, data = on_first_split("bundled/credit~rotate")
    names = [c.name for c in data.task.features if c.kind is ColumnKind.NUMERIC]
    assert plain.X[names].isna().any(axis=None)
    assert not data.X[names].isna().any(axis=None)
    train = plain.X[names].iloc[split.train]
    before = StandardScaler().fit_transform(train.fillna(train.median()))
    assert np.allclose(pairwise_distances(before[:200]), pairwise_distances(data.X[names].iloc[split.train[:200]]))


def test_gaussianised_train_columns_are_normal_and_in_the_old_order():
    plain, split, data = on_first_split("bundled/hpc_jobs~gaussianise")
    for name in data.X:
        if data.X[name].dtype.kind != "f" or plain.X[name].nunique() < 1000:
            continue
        train = data.X[name].iloc[split.train]
        assert kstest(train, "norm").pvalue > 0.01, name
        assert (train.rank() == plain.X[name].iloc[split.train].rank()).all()
    assert data.X.isna().equals(plain.X.isna())


@pytest.mark.parametrize("name", ["bundled/wine", "bundled/concrete", "bundled/breast_cancer"])
@pytest.mark.parametrize("seed", [0, 1])
def test_exact_trees_do_not_change_under_a_monotone_map(name, seed):
    plain, split, data = on_first_split(f"{name}~monotone@{seed}")
    rows, test = split.train, split.test
    ranks = [X.iloc[rows].rank(method="dense").to_numpy() for X in (plain.X, data.X)]
    assert np.array_equal(*ranks)
    model = DecisionTreeRegressor if plain.y.dtype.kind == "f" else DecisionTreeClassifier
    # Thresholds lie between neighbouring train values, so test rows made of train values must go the same way.
    known = test[np.all([np.isin(plain.X[n].iloc[test], plain.X[n].iloc[rows]) for n in plain.X], axis=0)]
    assert len(known) or name != "bundled/concrete"
    leaves = []
    for X in (plain.X.to_numpy(), data.X.to_numpy()):
        tree = model(random_state=0, max_depth=6).fit(X[rows], plain.y[rows])
        leaves.append(tree.apply(X[np.r_[rows, known]]))
    assert np.array_equal(*leaves)


@pytest.mark.parametrize("name", ["bundled/wine", "bundled/concrete"])
def test_our_decision_tree_does_not_change_under_a_monotone_map(name):
    plain, split, data = on_first_split(f"{name}~monotone")
    predicted = []
    for table in (plain, data):
        preparation = fit_preparation(table.X.iloc[split.train], DecisionTree.card.reads)
        X, y = preparation.transform(table.X.iloc[split.train]), table.y[split.train]
        context = Context(
            rng=np.random.default_rng(0),
            seed=0,
            n_threads=1,
            metric="rmse",
            error=lambda y, prediction: 0.0,
            task=facts_of(table.X, table.task),
            columns=preparation.columns,
        )
        model = DecisionTree()
        model.fit(Part(X, y), Part(X, y), dict(DecisionTree.default), context)
        predicted.append(model.predict(X))
    assert np.array_equal(*predicted)


numbers = st.floats(allow_nan=True, allow_infinity=False, width=64)


@given(st.lists(numbers, min_size=6, max_size=60), st.integers(0, 3))
def test_a_monotone_map_keeps_the_order_of_any_numbers(values, seed):
    data = replace(toy(len(values), rule=SplitRule()), X=pd.DataFrame({"x": values}))
    data = replace(data, task=replace(data.task, modifiers=(f"monotone@{seed}",)))
    mapped = on_split(data, np.arange(0, len(values), 2)).X["x"]
    assert np.array_equal(mapped.rank(method="dense"), data.X["x"].rank(method="dense"), equal_nan=True)
    assert np.isfinite(mapped.dropna()).all()


@pytest.mark.parametrize("name", ["bundled/iris", "bundled/penguins", "bundled/breast_cancer"])
def test_label_noise_flips_its_share_of_train_labels_only(name):
    plain, split, data = on_first_split(f"{name}~label_noise=.2")
    assert np.array_equal(data.y[split.test], plain.y[split.test])
    assert (data.y[split.train] != plain.y[split.train]).sum() == round(0.2 * len(split.train))
    assert set(data.y) == set(plain.y)
    _, _, more = on_first_split(f"{name}~label_noise=.4")
    flipped, flipped_more = (d.y != plain.y for d in (data, more))
    assert not (flipped & ~flipped_more).any()


def test_label_noise_goes_to_every_other_class_alike():
    plain, split, data = on_first_split("bundled/digits~label_noise=.9")
    flipped = split.train[data.y[split.train] != plain.y[split.train]]
    steps = np.bincount((data.y[flipped] - plain.y[flipped]) % 10, minlength=10)
    assert steps[0] == 0
    assert np.abs(steps[1:] - len(flipped) / 9).max() < 5 * np.sqrt(len(flipped) / 9)


def test_label_noise_of_numbers_exchanges_targets():
    plain, split, data = on_first_split("bundled/concrete~label_noise=.1")
    assert np.array_equal(data.y[split.test], plain.y[split.test])
    assert np.array_equal(np.sort(data.y[split.train]), np.sort(plain.y[split.train]))
    changed = (data.y[split.train] != plain.y[split.train]).mean()
    assert 0.09 < changed <= round(0.1 * len(split.train)) / len(split.train)


def test_label_noise_that_spoils_nothing_is_refused():
    with pytest.raises(DataError, match="spoils none"):
        on_first_split("bundled/iris~label_noise=1e-4")


@pytest.mark.parametrize("modifier", ["rotate", "gaussianise", "monotone"])
def test_test_rows_leave_no_trace_in_what_is_fitted(modifier):
    data = load_task(f"bundled/wine~{modifier}")
    split = make_split(data, 0, 0)
    spoiled = data.X.copy()
    spoiled.iloc[split.test] = spoiled.iloc[split.test[::-1]].to_numpy() * 3
    other = on_split(replace(data, X=spoiled), split.train)
    one, two = (d.X.iloc[split.train].to_numpy() for d in (on_split(data, split.train), other))
    assert np.abs(one - two).max() <= (1e-15 if modifier == "monotone" else 0)  # values are kept apart by the last bit


def test_modifiers_are_applied_in_order():
    one, other = (on_first_split(f"bundled/wine~{m}")[2] for m in ("rotate~gaussianise", "gaussianise~rotate"))
    assert not np.allclose(one.X, other.X)
    assert kstest(one.X.iloc[make_split(one, 0, 0).train, 0], "norm").pvalue > 0.01

"""Conformance: what a model predicts on plain and odd tables."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metrics.quantiles import LEVELS
from tabbench.model import Kind, Model, PredictsQuantiles
from tabbench.task import MULTICLASS, REGRESSION, Array, FloatArray, TaskType
from tabbench.testing import tables
from tabbench.testing.case import NotApplicable, Unmet, case
from tabbench.testing.sample import FEW_STEPS, Fitted, Sample, cut, fit_on, numbers_sample
from tabbench.testing.statement import draws

if TYPE_CHECKING:
    import pandas as pd

SHAPE = "Return numpy float64: (n_rows,) for numbers, (n_rows, n_classes) probabilities that sum to 1 for classes."


def task_types(model: type[Model]) -> list[TaskType]:
    """The declared task types, in a fixed order."""
    return [kind for kind in TaskType if kind in model.card.task_types]


def check_prediction(prediction: object, X: pd.DataFrame, sample: Sample) -> FloatArray:
    """Refuse a prediction of wrong kind, shape or range; hand back a right one."""
    task = sample.context.task
    shape = (len(X), task.n_classes) if task.n_classes else (len(X),)
    if not isinstance(prediction, np.ndarray):
        raise Unmet(f"[{task.type}] `predict` returned a {type(prediction).__name__}, not a numpy array")
    if prediction.shape != shape:
        raise Unmet(f"[{task.type}] `predict` returned shape {prediction.shape} where {shape} is due")
    if prediction.dtype.kind != "f":
        raise Unmet(f"[{task.type}] `predict` returned {prediction.dtype} where floating-point numbers are due")
    if not np.isfinite(prediction).all():
        raise Unmet(f"[{task.type}] {int((~np.isfinite(prediction)).sum())} predictions are NaN or infinite")
    if task.n_classes and (prediction.min() < 0 or prediction.max() > 1):
        raise Unmet(f"[{task.type}] probabilities run from {prediction.min():.4g} to {prediction.max():.4g}")
    if task.n_classes and np.abs(prediction.sum(axis=1) - 1).max() > 1e-5:
        sums = prediction.sum(axis=1)
        raise Unmet(f"[{task.type}] probabilities of a row sum to {sums.min():.6g} … {sums.max():.6g}, not 1")
    return prediction


def predict(fitted: Fitted, sample: Sample, X: pd.DataFrame | None = None) -> FloatArray:
    """Predict the test rows, or X, and check what comes out."""
    X = sample.test.X if X is None else X
    return check_prediction(fitted.model.predict(X), X, sample)


def fit_and_predict(model: type[Model], raw: tables.RawTable, rows: list[Array] | None = None) -> FloatArray:
    """Prepare, fit and predict; fails with the task type and the plugin's own error."""
    sample = cut(raw, model.card.reads, rows)
    return predict(fit_on(model, sample), sample)


def on_every_type(model: type[Model], change: Any) -> None:
    """Fit and predict a plain table of each declared type with `change` applied to it."""
    for kind in task_types(model):
        fit_and_predict(model, change(tables.numbers(kind)))


@case(mend=SHAPE)
def predicts_every_task_type(model: type[Model]) -> None:
    """Every declared task type is fitted and predicted."""
    for kind in task_types(model):
        fit_and_predict(model, tables.numbers(kind))


@case(mend="Check that `fit` handles every form the card's `reads` lets through: NaN, category columns, codes.")
def predicts_mixed_tables(model: type[Model]) -> None:
    """It fits and predicts categoricals, gaps and dates, in the form its `reads` asks for."""
    for kind in task_types(model):
        fit_and_predict(model, tables.mixed(kind))


@case(mend="Narrow the space, or make `fit` bear what it draws.")
def fits_what_its_space_draws(model: type[Model]) -> None:
    """Configurations drawn from the space are fitted and predicted."""
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads)
        for params in draws(model, sample.context.task, 3):
            chosen = {**model.default, **params, **model.card.smoke}
            try:
                predict(fit_on(model, sample, chosen), sample)
            except (ValueError, TypeError, KeyError, ArithmeticError) as error:
                raise Unmet(f"[{kind}] {type(error).__name__}: {error}. Configuration: {chosen}") from error


@case(mend="They come as missing (NaN, or code 0): handle a missing category even where train has none.")
def predicts_unseen_levels(model: type[Model]) -> None:
    """Levels at test that train does not have are predicted."""
    import pandas as pd

    def change(raw: tables.RawTable) -> tables.RawTable:
        n = len(raw.y)
        levels = ["left", "right"] * (n * 7 // 20) + ["new", "newer"] * n
        return raw.with_column("side", pd.Categorical(levels[:n]))

    on_every_type(model, change)


@case(mend="Ask for `missing=Missing.IMPUTE` in `reads` unless the library takes NaN.")
def predicts_missing_numbers(model: type[Model]) -> None:
    """Missing numbers are predicted, also where only test has them."""

    def gaps(raw: tables.RawTable, rows: slice) -> tables.RawTable:
        X = raw.X.copy()
        X.iloc[rows, :2] = np.nan
        return replace(raw, X=X)

    on_every_type(model, lambda raw: gaps(raw, slice(0, None, 3)))
    on_every_type(model, lambda raw: gaps(raw, slice(150, None)))


@case(mend="Do not divide by a column's deviation without looking.")
def bears_a_constant_column(model: type[Model]) -> None:
    """A constant column does no harm."""
    on_every_type(model, lambda raw: raw.with_column("constant", 3.0))


@case(mend="Ask for `missing=Missing.IMPUTE`, or drop columns that are NaN throughout.")
def bears_an_empty_column(model: type[Model]) -> None:
    """Columns without any value, numbers and categories, do no harm."""
    import pandas as pd

    nothing = pd.Categorical([None] * tables.N_ROWS, categories=["x"])
    on_every_type(model, lambda raw: raw.with_column("nothing", np.nan).with_column("no level", nothing))


@case(mend="Do not split train again, nor ask a library for a stratified split of it.")
def bears_one_row_a_class(model: type[Model]) -> None:
    """A train part with one row a class is fitted."""
    kinds = [kind for kind in task_types(model) if kind is not REGRESSION]
    if not kinds:
        raise NotApplicable("the model does not predict classes")
    for kind in kinds:
        raw = tables.numbers(kind)
        first = np.array([np.flatnonzero(raw.y == label)[0] for label in range(raw.n_classes)])
        second = np.array([np.flatnonzero(raw.y == label)[1] for label in range(raw.n_classes)])
        fit_and_predict(model, raw, [first, second, np.arange(150, 200)])


@case(mend="Make `context.task.n_classes` columns and fill those of the classes that train has.")
def bears_an_absent_class(model: type[Model]) -> None:
    """A class that is absent from train's part still has its column of probabilities."""
    if MULTICLASS not in model.card.task_types:
        raise NotApplicable("the model does not predict three classes")
    raw = tables.numbers(MULTICLASS)
    train = np.flatnonzero(raw.y[:100] != 1)
    fit_and_predict(model, raw, [train, np.arange(100, 140), np.arange(140, 200)])


@case(mend="Use the columns as they come, x0, x1 …, and the labels 0..k-1; look nothing up by another name.")
def bears_odd_names(model: type[Model]) -> None:
    """Names of columns and labels do no harm: integers, spaces, quotes, emoji."""
    for kind in task_types(model):
        raw = tables.numbers(kind)
        odd = raw.X.set_axis([7, "a b", 'it\'s "quoted"', "🙂", "[x]<y>"], axis=1)
        words = np.array(["no", "yes", "it's 🙂"], dtype=object)
        y = raw.y if kind is REGRESSION else np.unique(words[raw.y], return_inverse=True)[1].astype(np.int64)
        fit_and_predict(model, replace(raw, X=odd, y=y))


@case(mend="Draw from `context.rng`, hand `context.seed` to the library, and keep no state between fits.")
def same_seed_same_bytes(model: type[Model]) -> None:
    """The same seed gives the same bytes, unless the card says is_deterministic=False."""
    if not model.card.is_deterministic:
        raise NotApplicable("the card says is_deterministic=False")
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads)
        first, second = (predict(fit_on(model, sample), sample) for _ in range(2))
        if first.tobytes() != second.tobytes():
            raise Unmet(f"[{kind}] two fits with one seed differ by up to {np.abs(first - second).max():.3g}")


@case(mend="Keep what `predict` computes in local variables.")
def predicting_changes_nothing(model: type[Model]) -> None:
    """`predict` changes nothing: the same rows give the same answer, whatever was predicted between."""
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads, max_steps=FEW_STEPS)
        fitted = fit_on(model, sample)
        before = predict(fitted, sample).copy()
        predict(fitted, sample, sample.train.X.iloc[::-1].reset_index(drop=True))
        if before.tobytes() != predict(fitted, sample).tobytes():
            raise Unmet(f"[{kind}] the second prediction of the same rows differs from the first")


@case(mend="Keep no lambda, open file or generator on the instance; drop the train data and callbacks after `fit`.")
def pickles(model: type[Model]) -> None:
    """A fitted model goes through pickle and predicts the same."""
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads, max_steps=FEW_STEPS)
        fitted = fit_on(model, sample)
        again = pickle.loads(pickle.dumps(fitted.model))
        if predict(replace(fitted, model=again), sample).tobytes() != predict(fitted, sample).tobytes():
            raise Unmet(f"[{kind}] after pickle.loads(pickle.dumps(model)) it predicts something else")


@case(mend="Take no mean, rank or level from the rows to predict; in a network call eval() before predicting.")
def a_row_alone_equals_the_row_in_a_batch(model: type[Model]) -> None:
    """A row predicted alone is as in a batch, unless the card says is_transductive=True."""
    if model.card.is_transductive:
        raise NotApplicable("the card says is_transductive=True")
    for kind in task_types(model):
        sample = cut(tables.mixed(kind), model.card.reads, max_steps=FEW_STEPS)
        fitted = fit_on(model, sample)
        batch = predict(fitted, sample)
        for i in range(4):
            alone = predict(fitted, sample, sample.test.X.iloc[[i]].reset_index(drop=True))
            if not np.allclose(alone[0], batch[i], rtol=1e-5, atol=1e-5 * np.abs(batch).max()):
                raise Unmet(f"[{kind}] row {i} is {alone[0]} alone and {batch[i]} among {len(batch)} rows")


@case(mend="Look at label order, at scaling of the target, and whether predictions are in the target's unit.")
def beats_the_constant(model: type[Model]) -> None:
    """It learns: on an easy table the default is right more often, or nearer, than the constant."""
    if model.card.kind is Kind.BASELINE:
        raise NotApplicable("the card says it is a baseline")
    for kind in task_types(model):
        sample = numbers_sample(kind, model, max_steps=200)
        prediction = predict(fit_on(model, sample), sample)
        if kind is REGRESSION:
            score, constant = errors(sample, prediction)
            if score >= constant:
                raise Unmet(f"[{kind}] its test RMSE is {score:.4g}, the constant's {constant:.4g}")
        elif (right := np.mean(prediction.argmax(axis=1) == sample.test.y)) <= 1.2 / sample.context.task.n_classes:
            raise Unmet(f"[{kind}] {right:.0%} of the test rows are right, of {sample.context.task.n_classes} classes")


@case(mend="It sees what it must not: look for anything kept between fits or read from outside train and valid.")
def learns_nothing_from_a_permuted_target(model: type[Model]) -> None:
    """With the target permuted it does not beat the constant by more than chance."""
    for kind in task_types(model):
        pairs = []
        for seed in range(3):
            raw = tables.numbers(kind, noise=0.0).permuted(np.random.default_rng(seed))
            sample = cut(raw, model.card.reads)
            pairs.append(errors(sample, predict(fit_on(model, sample), sample)))
        score, constant = np.mean(pairs, axis=0)
        if score < 0.93 * constant:
            raise Unmet(f"[{kind}] mean test error is {score:.4g}, the constant's {constant:.4g}, on permuted targets")


def errors(sample: Sample, prediction: FloatArray) -> tuple[float, float]:
    """Test error of a prediction and of the train part's class shares or mean."""
    y, n_classes = sample.train.y, sample.context.task.n_classes
    constant = np.bincount(y, minlength=n_classes) / len(y) if n_classes else y.mean()
    everywhere = np.broadcast_to(constant, prediction.shape)
    return sample.context.error(sample.test.y, prediction), sample.context.error(sample.test.y, everywhere)


@case(mend="Sort along the second axis.")
def predicts_quantiles_in_order(model: type[Model]) -> None:
    """`predict_quantiles` returns (n_rows, n_quantiles), finite and ascending, for the 19 levels that are stored."""
    if not issubclass(model, PredictsQuantiles) or REGRESSION not in model.card.task_types:
        raise NotApplicable("the model has no `predict_quantiles`")
    sample = numbers_sample(REGRESSION, model)
    fitted = fit_on(model, sample).model
    assert isinstance(fitted, PredictsQuantiles)
    values = np.asarray(fitted.predict_quantiles(sample.test.X, LEVELS.copy()), dtype=np.float64)
    expected = (len(sample.test.X), len(LEVELS))
    if values.shape != expected or not np.isfinite(values).all() or (np.diff(values) < 0).any():
        raise Unmet(f"shape {values.shape}, not {expected}, or values that are not finite and ascending in a row")

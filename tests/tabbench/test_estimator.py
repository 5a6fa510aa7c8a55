import pickle

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from tabbench.errors import PluginError
from tabbench.estimator import from_estimator
from tabbench.model import BINARY, MULTICLASS, REGRESSION, Model
from tabbench.testing.sample import numbers_sample

MODEL = from_estimator(
    classifier=LogisticRegression,
    regressor="sklearn.linear_model.Ridge",
    name="linear_pair",
    default={"alpha": 2.0},
    title="A pair",
)


def test_the_card_says_what_was_given() -> None:
    assert MODEL.card.task_types == {BINARY, MULTICLASS, REGRESSION}
    assert MODEL.card.title == "A pair"
    assert MODEL.card.requires == ("sklearn",)
    assert not MODEL.card.stops_itself
    assert from_estimator(regressor=Ridge, name="ridge").card.task_types == {REGRESSION}


def test_a_regressor_predicts_in_the_targets_unit_as_the_bare_estimator_does() -> None:
    case = numbers_sample(REGRESSION)
    model = from_estimator(regressor=Ridge, name="ridge")()
    model.fit(case.train, None, {"alpha": 1.0}, case.context)
    oracle = Ridge(alpha=1.0).fit(case.train.X, case.train.y)
    np.testing.assert_allclose(model.predict(case.test.X), oracle.predict(case.test.X), rtol=1e-9)


def test_a_class_absent_from_train_has_probability_zero() -> None:
    case = numbers_sample(MULTICLASS)
    model = from_estimator(classifier=LogisticRegression, name="logistic")()
    rows = case.train.y != 1
    part = type(case.train)(case.train.X[rows], case.train.y[rows])
    model.fit(part, None, {}, case.context)
    probabilities = model.predict(case.test.X)
    assert probabilities.shape == (len(case.test.X), 3)
    assert (probabilities[:, 1] == 0).all()
    np.testing.assert_allclose(
        probabilities[:, [0, 2]], LogisticRegression().fit(part.X, part.y).predict_proba(case.test.X)
    )


def test_seed_and_threads_are_set_unless_a_parameter_says_otherwise() -> None:
    case = numbers_sample(BINARY, n_threads=2)
    model = from_estimator(classifier=RandomForestClassifier, name="forest")()
    model.fit(case.train, None, {"n_estimators": 3}, case.context)
    assert model.estimator.random_state == case.context.seed
    assert model.estimator.n_jobs == case.context.n_threads
    model.fit(case.train, None, {"n_estimators": 3, "random_state": 7}, case.context)
    assert model.estimator.random_state == 7


@pytest.mark.parametrize("kind", [BINARY, REGRESSION])
def test_an_instance_goes_through_pickle(kind: object) -> None:
    case = numbers_sample(kind)
    plain: type[Model] = from_estimator(classifier=LogisticRegression, regressor=Ridge, name="linear_pair")
    assert plain.__qualname__ == MODEL.__qualname__
    model = MODEL()
    model.fit(case.train, None, {"alpha": 2.0} if kind is REGRESSION else {}, case.context)
    again = pickle.loads(pickle.dumps(model))
    assert type(again) is MODEL
    np.testing.assert_array_equal(again.predict(case.test.X), model.predict(case.test.X))


def test_a_model_of_nothing_is_refused() -> None:
    with pytest.raises(PluginError, match="needs a classifier, a regressor, or both"):
        from_estimator(name="nothing")

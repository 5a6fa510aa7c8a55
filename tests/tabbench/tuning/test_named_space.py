"""Named spaces are data: draws lie in their ranges, mistakes are named, and a model's own space is left alone."""

from __future__ import annotations

import json
import math

import pytest

from tabbench.discovery import find_models, load_model
from tabbench.errors import SettingsError
from tabbench.model import BINARY, TaskFacts
from tabbench.protocol import Protocol, Sampler
from tabbench.tuning.named_space import check_space, with_space
from tabbench.tuning.numbered import RandomDraws

FACTS = TaskFacts(BINARY, 100, 5, 1, 3, 2, has_missing=False)
KNN = load_model(find_models()["knn"])


def text(**parts: object) -> str:
    return json.dumps({"knn": parts})


def test_draws_lie_in_the_ranges_and_on_their_steps() -> None:
    space = text(space={"n_neighbors": {"int": [3, 41], "step": 2}, "p": {"float": [1e-8, 1.0], "log": True}})
    draws = RandomDraws(0, with_space(KNN, space), FACTS)
    drawn = [draws.ask(n) for n in range(1, 201)]
    neighbours = {d["n_neighbors"] for d in drawn if d}
    assert neighbours <= set(range(3, 42, 2))
    assert len(neighbours) > 15
    logs = sorted(math.log10(d["p"]) for d in drawn if d)
    assert -8 <= logs[0] < -7.5
    assert -5 < logs[100] < -3, "the median of a log-uniform draw is at the middle of its logarithms"


def test_default_of_a_space_lies_over_the_models_own() -> None:
    replaced = with_space(KNN, text(default={"n_neighbors": 9}))
    assert replaced.default == {**KNN.default, "n_neighbors": 9}
    assert with_space(KNN, "") is KNN
    assert with_space(KNN, json.dumps({"xgboost": {}})) is KNN


def test_space_without_a_range_draws_nothing() -> None:
    assert RandomDraws(0, with_space(KNN, text()), FACTS).ask(1) is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (["n_neighbors"], "must hold `default` and `space`"),
        ({"spaces": {}}, "must hold `default` and `space`"),
        ({"default": {"neighbours": 3}}, r"\['neighbours'\] are no parameters; known are .*n_neighbors"),
        ({"space": {"p": [1, 2]}}, "no range"),
        ({"space": {"p": {"float": [1, 2], "one_of": [1]}}}, "no range"),
        ({"space": {"p": {"float": [2, 1]}}}, "no range"),
        ({"space": {"p": {"float": [0, 1], "log": True}}}, "no range"),
        ({"space": {"n_neighbors": {"int": [0.5, 3]}}}, "no range"),
        ({"space": {"p": {"one_of": []}}}, "no range"),
        ({"space": {"p": {"float": [1, 2], "lgo": True}}}, "'lgo' means nothing"),
        ({"space": {"p": {"float": [1, 2], 3: True}}}, "3 means nothing"),
        ({"space": {"p": {"float": [1, math.inf]}}}, "must be finite numbers"),
        ({"space": {"p": {"float": [math.nan, 2]}}}, "must be finite numbers"),
        ({"space": {"p": {"float": ["1e-8", 2]}}}, "1.0e-8 is one, 1e-8 is a text"),
        ({"space": {"n_neighbors": {"int": [True, 3]}}}, "must be whole numbers"),
        ({"space": {"n_neighbors": {"int": [3, 41], "log": "no"}}}, "log must be true or false"),
        ({"space": {"n_neighbors": {"int": [3, 41], "step": 2, "log": True}}}, "leave one out"),
        ({"space": {"n_neighbors": {"int": [3, 41], "step": 0}}}, "step must be a whole number above 0"),
        ({"space": {"n_neighbors": {"int": [3, 41], "step": 0.5}}}, "step must be a whole number above 0"),
        ({"space": {"n_neighbors": {"int": [3, 41], "step": "a"}}}, "step must be a whole number above 0"),
        ({"space": {"p": {"float": [1, 2], "step": -0.1}}}, "step must be a finite number above 0"),
        ({"space": {"p": {"float": [1, 2], "step": math.inf}}}, "step must be a finite number above 0"),
        ({"space": {"weights": {"one_of": ["distance", "uniform"], "step": 2}}}, "belong to int and float"),
        ({"space": {"weights": {"one_of": ["distance", "uniform"], "log": True}}}, "belong to int and float"),
    ],
)
def test_mistakes_in_a_space_are_named(content: object, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        check_space(KNN, content, "sampler.space=mine.yaml")


def test_space_is_part_of_a_protocols_identity_only_where_there_is_one() -> None:
    plain = Protocol()
    assert "space" not in plain.identity()["sampler"]
    assert Protocol(sampler=Sampler(space=text())).protocol_id != plain.protocol_id

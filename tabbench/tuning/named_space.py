"""Put another published space in place of a model's own, so that a study can be replayed.

A named space is data: what lies over the model's default configuration, and a range for each drawn parameter::

    xgboost:
      default: {max_depth: 5}
      space:
        max_depth: {int: [2, 12], log: true}
        subsample: {float: [0.5, 1]}
        grow_policy: {one_of: [depthwise, lossguide]}
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from tabbench.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import optuna

    from tabbench.model import Model, Params, TaskFacts

KINDS = ("int", "float", "one_of")
PARTS = ("default", "space")


def with_space(model: type[Model], space: str) -> type[Model]:
    """The model with a named space, for drawing configurations; it is not for fitting, since pickle cannot find it.

    Args:
        model: As it was loaded.
        space: JSON of a named space; one without an entry for the model leaves it its own, as an empty one does.
    """
    entry = json.loads(space).get(model.card.name) if space else None
    if entry is None:
        return model
    default, ranges = (entry.get(part, {}) for part in PARTS)

    def draw(trial: optuna.Trial, task: TaskFacts) -> Params:
        return {name: _drawn(trial, name, given) for name, given in ranges.items()}

    members = {
        "card": replace(model.card, space_version=0),  # a draw must not change when the model's own space does
        "default": {**model.default, **default},
        "space": staticmethod(draw),
    }
    return cast("type[Model]", type(model.__name__, (model,), members))


def check_space(model: type[Model], content: object, where: str) -> None:
    """Hold a model's entry of a named space against the model.

    Args:
        model: Whose entry it is.
        content: As it was read.
        where: The file, for messages.

    Raises:
        SettingsError: For a part, parameter or range that is none.
    """
    place = f"{where}, {model.card.name}"
    is_entry = isinstance(content, dict) and all(isinstance(part, dict) for part in content.values())
    if not isinstance(content, dict) or not is_entry or set(content) - set(PARTS):
        raise SettingsError(f"{place}: must hold `default` and `space`, each with parameters by name.")
    entry: dict[str, Any] = {part: content.get(part, {}) for part in PARTS}
    unknown = {*entry["default"], *entry["space"]} - set(model.default)
    if unknown:
        raise SettingsError(f"{place}: {sorted(unknown)} are no parameters; known are {sorted(model.default)}.")
    for name, given in entry["space"].items():
        _check_range(f"{place}, {name}", given)


def _check_range(place: str, given: object) -> None:
    wrong = _why_no_range(given)
    if wrong is not None:
        raise SettingsError(
            f"{place}: {given!r} is no range: {wrong}. Write {{int: [low, high]}}, {{float: [low, high]}} (with log: "
            "true or step), or {one_of: [a, b]}."
        )


def _why_no_range(given: object) -> str | None:
    """What is wrong with a range, and how to mend it; None where nothing is."""
    kinds = [kind for kind in KINDS if kind in given] if isinstance(given, dict) else []
    if not isinstance(given, dict) or len(kinds) != 1 or not isinstance(given[kinds[0]], list):
        return "it needs int, float or one_of, one of them, and a list"
    extra = set(given) - {*KINDS, "log", "step"}
    if extra:
        return f"{', '.join(sorted(map(repr, extra)))} means nothing, leave it out"
    if kinds[0] != "one_of":
        return _why_no_numbers(given[kinds[0]], given, is_whole=kinds[0] == "int")
    if len(given) > 1:
        return "log and step belong to int and float, leave them out"
    return None if given["one_of"] else "there is nothing to choose from, name a value"


def _why_no_numbers(ends: list[Any], given: Mapping[str, Any], *, is_whole: bool) -> str | None:
    """The same for numbers from low to high."""
    kind, log = "whole" if is_whole else "finite", given.get("log", False)
    if len(ends) != 2 or not all(_is_number(end, is_whole) for end in ends) or ends[0] > ends[1]:
        return f"low and high must be {kind} numbers, low first (1.0e-8 is one, 1e-8 is a text)"
    if not isinstance(log, bool):
        return "log must be true or false"
    if log and ends[0] <= 0:
        return "a logarithm needs a low above 0, or leave log out"
    if "step" in given and log:
        return "step and log exclude each other, leave one out"
    if "step" in given and (not _is_number(given["step"], is_whole) or given["step"] <= 0):
        return f"step must be a {kind} number above 0, or left out"
    return None


def _is_number(value: object, is_whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if is_whole else int | float):
        return False
    return math.isfinite(value)


def _drawn(trial: optuna.Trial, name: str, given: Mapping[str, Any]) -> Any:
    log = bool(given.get("log"))
    if "int" in given:
        low, high = given["int"]
        return trial.suggest_int(name, low, high, step=given.get("step", 1), log=log)
    if "float" in given:
        low, high = given["float"]
        return trial.suggest_float(name, low, high, step=given.get("step"), log=log)
    return trial.suggest_categorical(name, given["one_of"])

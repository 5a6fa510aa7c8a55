"""Conformance: what a model says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.discovery import is_model_name, missing_library
from tabbench.hashing import canonical_json
from tabbench.model import MayBeUnavailable, Model, Params, Prepares, Skips, TaskFacts
from tabbench.task import BINARY, REGRESSION, TaskType
from tabbench.testing.case import NotApplicable, Unmet, case
from tabbench.testing.sample import numbers_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

N_DRAWS = 5


def facts(task_type: TaskType, n_rows: int, n_columns: int) -> TaskFacts:
    """A task with a third of its columns categorical."""
    n_classes = 0 if task_type is REGRESSION else 2 if task_type is BINARY else 3
    return TaskFacts(task_type, n_rows, n_columns, n_columns // 3, 20, n_classes, has_missing=True)


def draws(model: type[Model], task: TaskFacts, n_draws: int = N_DRAWS) -> Iterator[Params]:
    """Configurations of a model's space, the same for the same space."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        for seed in range(n_draws):
            study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
            yield model.space(study.ask(), task)
    finally:
        optuna.logging.set_verbosity(verbosity)


@case(mend="Fill in the fields of ModelCard; `requires` holds import names, such as ('sklearn',).")
def card_is_complete(model: type[Model]) -> None:
    """The card has a title, a family, a version of at least 1 and names its libraries."""
    card = model.card
    if not is_model_name(card.name):
        raise Unmet(f"the name {card.name!r} is not made of lower-case letters, digits and underscores")
    if not card.title.strip():
        raise Unmet("the title is empty")
    if card.version < 1 or card.space_version < 1:
        raise Unmet(f"version is {card.version} and space_version {card.space_version}")
    library = missing_library(card)
    if library is not None:
        raise Unmet(f"the library {library!r} is not installed, so the model cannot be tried here")


@case(mend="Return a dict of str, int, float, bool, None or lists of them; make objects of them in `fit`.")
def configurations_are_json(model: type[Model]) -> None:
    """`default` and what `space` returns are JSON values by name: rows store them."""
    for kind in sorted(model.card.task_types):
        for params in [model.default, model.card.smoke, *draws(model, facts(kind, 1000, 12))]:
            try:
                canonical_json(dict(params))
            except (TypeError, ValueError) as error:
                raise Unmet(f"{dict(params)} is no JSON ({error})") from error


@case(mend="Write a range that depends on the task as a fraction of it, and multiply it out in `fit`.")
def draws_do_not_depend_on_the_task(model: type[Model]) -> None:
    """A draw is the same for every task of a type, so that configurations compare over tasks."""
    for kind in sorted(model.card.task_types):
        pairs = zip(draws(model, facts(kind, 100, 4)), draws(model, facts(kind, 50_000, 300)), strict=True)
        for small, large in pairs:
            if dict(small) != dict(large):
                raise Unmet(f"on a {kind} task of 100 rows the draw is {small}, on one of 50,000 rows {large}")


@case(mend="Give `default` all the names that `fit` reads.")
def default_has_every_fixed_name(model: type[Model]) -> None:
    """A draw overlays `default`: it brings no name that `default` lacks, unless it is conditional."""
    for kind in sorted(model.card.task_types):
        names = [set(params) for params in draws(model, facts(kind, 1000, 12), 20)]
        always = set.intersection(*names) - set(model.default)
        if always:
            raise Unmet(f"`space` always draws {sorted(always)}, which `default` does not have")


@case(mend="Look at the protocol's text in tabbench/model.py.")
def hooks_answer(model: type[Model]) -> None:
    """Hooks return what the contract says: `skip` and `unavailable` a reason or None."""
    hooks: object = model  # a class that has the method has the hook
    if not isinstance(hooks, Skips | MayBeUnavailable | Prepares):
        raise NotApplicable("the model has no hooks")
    for kind in sorted(model.card.task_types):
        if isinstance(hooks, Skips):
            _check_reason("skip", kind, hooks.skip(facts(kind, 1000, 12)))
        if isinstance(hooks, MayBeUnavailable):
            _check_reason("unavailable", kind, hooks.unavailable(kind))
        if isinstance(hooks, Prepares):
            sample = numbers_sample(kind, model)
            hooks.prepare(sample.train, sample.valid, sample.context)


def _check_reason(hook: str, task_type: TaskType, answer: object) -> None:
    if answer is not None and not (isinstance(answer, str) and answer):
        raise Unmet(f"`{hook}` returned {answer!r} for {task_type}")

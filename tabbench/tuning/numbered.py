"""Draw configurations by number alone: trial n of a model is the same on every task, split and machine."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from tabbench.hashing import derive_seed

if TYPE_CHECKING:
    import optuna

    from tabbench.model import Model, TaskFacts
    from tabbench.tuning.draws import Config, Told

N_PROBES = 64
"""Random draws that a space is explored by: a name which none of them shows is rare, and drawn at random."""


class RandomDraws:
    """Independent draws: trial n of a model is the same configuration on every task, split and machine."""

    def __init__(self, seed: int, model: type[Model], facts: TaskFacts) -> None:
        self._study, self._sampler = _numbered_random_study(seed, model)
        self._model, self._facts = model, facts

    def ask(self, trial: int) -> Config | None:
        """Depends on (model, space version, sampler seed, trial) alone; None if the space is empty."""
        self._sampler.number = trial
        suggested = self._study.ask()
        config = dict(self._model.space(suggested, self._facts))
        return config if suggested.params else None

    def tell(self, trial: int, told: Told) -> None:
        """Nothing: draws do not depend on scores."""


class QmcDraws:
    """Points of a scrambled Sobol sequence: trial n is its n-th point, whatever was drawn before.

    A conditional space has a coordinate for every name that any draw shows; a draw uses those it asks for. A name
    whose range depends on the draw is drawn at random instead.
    """

    def __init__(self, seed: int, model: type[Model], facts: TaskFacts) -> None:
        self._space = _whole_space(model, facts)
        self._seed, self._model, self._facts = seed, model, facts
        self._restart()

    def ask(self, trial: int) -> Config | None:
        """Depends on (model, space version, sampler seed, trial) alone; None if the space is empty."""
        if trial < self._next:
            self._restart()
        while self._next <= trial:  # Optuna's sampler counts: points before the one asked for are passed over
            self._sampler.number = self._next
            suggested = self._study.ask(self._space)
            self._next += 1
        config = dict(self._model.space(suggested, self._facts))
        return config if suggested.params else None

    def tell(self, trial: int, told: Told) -> None:
        """Nothing: draws do not depend on scores."""

    def _restart(self) -> None:
        self._study, self._sampler = _qmc_study(self._seed, self._model, self._space)
        self._next = 1


def _numbered_random_study(seed: int, model: type[Model]) -> tuple[optuna.Study, Any]:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    class NumberedRandomSampler(optuna.samplers.BaseSampler):
        """Optuna's random sampler, seeded anew from the number of each trial."""

        number = 0

        def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            card = model.card
            self._random = optuna.samplers.RandomSampler(
                seed=derive_seed("random", card.name, card.space_version, seed, self.number)
            )

        def infer_relative_search_space(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> dict[str, Any]:
            return {}

        def sample_relative(
            self, study: optuna.Study, trial: optuna.trial.FrozenTrial, search_space: dict[str, Any]
        ) -> dict[str, Any]:
            return {}

        def sample_independent(
            self,
            study: optuna.Study,
            trial: optuna.trial.FrozenTrial,
            param_name: str,
            param_distribution: optuna.distributions.BaseDistribution,
        ) -> Any:
            return self._random.sample_independent(study, trial, param_name, param_distribution)

    sampler = NumberedRandomSampler()
    return optuna.create_study(sampler=sampler), sampler


def _whole_space(model: type[Model], facts: TaskFacts) -> dict[str, optuna.distributions.BaseDistribution]:
    """Every name that the space of a model shows, with its range; not those whose range changes."""
    study, sampler = _numbered_random_study(0, model)
    found: dict[str, optuna.distributions.BaseDistribution] = {}
    changing = set()
    for sampler.number in range(1, N_PROBES + 1):
        suggested = study.ask()
        model.space(suggested, facts)
        for name, distribution in suggested.distributions.items():
            if found.setdefault(name, distribution) != distribution:
                changing.add(name)
    return {name: found[name] for name in sorted(found) if name not in changing and not found[name].single()}


def _qmc_study(
    seed: int, model: type[Model], space: dict[str, optuna.distributions.BaseDistribution]
) -> tuple[optuna.Study, Any]:
    import optuna

    card = model.card
    _, independent = _numbered_random_study(seed, model)

    class WholeSpaceSampler(optuna.samplers.QMCSampler):
        """Optuna's QMC sampler, told the whole space in place of its first trial's."""

        number = 0

        def infer_relative_search_space(
            self, study: optuna.Study, trial: optuna.trial.FrozenTrial
        ) -> dict[str, optuna.distributions.BaseDistribution]:
            return space

        def before_trial(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            independent.number = self.number
            super().before_trial(study, trial)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = WholeSpaceSampler(
            scramble=True,
            seed=derive_seed("qmc", card.name, card.space_version, seed),
            independent_sampler=independent,
            warn_independent_sampling=False,
        )
    return optuna.create_study(sampler=sampler), sampler

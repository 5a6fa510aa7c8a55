"""Draw configurations: trial 0 is the default, the rest come from Optuna or from a list."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tabbench.errors import SettingsError
from tabbench.hashing import derive_seed
from tabbench.protocol import Sampler, SamplerKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    import optuna

    from tabbench.model import Model, TaskFacts

Config = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What became of a trial.

    Attributes:
        error: Its valid error; None if it failed or was pruned.
        seen: What the pruner saw of it: errors by step or inner fold.
    """

    error: float | None
    is_pruned: bool = False
    seen: Mapping[int, float] = field(default_factory=dict)


class Draws(Protocol):
    """The configurations of one job, asked for in order from trial 1 and told what became of them."""

    def ask(self, trial: int) -> Config | None:
        """What the sampler lays over the default configuration; None when there is nothing left to try."""
        ...

    def tell(self, trial: int, told: Told) -> None:
        """Report what became of a trial."""
        ...


def make_draws(sampler: Sampler, model: type[Model], facts: TaskFacts, job_id: str) -> Draws:
    """The sampler of a job, always from its beginning: a resumed job asks again and tells what it knows."""
    if sampler.kind is SamplerKind.FIXED:
        return FixedDraws(sampler)
    if sampler.is_adaptive:
        seed = derive_seed(sampler.kind, sampler.seed, job_id)
        return AdaptiveDraws(_adaptive_sampler(sampler.kind, seed), model, facts)
    return RandomDraws(sampler.seed, model, facts)


class FixedDraws:
    """Configurations from a list, for replays and portfolios."""

    def __init__(self, sampler: Sampler) -> None:
        self._configs = [json.loads(config) for config in sampler.configs]

    def ask(self, trial: int) -> Config | None:
        """The trial-th configuration of the list, counted from 1."""
        return self._configs[trial - 1] if trial <= len(self._configs) else None

    def tell(self, trial: int, told: Told) -> None:
        """Nothing: the list is fixed."""


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


class AdaptiveDraws:
    """Suggestions of an Optuna sampler from the job's own history, from trial 1 on."""

    def __init__(self, sampler: optuna.samplers.BaseSampler, model: type[Model], facts: TaskFacts) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(sampler=sampler)
        self._model, self._facts = model, facts
        self._open: dict[int, optuna.Trial] = {}
        self._worst: float | None = None

    def ask(self, trial: int) -> Config | None:
        """The next suggestion; None if the space is empty."""
        suggested = self._study.ask()
        self._open[trial] = suggested
        config = dict(self._model.space(suggested, self._facts))
        return config if suggested.params else None

    def tell(self, trial: int, told: Told) -> None:
        """A failed trial is told as the worst value so far, so that its neighbourhood is avoided."""
        from optuna.trial import TrialState

        suggested = self._open.pop(trial)
        for step, error in told.seen.items():
            suggested.report(error, step)
        if told.is_pruned:
            self._study.tell(suggested, state=TrialState.PRUNED)
            return
        value = self._worst if told.error is None or math.isnan(told.error) else told.error
        if value is None:
            self._study.tell(suggested, state=TrialState.FAIL)
            return
        self._study.tell(suggested, value)
        self._worst = value if self._worst is None else max(self._worst, value)


def _adaptive_sampler(kind: SamplerKind, seed: int) -> optuna.samplers.BaseSampler:
    import optuna

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return (
            optuna.samplers.TPESampler(seed=seed) if kind is SamplerKind.TPE else optuna.samplers.GPSampler(seed=seed)
        )


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


def check_fixed_configs(sampler: Sampler, model: type[Model], facts: TaskFacts) -> None:
    """Refuse a listed configuration that names what the model does not know.

    Raises:
        SettingsError: Naming the configuration, the name, and the known names.
    """
    known = set(model.default)
    draws = RandomDraws(0, model, facts)
    for trial in range(1, 17):  # a conditional space shows other names in other draws
        known |= set(draws.ask(trial) or {})
    for number, config in enumerate(sampler.configs, start=1):
        unknown = set(json.loads(config)) - known
        if unknown:
            raise SettingsError(
                f"sampler.configs: configuration {number} for {model.card.name} names {sorted(unknown)}; "
                f"known are {sorted(known)}."
            )

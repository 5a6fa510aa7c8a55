"""Choose where configurations come from: trial 0 is the default, the rest come from Optuna or from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.errors import SettingsError
from tabbench.hashing import derive_seed
from tabbench.protocol import Sampler, SamplerKind
from tabbench.tuning.adaptive import AdaptiveDraws, adaptive_sampler
from tabbench.tuning.numbered import QmcDraws, RandomDraws

if TYPE_CHECKING:
    from tabbench.model import Model, TaskFacts
    from tabbench.tuning.draws import Config, Draws, Told


def make_draws(sampler: Sampler, model: type[Model], facts: TaskFacts, job_id: str) -> Draws:
    """The sampler of a job, always from its beginning: a resumed job asks again and tells what it knows."""
    if sampler.kind is SamplerKind.FIXED:
        return FixedDraws(sampler, model.card.name)
    if sampler.kind is SamplerKind.QMC:
        return QmcDraws(sampler.seed, model, facts)
    if sampler.is_adaptive:
        seed = derive_seed(sampler.kind, sampler.seed, job_id)
        return AdaptiveDraws(adaptive_sampler(sampler.kind, seed), model, facts)
    return RandomDraws(sampler.seed, model, facts)


class FixedDraws:
    """Configurations from a list, for replays and portfolios."""

    def __init__(self, sampler: Sampler, model: str) -> None:
        self._configs = sampler.listed(model)

    def ask(self, trial: int) -> Config | None:
        """The trial-th configuration of the list, counted from 1."""
        return self._configs[trial - 1] if trial <= len(self._configs) else None

    def tell(self, trial: int, told: Told) -> None:
        """Nothing: the list is fixed."""


def check_fixed_configs(sampler: Sampler, model: type[Model], facts: TaskFacts) -> None:
    """Refuse a listed configuration that names what the model does not know.

    Raises:
        SettingsError: Naming the configuration, the name, and the known names.
    """
    known = set(model.default)
    draws = RandomDraws(0, model, facts)
    for trial in range(1, 17):  # a conditional space shows other names in other draws
        known |= set(draws.ask(trial) or {})
    for number, config in enumerate(sampler.listed(model.card.name), start=1):
        unknown = set(config) - known
        if unknown:
            raise SettingsError(
                f"sampler.configs: configuration {number} for {model.card.name} names {sorted(unknown)}; "
                f"known are {sorted(known)}."
            )

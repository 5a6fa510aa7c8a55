"""Draw configurations from what a job has seen so far: Optuna's TPE and Gaussian process."""

from __future__ import annotations

import math
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tabbench.errors import SettingsError
from tabbench.protocol import SamplerKind

if TYPE_CHECKING:
    import optuna

    from tabbench.model import Model, TaskFacts
    from tabbench.tuning.draws import Config, Told


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


def adaptive_sampler(kind: SamplerKind, seed: int) -> optuna.samplers.BaseSampler:
    """An Optuna sampler that learns.

    Raises:
        SettingsError: If it needs torch and there is none.
    """
    import optuna

    check_library(kind)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return (
            optuna.samplers.TPESampler(seed=seed) if kind is SamplerKind.TPE else optuna.samplers.GPSampler(seed=seed)
        )


def check_library(kind: SamplerKind) -> None:
    """Refuse a sampler whose library is missing.

    Raises:
        SettingsError: With the command that installs it.
    """
    if kind is SamplerKind.GP and find_spec("torch") is None:
        raise SettingsError("sampler=gp needs torch: pip install 'tabbench[network]'. sampler=tpe does without.")

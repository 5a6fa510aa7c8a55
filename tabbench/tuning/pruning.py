"""Stop what is hopeless: Optuna's pruners, over learning curves or over inner folds.

What a pruner knows is the history of its job, so a job that prunes is adaptive: resumed, it is shown the stored
curves again. Trial 0, the default configuration, is never pruned; its steps say when a pruner
begins to look.
"""

from __future__ import annotations

import math
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tabbench.protocol import PrunerKind
from tabbench.results import Status
from tabbench.tuning.rungs import RUNGS, Climb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import optuna

    from tabbench.results import FitRow, TrialRow
    from tabbench.tuning.rungs import Rung

WARMUP_PART = 4
"""The median pruner looks from a quarter of the default's steps on: before that, slow learners merely look bad."""
FIRST_RUNG_PART = 9
"""Successive halving looks first at a ninth of the default's steps, then at three and nine times that."""
REDUCTION_FACTOR = 3


class Pruning:
    """The pruner of one job, told of every trial in order from trial 0.

    For each trial: `begin`, questions while it is fitted, `end`. A trial that is stored already has no questions, and
    leaves the same state.
    """

    def __init__(self, kind: PrunerKind, job_id: str) -> None:
        self._kind = kind
        self._study = None if kind is PrunerKind.NONE else _new_study(job_id)
        self._trial: optuna.Trial | None = None
        self._seen: dict[int, float] = {}
        self._is_hopeless: dict[int, bool] = {}

    def watches(self, trial: int, fold: int) -> bool:
        """Whether it looks at the learning curve of a fit: of several inner folds at the first one's."""
        return self._kind.looks_at_curves and trial > 0 and fold == 0

    def begin(self) -> None:
        """The next trial begins."""
        if self._study is not None:
            self._trial, self._seen, self._is_hopeless = self._study.ask(), {}, {}

    def is_hopeless_at(self, rung: Rung) -> bool:
        """Whether a fit that has come so far should stop."""
        return self._sees(*rung)

    def is_hopeless_after(self, trial: int, fold: int, error: float | None) -> bool:
        """Whether the inner folds so far are enough to give a configuration up."""
        if self._kind is not PrunerKind.WILCOXON or trial == 0:
            return False
        return self._sees(fold, _number(error))

    def end(self, trial: TrialRow, fits: Sequence[FitRow]) -> dict[int, float]:
        """Note how a trial ended.

        Returns:
            What was seen of it by step or inner fold, which is what samplers are told of a pruned trial.
        """
        if self._study is None or self._trial is None:
            return {}
        if trial.trial == 0:
            self._study.pruner = _new_pruner(self._kind, fits)
        folds = [fit for fit in fits if fit.inner_fold >= 0]
        for step, error in _fold_points(folds) if self._kind is PrunerKind.WILCOXON else _curve_points(trial, folds):
            self._sees(step, error)
        _tell(self._study, self._trial, trial)
        return dict(self._seen)

    def _sees(self, step: int, error: float) -> bool:
        assert self._trial is not None
        if step not in self._seen:
            self._seen[step] = error
            with _quiet():
                self._trial.report(error, step)
                self._is_hopeless[step] = self._trial.should_prune()
        return self._is_hopeless[step]


def _new_study(job_id: str) -> optuna.Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # Hyperband deals trials to its brackets by the name of the study; nothing is ever sampled here.
    return optuna.create_study(
        study_name=job_id, sampler=optuna.samplers.RandomSampler(seed=0), pruner=optuna.pruners.NopPruner()
    )


def _new_pruner(kind: PrunerKind, default: Sequence[FitRow]) -> optuna.pruners.BasePruner:
    """The pruner, with its looks placed by the steps that the default configuration took."""
    from optuna import pruners

    n_steps = max((fit.n_steps or 1 for fit in default if fit.inner_fold == 0), default=1)
    first = max(n_steps // FIRST_RUNG_PART, 1)
    with _quiet():
        if kind is PrunerKind.MEDIAN:
            return pruners.MedianPruner(n_warmup_steps=n_steps // WARMUP_PART)
        if kind is PrunerKind.HALVING:
            return pruners.SuccessiveHalvingPruner(min_resource=first, reduction_factor=REDUCTION_FACTOR)
        if kind is PrunerKind.HYPERBAND:
            most = max(n_steps, first * REDUCTION_FACTOR)
            return pruners.HyperbandPruner(min_resource=first, max_resource=most, reduction_factor=REDUCTION_FACTOR)
        return pruners.WilcoxonPruner()


def _curve_points(trial: TrialRow, folds: Sequence[FitRow]) -> Iterator[tuple[int, float]]:
    """What a stored learning curve shows; a configuration that was scored keeps its best at all later rungs.

    Without that, who stops early would vanish from every later comparison.
    """
    climb, last = Climb(), None
    for fit in folds[:1]:
        for step, error in zip(fit.curve_step or (), fit.curve_error or (), strict=True):
            rung = climb.report(step, error)
            if rung is not None:
                yield rung
                last = rung.step
    if last is not None and trial.status is Status.OK:
        best = climb.best
        yield from ((step, best) for step in RUNGS if step > last)


def _fold_points(folds: Sequence[FitRow]) -> Iterator[tuple[int, float]]:
    yield from ((fit.inner_fold, _number(fit.valid_error)) for fit in folds if fit.status is Status.OK)


def _tell(study: optuna.Study, asked: optuna.Trial, trial: TrialRow) -> None:
    from optuna.trial import TrialState

    error = _number(trial.valid_error)
    with _quiet():
        if trial.status is Status.PRUNED:
            study.tell(asked, state=TrialState.PRUNED)
        elif math.isnan(error):
            study.tell(asked, state=TrialState.FAIL)
        else:
            study.tell(asked, error)


def _number(error: float | None) -> float:
    return math.nan if error is None else error


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna warns that some pruners are experimental, and of curves that hold no number; both are expected."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

"""What a pruner would have done to a job that ran without one, read from the job's learning curves.

Random and QMC draws do not depend on what came before, so a job with a pruner tries the same configurations, and its
fits are the same up to the step at which they are given up. One run thus tells of every pruner that looks at curves,
on the same fits and the same clock. Not for samplers that learn, which would have drawn others.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tabbench.results import Status
from tabbench.tuning.pruning import Pruning
from tabbench.tuning.rungs import Climb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.protocol import PrunerKind
    from tabbench.results import FitRow, TrialRow


class Replayed(NamedTuple):
    """A trial as the pruner would have left it.

    Attributes:
        trial: Its number.
        is_pruned: Whether it would have been given up.
        fit_seconds: What its fits would have taken.
    """

    trial: int
    is_pruned: bool
    fit_seconds: float


def replay(kind: PrunerKind, job_id: str, trials: Sequence[tuple[TrialRow, Sequence[FitRow]]]) -> tuple[Replayed, ...]:
    """Prune a job after the fact.

    Args:
        kind: A pruner that looks at learning curves.
        job_id: Names the study: Hyperband deals trials to its brackets by it.
        trials: Every trial of the job from trial 0, with its fits, none of them pruned.

    Raises:
        ValueError: If the pruner looks at inner folds, whose order of fits a stored job does not tell.
    """
    if not kind.looks_at_curves:
        raise ValueError(f"{kind} does not look at learning curves; run it instead.")
    pruning = Pruning(kind, job_id)
    return tuple(_replayed(pruning, trial, fits) for trial, fits in trials)


def _replayed(pruning: Pruning, trial: TrialRow, fits: Sequence[FitRow]) -> Replayed:
    pruning.begin()
    seconds = math.fsum(fit.fit_seconds or 0.0 for fit in fits)
    cut = _given_up(pruning, trial.trial, fits)
    if cut is None:
        pruning.end(trial, fits)
        return Replayed(trial.trial, False, seconds)
    pruning.end(replace(trial, status=Status.PRUNED, valid_error=None), (cut,))
    return Replayed(trial.trial, True, (cut.curve_seconds or (0.0,))[-1])


def _given_up(pruning: Pruning, trial: int, fits: Sequence[FitRow]) -> FitRow | None:
    """The first fit with its curve up to where the pruner stops it; None if it does not."""
    first = next((fit for fit in fits if fit.inner_fold == 0), None)
    if first is None or not pruning.watches(trial, 0):
        return None
    climb = Climb()
    for place, (step, error) in enumerate(zip(first.curve_step or (), first.curve_error or (), strict=True), 1):
        rung = climb.report(step, error)
        if rung is not None and pruning.is_hopeless_at(rung):
            return replace(
                first,
                status=Status.PRUNED,
                curve_step=(first.curve_step or ())[:place],
                curve_error=(first.curve_error or ())[:place],
                curve_seconds=(first.curve_seconds or ())[:place],
            )
    return None

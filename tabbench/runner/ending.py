"""How a fit and a trial ended: from what came out of the fit child to status, reason, predictions and scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.errors import PluginError
from tabbench.metrics import NO_SCORES, error_of_stored
from tabbench.results import Status
from tabbench.runner.fit_child import Cause
from tabbench.runner.fitting import Curve, FitFailure, FitReply
from tabbench.runner.predicted import checked, mean_of, out_of_fold
from tabbench.runner.valid import REFIT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tabbench.results import Scores
    from tabbench.runner.fit_child import Death, Outcome
    from tabbench.runner.parts import CutRows, PreparedParts
    from tabbench.runner.predicted import Predicted
    from tabbench.store.records import Prediction
    from tabbench.task import TaskData


class FitLimits(NamedTuple):
    """What one trial may take; None is no limit."""

    seconds: float | None = None
    memory_mib: float | None = None


@dataclass(frozen=True, eq=False)
class Ending:
    """How a trial ended, in the words of the schema."""

    status: Status
    reason: str | None = None
    exit_signal: str | None = None
    traceback: str | None = None
    valid: Scores = NO_SCORES
    test: Scores = NO_SCORES
    predictions: tuple[Prediction, ...] = ()


@dataclass(frozen=True, eq=False)
class EndedFit:
    """One fit of a trial, and what came of it.

    Attributes:
        valid, test: Its own predictions as they are scored; None where it made none.
    """

    parts: PreparedParts
    seed: int
    started_at: datetime
    outcome: Outcome
    status: Status
    reason: str | None = None
    exit_signal: str | None = None
    traceback: str | None = None
    valid: Predicted | None = None
    test: Predicted | None = None
    valid_error: float | None = None
    test_error: float | None = None

    @property
    def curve(self) -> Curve | None:
        """Its learning curve, of a fit that did not end well as far as the pruner saw it: a resumed job needs that."""
        if self.reply is not None:
            return self.reply.curve if self.reply.curve.step else None
        if not self.outcome.rungs:
            return None
        steps, errors = zip(*self.outcome.rungs, strict=True)
        return Curve(steps, None, errors)

    @property
    def reply(self) -> FitReply | None:
        """What the child answered, where it did."""
        return self.outcome.result if isinstance(self.outcome.result, FitReply) else None


def end_fit(
    data: TaskData,
    metric: str,
    parts: PreparedParts,
    seed: int,
    started_at: datetime,
    outcome: Outcome,
    limits: FitLimits,
) -> EndedFit:
    """Say how a fit ended, and check and score what it predicted.

    Args:
        data: The task, for its type and classes.
        metric: What it is scored by.
        parts: What it was given.
        seed: What it drew from.
        started_at: When it began.
        outcome: What the fit child did.
        limits: Of its trial.
    """
    known: dict[str, Any] = {"parts": parts, "seed": seed, "started_at": started_at, "outcome": outcome}
    result = outcome.result
    if isinstance(result, FitFailure):
        status = Status.MEMORY if result.reason.startswith("MemoryError") else Status.ERROR
        return EndedFit(**known, status=status, reason=result.reason, traceback=result.traceback)
    if not isinstance(result, FitReply):
        return EndedFit(**known, **_death(result, outcome.peak_memory_mib, limits))
    if result.is_pruned:
        last = result.curve.step[-1] if result.curve.step else 0
        return EndedFit(**known, status=Status.PRUNED, reason=f"stopped by the pruner at step {last}")
    for part, y, raw in (("valid", parts.y_valid, result.valid), ("test", parts.y_test, result.test)):
        if y is None or raw is None:
            continue
        try:
            known[part] = checked(raw, data.task, len(y))
        except PluginError as error:
            return EndedFit(**known, status=Status.ERROR, reason=f"prediction for {part}: {error}")
        known[f"{part}_error"] = error_of_stored(metric, data.task.type)(y, known[part].values)
    return EndedFit(**known, status=Status.OK)


def _death(death: Death, peak_mib: float | None, limits: FitLimits) -> dict[str, Any]:
    """Status, reason and signal of a fit whose process ended without an answer."""
    known = "" if peak_mib is None else f"; it had used {peak_mib:,.0f} MiB"
    status, reason = {
        Cause.TIME: (Status.TIMEOUT, f"still fitting after {limits.seconds or 0:g} s"),
        Cause.MEMORY: (
            Status.MEMORY, f"used {peak_mib or 0:,.0f} MiB of memory, over the limit of {limits.memory_mib or 0:,g} MiB"
        ),
        Cause.OUT_OF_MEMORY: (Status.MEMORY, f"the machine ran out of memory{known}"),
        Cause.SIGNAL: (Status.ERROR, f"the fit was ended by {death.signal_name}, twice"),
        Cause.SILENCE: (Status.ERROR, "the fit closed all its files and went on"),
        Cause.EXIT: (Status.ERROR, f"the fit ended its process with exit code {death.exit_code}"),
    }[death.cause]  # fmt: skip
    return {"status": status, "reason": reason, "exit_signal": death.signal_name}


def end_trial(data: TaskData, rows: CutRows, fits: Sequence[EndedFit]) -> Ending:
    """How a trial ended: as its last fit did, if that did not end well; else scored from the predictions of all.

    Valid is predicted out of fold. Test is predicted by the refit where there is one, else by the mean of the folds.
    """
    last = fits[-1]
    if last.status is not Status.OK:
        return Ending(last.status, _told(last, len(rows.fits)), last.exit_signal, last.traceback)
    if len(fits) < len(rows.fits):
        return Ending(Status.PRUNED, f"stopped by the pruner after {len(fits)} of {len(rows.folds)} inner folds")
    members = [fit for fit in fits if fit.parts.rows.number != REFIT]
    valid = out_of_fold([fit.valid for fit in members if fit.valid], [fold.valid for fold in rows.folds])
    predictors = [last] if last.parts.rows.number == REFIT else members
    test = mean_of([fit.test for fit in predictors if fit.test], data.task)
    return Ending(
        Status.OK,
        valid=valid.scores(data.y[rows.valid], data.task),
        test=test.scores(data.y[rows.test], data.task),
        predictions=(*valid.kept("valid", rows.valid, data.task), *test.kept("test", rows.test, data.task)),
    )


def _told(fit: EndedFit, n_fits: int) -> str | None:
    """The reason, with the fit it belongs to where there are several."""
    if n_fits == 1:
        return fit.reason
    number = fit.parts.rows.number
    return f"{'refit' if number == REFIT else f'inner fold {number}'}: {fit.reason}"

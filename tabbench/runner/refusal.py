"""Why a model is not fitted on a task at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.discovery import missing_library, why_unavailable
from tabbench.model import Skips
from tabbench.results import Status
from tabbench.runner.ending import Ending

if TYPE_CHECKING:
    from tabbench.model import Model, ModelCard, TaskFacts


def refusal(model: type[Model], facts: TaskFacts) -> Ending | None:
    """How every trial of the model would end without a fit; None if it can be fitted."""
    outside = _outside_limits(model.card, facts)
    if outside is not None and missing_library(model.card) is None:
        return Ending(Status.SKIPPED, outside)  # weights would not change it, so none are asked for
    lacking = why_unavailable(model, facts.type)
    if lacking is not None:
        return Ending(Status.UNAVAILABLE, lacking)
    hook: object = model
    reason = hook.skip(facts) if isinstance(hook, Skips) else None
    return None if reason is None else Ending(Status.SKIPPED, reason)


def refusal_as_read(card: ModelCard, n_raw: int, n_prepared: int) -> Ending | None:
    """The same for columns as the model reads them: a date is six, a column with gaps may be two."""
    if card.max_columns is None or n_prepared <= card.max_columns:
        return None
    reason = f"{n_prepared} columns as prepared from {n_raw}; {card.name} takes at most {card.max_columns}"
    return Ending(Status.SKIPPED, reason)


def _outside_limits(card: ModelCard, facts: TaskFacts) -> str | None:
    if facts.type not in card.task_types:
        return f"{card.name} does not do {facts.type} tasks"
    for what, has, most in (
        ("rows", facts.n_rows, card.max_rows),
        ("columns", facts.n_columns, card.max_columns),
        ("classes", facts.n_classes, card.max_classes),
    ):
        if most is not None and has > most:
            return f"{has} {what}; {card.name} takes at most {most}"
    return None

"""Count the jobs of a run before its tables are fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tabbench.data.catalog import is_here, load_suite
from tabbench.data.split_protocols import n_splits_of
from tabbench.data.where import OPENML
from tabbench.runner.plan import planned_models
from tabbench.runner.protocol_settings import make_protocol
from tabbench.suite import SplitsRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.runner.settings import Settings


@dataclass(frozen=True)
class Outline:
    """What a run would be, were every table here; what a model skips, and what the store holds, is not known.

    Attributes:
        n_absent: Tasks that are not in the cache.
        n_models: Models.
        n_splits: Splits of a task; None where the tables say it.
        n_trials: Trials of all models on one split.
    """

    n_tasks: int
    n_absent: int
    n_models: int
    n_splits: int | None
    n_trials: int


def outline_run(settings: Settings) -> Outline | None:
    """The outline of a run; None if all its tasks are here, or are chosen by what their tables hold.

    Raises:
        TabbenchError: For anything that is wrong with the settings.
    """
    suite = load_suite(settings.suite) if settings.suite and not settings.tasks else None
    names: Sequence[str] = suite.tasks if suite else settings.tasks
    n_absent = sum(name.startswith(OPENML) and not is_here(name) for name in names)
    if settings.where or not n_absent:
        return None
    models = planned_models(settings)
    n_asked = make_protocol(settings).limits.n_trials or 1
    n_splits = len(settings.folds) or n_splits_of(settings.protocol.splits)
    return Outline(
        n_tasks=len(names),
        n_absent=n_absent,
        n_models=len(models),
        n_splits=1 if suite and suite.splits is SplitsRun.FIRST else n_splits,
        n_trials=sum(n_asked if planned.has_space else 1 for planned in models),
    )

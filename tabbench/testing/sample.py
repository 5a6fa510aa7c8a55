"""Cut and prepare a made-up table as the runner would, and fit a model on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.metrics import error_function
from tabbench.model import Context, Model, Params, Part, Prepares, Reads, Training
from tabbench.preparation import count_facts, fit_preparation
from tabbench.task import BINARY, Array, TaskType, primary_metric
from tabbench.testing import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SEED = 1234
MAX_STEPS = 20
"""Steps a fit may take in most cases."""
FEW_STEPS = 3
"""Steps where what is asked shows after any: the suite of a network is long otherwise."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The parts of one split, prepared for a model, and the context to fit in."""

    train: Part
    valid: Part | None
    test: Part
    context: Context

    def within(self, **changes: Any) -> Sample:
        """The same parts in a changed context."""
        return replace(self, context=replace(self.context, **changes))


def context_of(raw: tables.RawTable, rows: Array, columns: Any, **changes: Any) -> Context:
    """A context for the train rows of a table: one thread, few steps, the primary metric."""
    given: dict[str, Any] = {
        "rng": np.random.default_rng(SEED),
        "seed": SEED,
        "n_threads": 1,
        "metric": primary_metric(raw.type),
        "task": count_facts(raw.X.iloc[rows], raw.type, raw.n_classes),
        "columns": columns,
        "max_steps": MAX_STEPS,
    }
    given |= changes
    return Context(error=error_function(given["metric"], raw.type, raw.n_classes), **given)


def cut(raw: tables.RawTable, reads: Reads, rows: Sequence[Array] | None = None, **changes: Any) -> Sample:
    """Prepare a table, fitted on its train rows.

    Args:
        raw: The table.
        reads: From the model's card.
        rows: Row numbers of train, valid and test; by default the first half, the next fifth, the rest.
        changes: Fields of the context.
    """
    n = len(raw.y)
    train, valid, test = rows or np.split(np.arange(n), [n // 2, n * 7 // 10])
    preparation = fit_preparation(raw.X.iloc[train], reads)
    parts = [Part(preparation.transform(raw.X.iloc[part]), raw.y[part]) for part in (train, valid, test)]
    return Sample(parts[0], parts[1], parts[2], context_of(raw, train, preparation.columns, **changes))


def numbers_sample(task_type: TaskType, model: type[Model] | None = None, **changes: Any) -> Sample:
    """Numbers alone, as the model reads them."""
    return cut(tables.numbers(task_type), model.card.reads if model else Reads(), **changes)


def auc_sample(model: type[Model]) -> Sample:
    """Two classes, stopping on 1 - AUC."""
    return cut(tables.numbers(BINARY), model.card.reads, metric="roc_auc")


def quick_params(model: type[Model]) -> Params:
    """The default configuration, made small where the card says how."""
    return {**model.default, **model.card.smoke}


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model, what `fit` returned and what it reported on the way."""

    model: Model
    training: Training | None
    curve: tuple[tuple[int, float], ...]


def fit_on(
    model: type[Model],
    sample: Sample,
    params: Params | None = None,
    stop: Callable[[int], bool] = lambda _step: False,
) -> Fitted:
    """Fit as the runner does: `prepare` first where the model has it, then `fit` with every report noted.

    Args:
        model: The plugin's class.
        sample: Parts and context.
        params: A configuration; `quick_params` if none is given.
        stop: Answers `report` for a step.
    """
    curve: list[tuple[int, float]] = []

    def report(step: int, valid_error: float) -> bool:
        curve.append((step, valid_error))
        return stop(step)

    context = replace(sample.context, report=report, rng=np.random.default_rng(sample.context.seed))
    if issubclass(model, Prepares):
        context = replace(context, prepared=model.prepare(sample.train, sample.valid, context))
    made = model()
    training = made.fit(sample.train, sample.valid, quick_params(model) if params is None else params, context)
    return Fitted(made, training, tuple(curve))

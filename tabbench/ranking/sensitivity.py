"""How much a ranking owes to its choices: every choice changed in turn, and what moves."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.aggregates import ranked, task_ranks
from tabbench.ranking.agreement import kendall_tau
from tabbench.ranking.averages import mean_over_tasks
from tabbench.ranking.elo import elo
from tabbench.ranking.imputation import Imputation, impute
from tabbench.ranking.rules import Pool, Unit
from tabbench.ranking.scores import split_improvability, split_normalised_scores
from tabbench.ranking.subsets import model_subsets, task_subsets
from tabbench.ranking.table import error_table
from tabbench.ranking.ties import TieMethod, Ties, are_tied

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from tabbench.ranking.rules import Rules
    from tabbench.ranking.table import ErrorTable
    from tabbench.task import FloatArray


class Option(StrEnum):
    """A choice that is changed."""

    METRIC = "metric"
    REGIME = "regime"
    IMPUTATION = "imputation"
    UNIT = "unit"
    TIES = "ties"
    SCORE = "score"
    TASKS = "tasks"
    ONE_TASK = "one task left out"
    MODEL = "one model left out"
    FAMILY = "one family left out"


class Alternative(NamedTuple):
    """The same entrants by other rows: another metric, another regime."""

    option: Option
    name: str
    pool: pd.DataFrame


class Variant(NamedTuple):
    """One ranking in which one choice differs.

    Attributes:
        option: The choice.
        name: What it is in this ranking.
        value: What orders the entrants of the base ranking, lower is better; NaN for those that are not ranked here.
        n_tasks: Tasks it is made over.
    """

    option: Option
    name: str
    value: FloatArray
    n_tasks: int


class Sensitivity(NamedTuple):
    """What moved.

    Attributes:
        variants: One row a variant: `option variant n_models n_tasks kendall_tau largest_move moved_model`. Only
            entrants ranked in both are compared; a move is a difference of places among them. Kendall's tau-b.
        options: One row an option: `option n_variants least_tau least_tau_variant largest_move largest_move_variant`.
        models: One row an entrant, best first: `model place best_place worst_place largest_move` and `moves_with`, the
            option and variant of its largest move.
    """

    variants: pd.DataFrame
    options: pd.DataFrame
    models: pd.DataFrame


def sensitivity(
    pool: pd.DataFrame,
    rules: Rules,
    alternatives: Sequence[Alternative] = (),
    leave_models_out: bool = True,
) -> Sensitivity:
    """Rank a pool again under every other choice, one at a time, and compare places by mean rank.

    Changed are: imputation, unit, tie rule (also ties within one standard deviation of the better's task), what
    entrants are ordered by (Elo, normalised score, improvability), the tasks (by type; size, missing cells and
    categorical share under and over the median; each left out), the pool (each model and each family left out), and
    what the alternatives bring. Where tasks or entrants are left out, gaps are those closed in the base ranking.

    Source: Kendall (1945), Biometrika 33:239-251, for tau-b.

    Args:
        pool: Tidy rows of one pool, as `leaderboard` takes them.
        rules: The base ranking's.
        alternatives: The same entrants by other rows.
        leave_models_out: Whether each model is left out in turn, which takes longest.

    Raises:
        ValueError: If the pool has nobody to rank.
    """
    import pandas as pd

    base = impute(error_table(pool), rules.impute, rules.constant, rules.reference_model).table.dense()
    if not base.models or not base.tasks:
        raise ValueError("a pool that ranks nobody has no sensitivity")
    value = _mean_ranks(base, rules)
    found = [
        _compared(value, variant, base.models)
        for variant in _variants(pool, base, rules, alternatives, leave_models_out)
    ]
    places = _places(value)
    variants = pd.DataFrame([row for row, _ in found], columns=list(_VARIANT_COLUMNS))
    moves = np.array([move for _, move in found]).reshape(len(found), len(base.models))
    return Sensitivity(variants, _by_option(variants), _by_model(base.models, places, moves, variants))


def _variants(
    pool: pd.DataFrame,
    base: ErrorTable,
    rules: Rules,
    alternatives: Sequence[Alternative],
    leave_models_out: bool,
) -> Iterator[Variant]:
    yield from _by_other_rows(base, rules, alternatives)
    yield from _by_other_rules(pool, base, rules)
    errors, task_of, n_tasks = base.errors, base.task_of, len(base.tasks)
    yield Variant(Option.SCORE, "Elo", -elo(ranked(base, rules).wins, prior=rules.prior).rating, n_tasks)
    yield Variant(Option.SCORE, "normalised score", -mean_over_tasks(split_normalised_scores(errors), task_of), n_tasks)
    if (errors >= 0).all():
        yield Variant(Option.SCORE, "improvability", mean_over_tasks(split_improvability(errors), task_of), n_tasks)
    of_task = task_ranks(base, rules)
    for name, kept in task_subsets(pool, base.tasks):
        yield Variant(Option.TASKS, name, of_task[kept].mean(axis=0), int(kept.sum()))
    for number, task in enumerate(base.tasks):
        if n_tasks > 1:
            yield Variant(Option.ONE_TASK, task, np.delete(of_task, number, axis=0).mean(axis=0), n_tasks - 1)
    for name, kept, is_family in model_subsets(pool, base.models):
        if not is_family and not leave_models_out:
            continue
        spread = np.full(len(base.models), np.nan)
        spread[kept] = _mean_ranks(base.only(models=kept), rules)
        yield Variant(Option.FAMILY if is_family else Option.MODEL, name, spread, n_tasks)


def _by_other_rows(base: ErrorTable, rules: Rules, alternatives: Sequence[Alternative]) -> Iterator[Variant]:
    for option, name, rows in alternatives:
        if len(rows):
            yield _again(option, name, rows, base, rules)


def _by_other_rules(pool: pd.DataFrame, base: ErrorTable, rules: Rules) -> Iterator[Variant]:
    for rule in Imputation:
        if rule is not rules.impute and (rule is not Imputation.REFERENCE or rules.reference):
            yield _again(Option.IMPUTATION, str(rule), pool, base, replace(rules, impute=rule))
    plain = replace(rules, ties=replace(rules.ties, deviations=0.0))
    for unit in Unit:
        if unit is not rules.unit:
            yield Variant(Option.UNIT, unit, _mean_ranks(base, replace(plain, unit=unit)), len(base.tasks))
    for method in TieMethod:
        if method is not rules.ties.method:
            ties = replace(rules.ties, method=method)
            yield Variant(Option.TIES, method, _mean_ranks(base, replace(rules, ties=ties)), len(base.tasks))
    if not rules.ties.deviations and (np.bincount(base.task_of) > 1).any():
        wide = replace(rules, unit=Unit.TASK, ties=Ties(rules.ties.method, deviations=1.0))
        yield Variant(Option.TIES, "within 1 sd, by task", _mean_ranks(base, wide), len(base.tasks))


def _again(option: Option, name: str, rows: pd.DataFrame, base: ErrorTable, rules: Rules) -> Variant:
    """A ranking made from its rows on."""
    table = impute(error_table(rows), rules.impute, rules.constant, rules.reference_model).table.dense()
    numbers = {model: i for i, model in enumerate(table.models)}
    value = np.full(len(base.models), np.nan)
    if table.models and table.tasks:
        ranks = _mean_ranks(table, rules)
        value = np.array([ranks[numbers[m]] if m in numbers else np.nan for m in base.models])
    return Variant(option, name, value, len(table.tasks))


def _mean_ranks(table: ErrorTable, rules: Rules) -> FloatArray:
    means: FloatArray = task_ranks(table, rules).mean(axis=0)
    return means


_VARIANT_COLUMNS = ("option", "variant", "n_models", "n_tasks", "kendall_tau", "largest_move", "moved_model")


def _compared(base: FloatArray, variant: Variant, models: Sequence[str]) -> tuple[tuple[object, ...], FloatArray]:
    """A row of `variants`, and each entrant's move: above 0 is down the table."""
    both = ~np.isnan(variant.value)
    moves = np.full(len(base), np.nan)
    tau = np.nan
    if both.sum() > 1:
        before, after = _places(base[both]), _places(variant.value[both])
        moves[both] = after - before
        tau = kendall_tau(before, after)
    largest = np.nanmax(np.abs(moves)) if both.sum() > 1 else np.nan
    who = models[int(np.nanargmax(np.abs(moves)))] if largest > 0 else ""
    return (str(variant.option), variant.name, int(both.sum()), variant.n_tasks, tau, float(largest), who), moves


def _places(value: FloatArray) -> FloatArray:
    """Places of entrants by a value, best first, ties sharing the middle place."""
    better = (value[:, None] < value[None, :]) & ~are_tied(value[:, None], value[None, :])
    places: FloatArray = 1.0 + better.sum(axis=0) + (len(value) - 1 - better.sum(axis=0) - better.sum(axis=1)) / 2
    return places


def _by_option(variants: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for option, group in variants.dropna(subset="largest_move").groupby("option", sort=False):
        least = group.sort_values("kendall_tau", kind="stable").iloc[0]
        most = group.sort_values("largest_move", ascending=False, kind="stable").iloc[0]
        rows.append((option, len(group), least["kendall_tau"], least["variant"], most["largest_move"],
                     most["variant"] if most["largest_move"] else "", most["moved_model"]))  # fmt: skip
    columns = ["option", "n_variants", "least_tau", "least_tau_variant", "largest_move", "largest_move_variant",
               "moved_model"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _by_model(models: Sequence[str], places: FloatArray, moves: FloatArray, variants: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    known = np.where(np.isnan(moves), 0.0, moves)
    zero = np.zeros((1, len(models)))
    furthest = np.abs(np.vstack([zero, known])).argmax(axis=0)  # 0 is the base ranking itself
    labels = ["", *(variants["option"] + ": " + variants["variant"])]
    made = pd.DataFrame({
        "model": list(models),
        "place": places,
        "best_place": places + np.vstack([zero, known]).min(axis=0),
        "worst_place": places + np.vstack([zero, known]).max(axis=0),
        "largest_move": np.abs(np.vstack([zero, known])).max(axis=0),
        "moves_with": [labels[i] for i in furthest],
    })  # fmt: skip
    return made.sort_values(["place", "model"], ignore_index=True)


def alternatives_of(
    errors: pd.DataFrame, regime: str, by_metric: dict[str, pd.DataFrame], rules: Rules
) -> list[Alternative]:
    """The other regimes and the other metrics of one regime's pool; none for a pool of all regimes."""
    if rules.pool is Pool.ALL:
        return []
    other = [
        Alternative(Option.REGIME, str(name), rows) for name, rows in errors.groupby("regime") if str(name) != regime
    ]
    return other + [
        Alternative(Option.METRIC, name, rows[rows["regime"] == regime]) for name, rows in by_metric.items()
    ]

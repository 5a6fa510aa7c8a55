"""The critical-difference diagram: mean ranks, and groups of models that a test cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from tabbench.ranking.friedman import Friedman, friedman, nemenyi_difference
from tabbench.ranking.ranks import split_ranks
from tabbench.ranking.rules import FEWEST_TASKS
from tabbench.ranking.signed_rank import pairwise_wilcoxon
from tabbench.ranking.simultaneous import groups_not_told_apart

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from tabbench.task import FloatArray, IntArray


class PairTest(StrEnum):
    """How pairs are told apart after Friedman's test.

    wilcoxon_holm: Wilcoxon's signed-rank test on relative differences, Holm over all pairs (Benavoli et al. 2016).
    nemenyi: mean ranks differ by the critical difference; a pair then depends on who else is in the pool.
    """

    WILCOXON_HOLM = "wilcoxon_holm"
    NEMENYI = "nemenyi"


@dataclass(frozen=True, eq=False)
class CriticalDifference:
    """What the diagram shows.

    Attributes:
        test: How pairs were told apart.
        alpha: Level of Friedman's test, and of the family of pairs.
        n_tasks: Tasks.
        n_families: Families of them: related tasks, such as changed copies of one, are one.
        friedman: Friedman's test, corrected for ties. Where its F is not significant, no pair is told apart.
        mean_ranks: Shape (n_models,).
        order: Models from the best to the worst mean rank.
        is_apart: Shape (n_models, n_models).
        groups: Largest groups not told apart, members in order; none under `FEWEST_TASKS` families.
        difference: Nemenyi's critical difference (infinite degrees of freedom); None for Wilcoxon's test.
    """

    test: PairTest
    alpha: float
    n_tasks: int
    n_families: int
    friedman: Friedman
    mean_ranks: FloatArray
    order: IntArray
    is_apart: NDArray[np.bool_]
    groups: tuple[tuple[int, ...], ...]
    difference: float | None


def critical_difference(
    errors: FloatArray,
    test: PairTest = PairTest.WILCOXON_HOLM,
    alpha: float = 0.05,
    families: Sequence[Hashable] | None = None,
) -> CriticalDifference:
    """Friedman's test, then pairs, then the groups that the diagram joins.

    Source: Demšar (2006), JMLR 7:1-30, sections 3.2.2 and 3.2.4; Wilcoxon's test in place of mean ranks: Benavoli,
    Corani & Mangili (2016), JMLR 17(5):1-10. Diagrams that join the first with the last of a group hide pairs that were
    told apart; here a group is a set, and may skip a model.

    Args:
        errors: Shape (n_tasks, n_models), lower is better: one value a task, so average its splits first.
        test: How pairs are told apart.
        alpha: Level.
        families: Family of each task; None where no two are related.
    """
    n_tasks, n_models = errors.shape
    over_all = friedman(errors)
    mean_ranks = split_ranks(errors).mean(axis=0)
    order = np.argsort(mean_ranks, kind="stable")
    difference = nemenyi_difference(n_models, n_tasks, alpha) if test is PairTest.NEMENYI else None
    if over_all.f_p > alpha:
        is_apart = np.zeros((n_models, n_models), dtype=bool)
    elif difference is not None:
        is_apart = np.abs(mean_ranks[:, None] - mean_ranks) > difference
    else:
        is_apart = pairwise_wilcoxon(errors) <= alpha
    n_families = n_tasks if families is None else len(set(families))
    groups = groups_not_told_apart(is_apart, order) if n_families >= FEWEST_TASKS else ()
    return CriticalDifference(
        test, alpha, n_tasks, n_families, over_all, mean_ranks, order, is_apart, groups, difference
    )


def groups_text(names: Sequence[str], values: FloatArray, groups: Sequence[Sequence[int]], order: IntArray) -> str:
    """A line a model from the best to the worst, with a column a group: models that share a bar are not told apart.

    Args:
        names: Names of the models.
        values: Shape (n_models,): what they are ordered by, shown with two decimals.
        groups: From `groups_not_told_apart`.
        order: Models from the best to the worst.

    >>> print(groups_text(["a", "bb", "c"], np.array([1.5, 3.25, 2.0]), [(0, 2), (2, 1)], np.array([0, 2, 1])))
    1.50  a   ┃
    2.00  c   ┃┃
    3.25  bb   ┃
    """
    width = max(len(name) for name in names)
    lines = []
    for model in order:
        bars = "".join("┃" if model in group else " " for group in groups)
        lines.append(f"{values[model]:.2f}  {names[model]:<{width}}  {bars}".rstrip())
    return "\n".join(lines)


def cd_diagram_text(names: Sequence[str], diagram: CriticalDifference) -> str:
    """The critical-difference diagram as lines for a terminal, with what it rests on."""
    tested = diagram.friedman
    lines = [
        f"Mean ranks of the mean errors of {diagram.n_tasks} tasks. Friedman (corrected for ties) with Iman-Davenport: "
        f"F({tested.f_degrees[0]}, {tested.f_degrees[1]}) = {tested.f:.2f}, p = {tested.f_p:.2g}.",
        groups_text(names, diagram.mean_ranks, diagram.groups, diagram.order),
    ]
    if diagram.n_families < FEWEST_TASKS:
        lines.append(f"Under {FEWEST_TASKS} families of tasks no groups are drawn.")
    elif tested.f_p > diagram.alpha:
        lines.append(f"No difference between any two models is significant at {diagram.alpha:g}.")
    elif diagram.difference is not None:
        lines.append(
            f"Models that share a bar are not told apart: mean ranks within {diagram.difference:.2f}, Nemenyi."
        )
    else:
        nemenyi = nemenyi_difference(len(names), diagram.n_tasks, diagram.alpha)
        lines.append(
            "Models that share a bar are not told apart (Wilcoxon on relative differences, Holm). "
            f"Nemenyi's critical difference of mean ranks would be {nemenyi:.2f}."
        )
    return "\n".join(lines) + "\n"

"""Two models over tasks: everything that tells whether one is better, and what of it applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tabbench.ranking.averages import task_means
from tabbench.ranking.draws import task_bootstrap
from tabbench.ranking.equivalence import ROPE, Beliefs, correlated_t_beliefs, signed_rank_beliefs
from tabbench.ranking.hierarchy import Hierarchy, hierarchical_test
from tabbench.ranking.intervals import LEVEL, bootstrap_means, intervals
from tabbench.ranking.one_task import CorrectedT, corrected_scale, corrected_t
from tabbench.ranking.rules import FEWEST_TASKS
from tabbench.ranking.signed_rank import Tested, possible_ends, relative_difference, sign_test, wilcoxon

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tabbench.task import FloatArray, IntArray

FEWEST_FOR_HIERARCHY = 3
FEW_SPLITS = 10
N_ROUNDS = 10_000


class Interval(NamedTuple):
    """Ends of an interval of level 0.95."""

    low: float
    high: float


@dataclass(frozen=True)
class TaskComparison:
    """One task.

    Attributes:
        n_splits: Splits on which both models have an error.
        first_error: Mean error of the first model over them.
        second_error: Mean error of the second.
        difference: Mean relative difference over splits, its interval and the corrected resampled t-test.
        beliefs: Bayesian correlated t-test; None with one split.
    """

    n_splits: int
    first_error: float
    second_error: float
    difference: CorrectedT
    beliefs: Beliefs | None


@dataclass(frozen=True)
class Comparison:
    """Two models over tasks; differences are first minus second, relative to the larger error.

    Attributes:
        tasks: One entry a task.
        won: Tasks on which the first has the lower error.
        lost: Tasks on which the second has.
        tied: The others.
        difference: Mean relative difference: over a task's splits, then over tasks.
        new_tasks: Its interval over draws of tasks; None under ten families of tasks.
        this_suite: Its interval over draws of these tasks' splits; None where a task has one split.
        wilcoxon: Wilcoxon's signed-rank test over tasks (zeros by Pratt).
        sign: The sign test over tasks.
        signed_rank: Bayesian signed-rank test.
        hierarchy: Bayesian hierarchical test: what most probably holds on a new task; None where it does not apply.
        next_task: Of the same: where the difference on one new task lies.
        mixing: Of the same: R̂, near 1 when its chains agree.
    """

    tasks: tuple[TaskComparison, ...]
    won: int
    lost: int
    tied: int
    difference: float
    new_tasks: Interval | None
    this_suite: Interval | None
    wilcoxon: Tested
    sign: Tested
    signed_rank: Beliefs
    hierarchy: Beliefs | None
    next_task: Beliefs | None
    mixing: float | None


def compare_models(
    errors: FloatArray,
    task_of: IntArray,
    test_per_train: FloatArray,
    families: Sequence[Hashable] | None = None,
    rope: float = ROPE,
    seed: int = 0,
) -> Comparison:
    """All tests of two models.

    Args:
        errors: Shape (n_splits, 2), lower is better, none missing: first model, second model.
        task_of: Shape (n_splits,), number of each split's task, 0..n_tasks-1.
        test_per_train: Shape (n_tasks,): test rows over train rows; 1 / (k - 1) in k-fold cross-validation.
        families: Family of each task; None where no two are related.
        rope: Half the width of the region of practical equivalence, a relative difference.
        seed: Of all draws.
    """
    splits = relative_difference(errors[:, 0], errors[:, 1])
    means = task_means(np.column_stack([splits, errors]), task_of)
    by_task = [splits[task_of == task] for task in range(len(means))]
    d = np.where(np.abs(means[:, 0]) > 1e-9, means[:, 0], 0.0)
    hierarchy, this_suite = _hierarchy(by_task, test_per_train, seed), suite_interval(by_task, test_per_train)
    return Comparison(
        tasks=tuple(_one_task(by_task[i], means[i], float(test_per_train[i]), rope) for i in range(len(d))),
        won=int((d < 0).sum()),
        lost=int((d > 0).sum()),
        tied=int((d == 0).sum()),
        difference=float(d.mean()),
        new_tasks=_new_tasks(d, families, seed),
        this_suite=None if this_suite is None else Interval(*possible_ends(*this_suite, splits)),
        wilcoxon=wilcoxon(d),
        sign=sign_test(d),
        signed_rank=signed_rank_beliefs(d, rope, seed),
        hierarchy=None if hierarchy is None else hierarchy.beliefs(rope),
        next_task=None if hierarchy is None else hierarchy.next_task(rope),
        mixing=None if hierarchy is None else hierarchy.mixing,
    )


def suite_interval(by_task: Sequence[FloatArray], test_per_train: FloatArray) -> Interval | None:
    """Interval of the mean over these tasks of the mean over their splits, for other splits of the same tasks.

    Variance: Σ v_t / T², v_t = (1/k + q) S² of task t (Nadeau & Bengio); Student's t with Satterthwaite's
    (Σ v_t)² / Σ (v_t² / (k_t - 1)) degrees of freedom. With one task it is the corrected resampled t-test's.

    Source: Nadeau & Bengio (2003), Machine Learning 52:239-281; Satterthwaite (1946), Biometrics Bulletin 2:110-114.

    Args:
        by_task: For each task shape (n_splits,).
        test_per_train: Shape (n_tasks,): q.

    Returns:
        None where a task has one split.
    """
    from scipy.special import stdtrit

    if min(map(len, by_task)) < 2:
        return None
    variance = np.array([corrected_scale(x, float(q)) ** 2 for x, q in zip(by_task, test_per_train, strict=True)])
    mean, total = float(np.mean([x.mean() for x in by_task])), float(variance.sum())
    if total == 0:
        return Interval(mean, mean)
    degrees = total**2 / float((variance**2 / np.array([len(x) - 1 for x in by_task])).sum())
    reach = float(stdtrit(degrees, (1 + LEVEL) / 2)) * np.sqrt(total) / len(by_task)
    return Interval(mean - reach, mean + reach)


def advice(comparison: Comparison) -> tuple[str, ...]:
    """Which of the tests apply to these data, a sentence each."""
    fewest = min(task.n_splits for task in comparison.tasks)
    if len(comparison.tasks) == 1:
        return (
            "One task: read the corrected resampled t-test. It asks whether the learners differ on this task, over "
            "draws of its training rows; McNemar's asks about two fits on one split. Neither speaks of other tasks.",
        )
    said = []
    if comparison.new_tasks is None:
        said.append(
            f"Under {FEWEST_TASKS} families of tasks: a demonstration. Tests over tasks can hardly find a difference "
            "here, and where tasks are related, as changed copies of one are, what they find is no evidence."
        )
    said.append(
        "To conclude on other tasks, read Wilcoxon's test: it weighs differences by their size. Where its p-value is "
        "far below the sign test's, a few large differences speak; where it is far above, many small ones do."
    )
    if comparison.hierarchy is None:
        said.append(
            f"The hierarchical test does not apply: it takes {FEWEST_FOR_HIERARCHY} tasks or more, each with two "
            "splits or more, on which something differs."
        )
    elif fewest < FEW_SPLITS:
        said.append("With few splits a task the hierarchical test is the one that counts their noise.")
    if comparison.wilcoxon.p < 0.05 and comparison.signed_rank.same > 0.5:
        said.append("A difference is found, and most likely it is too small to matter.")
    elif comparison.wilcoxon.p >= 0.05 and comparison.signed_rank.same < 0.5:
        said.append("No difference is found, but nor are the models shown to be the same.")
    said.append(
        "Only the interval for these tasks, and no test over tasks, says how they would do on this suite again."
    )
    return tuple(said)


def _one_task(splits: FloatArray, means: FloatArray, test_per_train: float, rope: float) -> TaskComparison:
    tested = corrected_t(splits, test_per_train, LEVEL)
    low, high = possible_ends(tested.low, tested.high, splits)
    return TaskComparison(
        n_splits=len(splits),
        first_error=float(means[1]),
        second_error=float(means[2]),
        difference=tested._replace(low=low, high=high),
        beliefs=correlated_t_beliefs(splits, test_per_train, rope) if len(splits) > 1 else None,
    )


def _new_tasks(d: FloatArray, families: Sequence[Hashable] | None, seed: int) -> Interval | None:
    draws = task_bootstrap(len(d), families, N_ROUNDS, seed)
    if draws.degrees + 1 < FEWEST_TASKS:
        return None
    low, high = intervals(bootstrap_means(d[:, None], draws))
    return Interval(float(low[0]), float(high[0]))


def _hierarchy(by_task: list[FloatArray], test_per_train: FloatArray, seed: int) -> Hierarchy | None:
    means = np.array([splits.mean() for splits in by_task])
    has_enough = len(by_task) >= FEWEST_FOR_HIERARCHY and min(map(len, by_task)) > 1
    if not has_enough or not means.std() or not any(splits.std() for splits in by_task):
        return None
    correlation = test_per_train / (1 + test_per_train)
    return hierarchical_test(by_task, correlation.tolist(), np.random.default_rng(seed))

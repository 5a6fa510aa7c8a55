"""Split rules by the name of the study that used them, so that a suite can be run on its splits.

A temporal or grouped task keeps its kind, with the study's counts: rows of a dated table are never dealt at random.
Splits that came with a task are kept where there are as many as the study made (OpenML's ten folds are TabZilla's own).
Otherwise rows are drawn by our generators, so a study's splits are reproduced in kind, not row by row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tabbench.errors import UnknownNameError
from tabbench.task import Role, SplitKind, SplitRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.task import Task

FEW_ROWS = 2_500
"""TabArena repeats ten times under so many rows, else three times."""
N_TABZILLA_FOLDS = 10
MOST_TRAIN, MOST_VALID, MOST_TEST = 10_000, 50_000, 50_000
"""Grinsztajn et al. take no more rows than these."""
N_DRAWS = ((6_000, 1), (3_000, 2), (1_000, 3), (0, 5))
"""Grinsztajn et al. draw so often with more test rows than these."""


def splits_of(name: str, task: Task) -> SplitRule:
    """The split rule of a study on a task.

    own: the task's.
    tabzilla: 10 stratified folds, once. Source: McElfresh et al. (2023), arXiv 2305.02997.
    tabarena: 3 stratified folds, repeated 3 times, 10 times under 2,500 rows. Source: Erickson et al. (2025), arXiv
    2506.16791.
    grinsztajn: 70 % of the rows and at most 10,000 are fitted on; of the rest 30 % are valid and 70 % are test, each at
    most 50,000; drawn 5, 3, 2 or 1 times with up to 1,000, 3,000, 6,000 or more test rows. Source: Grinsztajn et al.
    (2022), arXiv 2207.08815, appendix A.3, and the authors' code. Theirs is not stratified.

    Raises:
        UnknownNameError: If there is no such name.
    """
    if name not in SPLIT_PROTOCOLS:
        raise UnknownNameError("protocol.splits", name, SPLIT_PROTOCOLS, where="settings")
    own, rule = task.split_rule, SPLIT_PROTOCOLS[name](task)
    if own.kind is SplitKind.FIXED:
        is_bound = any(column.role in (Role.TIME, Role.GROUP) for column in task.dataset.columns)
        has_as_many = (own.n_repeats, own.n_folds) == (rule.n_repeats, rule.n_folds)
        return own if is_bound or has_as_many else rule
    return rule


def n_splits_of(name: str) -> int | None:
    """Splits that a study makes of every task alike; None where they depend on the task."""
    return {"tabzilla": N_TABZILLA_FOLDS}.get(name)


def _own(task: Task) -> SplitRule:
    return task.split_rule


def _tabzilla(task: Task) -> SplitRule:
    return _folds(task, 1, N_TABZILLA_FOLDS)


def _tabarena(task: Task) -> SplitRule:
    return _folds(task, 10 if task.dataset.n_rows < FEW_ROWS else 3, 3)


def _grinsztajn(task: Task) -> SplitRule:
    """Fractions that give their counts of rows; five folds of a fifth where time or groups bind."""
    own, n_rows = task.split_rule, task.dataset.n_rows
    if own.kind in (SplitKind.TEMPORAL, SplitKind.GROUPED):
        return _folds(task, 1, 5)
    n_fit = min(int(0.7 * n_rows), MOST_TRAIN)
    n_valid = min(int(0.3 * (n_rows - n_fit)), MOST_VALID)
    n_test = min(n_rows - n_fit - int(0.3 * (n_rows - n_fit)), MOST_TEST)
    n_draws = next(n for least, n in N_DRAWS if n_test > least)
    return SplitRule(
        SplitKind.HOLDOUT,
        n_repeats=n_draws,
        n_folds=1,
        seed=own.seed,
        test_fraction=n_test / n_rows,
        train_fraction=(n_fit + n_valid) / n_rows,
        valid_fraction=n_valid / n_rows,
        keeps_equal_rows=own.keeps_equal_rows,
    )


def _folds(task: Task, n_repeats: int, n_folds: int) -> SplitRule:
    """So many folds of the task's own kind; a temporal split holds no chance to repeat."""
    own = task.split_rule
    if own.kind is SplitKind.TEMPORAL:
        return replace(own, n_folds=n_folds)
    if own.kind is SplitKind.GROUPED:
        return replace(own, n_repeats=n_repeats, n_folds=n_folds)
    return SplitRule(SplitKind.KFOLD, n_repeats, n_folds, own.seed, keeps_equal_rows=own.keeps_equal_rows)


SPLIT_PROTOCOLS: dict[str, Callable[[Task], SplitRule]] = {
    "own": _own,
    "tabzilla": _tabzilla,
    "tabarena": _tabarena,
    "grinsztajn": _grinsztajn,
}

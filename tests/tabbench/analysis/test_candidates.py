"""Choosing among candidates reads valid alone, and the greedy portfolio is the one that plain loops find."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tabbench.analysis.candidates import Candidates, candidates


def made(n_tasks: int = 6, n_candidates: int = 5, n_splits: int = 3, seed: int = 0) -> Candidates:
    rng = np.random.default_rng(seed)
    valid, test = rng.uniform(0.1, 1, size=(2, n_tasks * n_splits, n_candidates))
    valid[0, 0], test[1, 1] = np.nan, np.nan
    names = [f"t{i}" for i in range(n_tasks)]
    return candidates(valid, test, names, np.repeat(np.arange(n_tasks), n_splits), names)


def test_loss_is_the_share_of_the_error_that_the_best_would_save() -> None:
    found = candidates(
        np.zeros((3, 3)), np.array([[0.1, 0.2, np.nan], [0.0, 0.1, 0.0], [-2.0, -1.0, -2.0]]), "ab",
        np.array([0, 0, 1]), "ab",
    )  # fmt: skip
    assert found.loss.tolist() == [[0.0, 0.5, 1.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.0]]
    assert found.task_loss.tolist() == [[0.0, 0.75, 0.5], [0.0, 0.5, 0.0]]


def test_what_is_chosen_is_best_on_valid_and_never_one_that_failed() -> None:
    found = made()
    for some in ([0], [3, 1], [0, 1, 2, 3, 4]):
        expected = []
        for split in range(len(found.loss)):
            best = min(some, key=lambda i: (found.valid[split, i], some.index(i)))
            expected.append(found.loss[split, best])
        np.testing.assert_allclose(found.chosen(some), np.reshape(expected, (6, 3)).mean(axis=1))


def test_the_portfolio_is_that_of_plain_loops_and_close_to_the_best_of_all() -> None:
    found = made(n_tasks=8, n_candidates=7, seed=1)
    members: list[int] = []
    while len(members) < 3:
        left = [i for i in range(7) if i not in members]
        members.append(min(left, key=lambda i: (round(found.chosen([*members, i]).mean(), 12), i)))
    assert found.greedy(3) == members
    best = min(found.chosen(some).mean() for some in combinations(range(7), 3))
    assert best <= found.chosen(members).mean() <= best + 0.1


def test_tasks_left_out_take_no_part_in_the_choice() -> None:
    found, out = made(seed=2), np.array([1, 4])
    changed = found.loss.copy()
    changed[np.isin(found.task_of, out)] = np.random.default_rng(3).uniform(size=(6, 5))
    other = Candidates(found.valid, changed, found.tasks, found.task_of, found.related)
    assert found.greedy(4, without=out) == other.greedy(4, without=out)


def test_related_tasks_are_one_family() -> None:
    found = candidates(np.ones((3, 1)), np.ones((3, 1)), "abc", np.arange(3), ["x", "y", "x"])
    assert [f.tolist() for f in found.families()] == [[0, 2], [1]]


def test_a_split_on_which_all_failed_is_lost_whole() -> None:
    nothing = np.full((1, 2), np.nan)
    assert candidates(nothing, nothing, "a", np.array([0]), "a").chosen([0, 1]) == pytest.approx([1.0])

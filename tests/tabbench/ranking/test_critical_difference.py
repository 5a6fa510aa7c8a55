"""The critical-difference diagram draws the published groups, and joins nothing that was told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from published_results import demsar_errors, path_of

from tabbench.ranking.critical_difference import PairTest, cd_diagram_text, critical_difference


def example() -> tuple[list[str], np.ndarray]:
    """Five classifiers on 15 tasks, the example of the package cd-diagram."""
    frame = pd.read_csv(path_of("cd_diagram_example/example.csv"))
    wide = frame.pivot(index="dataset_name", columns="classifier_name", values="accuracy")
    return list(wide.columns), 1 - wide.to_numpy()


def test_the_groups_of_cd_diagrams_example():
    """Its picture: {clf1, clf2, clf4} and {clf3, clf5}."""
    names, errors = example()
    found = critical_difference(errors)
    assert {frozenset(names[i] for i in group) for group in found.groups} == {
        frozenset({"clf1", "clf2", "clf4"}), frozenset({"clf3", "clf5"}),
    }  # fmt: skip
    assert found.mean_ranks.round(2).tolist() == [4.2, 3.77, 1.53, 3.5, 2.0]


def test_the_text_has_a_bar_a_group():
    names, errors = example()
    text = cd_diagram_text(names, critical_difference(errors)).splitlines()
    assert [line.split()[1] for line in text[1:6]] == ["clf3", "clf5", "clf4", "clf2", "clf1"]
    assert [line.index("┃") for line in text[1:6]] == [12, 12, 13, 13, 13]
    assert "F(4, 56) = 17.66" in text[0]


def test_nemenyi_on_demsars_trees():
    """Demšar (2006), section 3.2.2: C4.5 and C4.5+m+cf, and C4.5 and C4.5+m, are the pairs near CD = 1.25."""
    found = critical_difference(demsar_errors(), PairTest.NEMENYI)
    assert found.difference == pytest.approx(1.25, abs=0.005)
    assert found.mean_ranks.round(3).tolist() == [3.143, 2.0, 2.893, 1.964]
    assert not found.is_apart.any()


def test_without_a_difference_over_all_nothing_is_told_apart():
    found = critical_difference(np.random.default_rng(3).uniform(1, 2, size=(12, 6)))
    assert found.friedman.f_p > 0.05
    assert found.groups == (tuple(found.order.tolist()),)
    assert "No difference" in cd_diagram_text(list("abcdef"), found)


def test_under_ten_tasks_no_groups_are_drawn():
    found = critical_difference(np.random.default_rng(0).uniform(1, 2, size=(9, 3)))
    assert found.groups == ()
    assert "Under 10 families of tasks" in cd_diagram_text(list("abc"), found)


def test_no_groups_are_drawn_over_copies_of_one_task():
    errors = np.random.default_rng(0).uniform(1, 2, size=(12, 3))
    assert critical_difference(errors).groups
    copies = critical_difference(errors, families=["penguins"] * 12)
    assert copies.groups == ()
    assert "Under 10 families of tasks" in cd_diagram_text(list("abc"), copies)


def test_a_group_never_holds_two_that_were_told_apart():
    rng = np.random.default_rng(4)
    errors = np.exp(rng.normal(size=(30, 12)) * np.linspace(0.2, 2, 12) + np.linspace(0, 2, 12))
    found = critical_difference(errors)
    assert found.groups
    for group in found.groups:
        assert not found.is_apart[np.ix_(group, group)].any()


@pytest.mark.slow
def test_nemenyi_is_scikit_posthocs():
    """Slow for what that library imports."""
    import scikit_posthocs

    errors = np.exp(np.random.default_rng(5).normal(size=(25, 6)) + np.linspace(0, 1.5, 6))
    p = scikit_posthocs.posthoc_nemenyi_friedman(-errors).to_numpy()
    assert np.array_equal(critical_difference(errors, PairTest.NEMENYI).is_apart, p < 0.05)
    assert (p < 0.05).any()

"""Split rules on cards."""

import pytest

from tabbench.data.split_cards import parse_split, split_text
from tabbench.errors import TabbenchError
from tabbench.task import SplitKind, SplitRule, Window


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({}, SplitRule()),
        ({"keeps_equal_rows": True, "n_folds": 5}, SplitRule(n_folds=5, keeps_equal_rows=True)),
        ({"kind": "holdout", "n_repeats": 4}, SplitRule(SplitKind.HOLDOUT, 4, 1)),
        (
            {"kind": "holdout", "test_fraction": 0.2, "train_fraction": 0.5, "valid_fraction": 0.1},
            SplitRule(SplitKind.HOLDOUT, 1, 1, test_fraction=0.2, train_fraction=0.5, valid_fraction=0.1),
        ),
        (
            {"kind": "temporal", "n_folds": 1, "window": "sliding", "gap": 86400},
            SplitRule(SplitKind.TEMPORAL, 1, 1, window=Window.SLIDING, gap=86400.0),
        ),
    ],
)
def test_what_a_card_says_becomes_a_rule(said, rule):
    assert parse_split(said, "card").rule == rule


@pytest.mark.parametrize(
    "rule",
    [
        SplitRule(n_repeats=2, n_folds=4, seed=3),
        SplitRule(SplitKind.HOLDOUT, 2, 1, test_fraction=0.25),
        SplitRule(SplitKind.TEMPORAL, 1, 2, window=Window.SLIDING, gap=3.5),
        SplitRule(SplitKind.GROUPED, 2, 5),
    ],
)
def test_a_written_rule_reads_the_same(rule):
    assert parse_split(split_text(rule), "card").rule == rule


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("kfold", "must be a mapping"),
        ({"kind": "kfolds"}, "Unknown SplitKind 'kfolds'.*Did you mean kfold"),
        ({"kind": "kfold", "gap": 3}, "Unknown key 'gap'"),
        ({"kind": "temporal", "keeps_equal_rows": True}, "Unknown key 'keeps_equal_rows'"),
        ({"kind": "fixed"}, "file must be given"),
        ({"kind": "fixed", "file": 3}, "file must be a str"),
        ({"n_folds": 1}, "n_folds must be a whole number of at least 2, got 1"),
        ({"n_folds": True}, "n_folds must be a whole number"),
        ({"keeps_equal_rows": 1}, "keeps_equal_rows must be a bool"),
        ({"kind": "holdout", "n_folds": 2}, "one fold, got n_folds: 2"),
        ({"kind": "holdout", "test_fraction": 1.0}, "test_fraction must be a number between 0 and 1"),
        ({"kind": "holdout", "test_fraction": 0.6, "train_fraction": 0.5}, "are 1.1 together, over 1"),
        ({"kind": "holdout", "test_fraction": 0.6, "valid_fraction": 0.4}, "leaves nothing of train"),
        ({"kind": "temporal", "gap": -1}, "gap must be a number above 0"),
        ({"kind": "temporal", "gap": float("nan")}, "gap must be a number above 0"),
        ({"kind": "temporal", "gap": "7d"}, "gap must be a number above 0"),
        ({"kind": "temporal", "window": "slides"}, "Unknown Window 'slides'.*Did you mean sliding"),
    ],
)
def test_faults_are_named(said, words):
    with pytest.raises(TabbenchError, match=words):
        parse_split(said, "card")

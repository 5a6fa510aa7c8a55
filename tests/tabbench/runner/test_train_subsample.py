"""A model whose card says so is fitted on a part of train, and its rows tell."""

import numpy as np
import pytest
from stored_rows import all_trials
from tabbench_models.svm import SVM
from tabbench_models.svm_10k import SVM10k

from tabbench.data import catalog
from tabbench.data.splits import make_split, rows_hash
from tabbench.discovery import find_models, load_model
from tabbench.protocol import Protocol, ValidRule
from tabbench.results import Status
from tabbench.runner.parts import subsampled
from tabbench.runner.valid import InnerFold, cut_inner_folds

HOLDOUT = ("protocol.valid=holdout", "protocol.n_trials=2")


@pytest.mark.usefixtures("in_process")
def test_fits_see_so_many_rows_and_say_so(tmp_path, run, write_plugin):
    told = "assert len(train.X) == len(train.y) == context.task.n_rows == 40"
    few, most = (
        write_plugin("few", told, card=", train_subsample=40"),
        write_plugin("most", card=", train_subsample=5000"),
    )
    run(f"models=[{few},{most}]", *HOLDOUT)
    done = {(trial.trial.model, trial.trial.trial): trial for trial in all_trials(tmp_path / "store")}
    assert {trial.trial.status for trial in done.values()} == {Status.OK}
    first, second = (done["few", number].fits[0] for number in (0, 1))
    data = catalog.load_task("bundled/iris")
    split = make_split(data, 0, 0)
    [fold] = cut_inner_folds(data, split, Protocol(valid=ValidRule.HOLDOUT))
    assert (first.n_train, first.n_train_subsampled, first.n_valid) == (40, 40, len(fold.valid))
    assert first.train_rows_hash == second.train_rows_hash != rows_hash(fold.fit)
    whole = done["most", 0].fits[0]
    assert (whole.n_train, whole.n_train_subsampled) == (len(fold.fit), None)
    assert whole.train_rows_hash == rows_hash(fold.fit)


def test_rows_are_a_random_part_in_order_and_valid_is_left_alone():
    rows = np.arange(100, 200)
    valid = np.arange(5)
    fold = InnerFold(0, rows, valid, valid)
    drawn = subsampled(fold, 30, seed=1)
    assert len(np.unique(drawn.fit)) == 30
    assert np.isin(drawn.fit, rows).all()
    assert (np.diff(drawn.fit) > 0).all()
    assert drawn.stop is drawn.valid is fold.valid
    assert np.array_equal(drawn.fit, subsampled(fold, 30, seed=1).fit)
    assert not np.array_equal(drawn.fit, subsampled(fold, 30, seed=2).fit)
    assert subsampled(fold, 100, seed=1) is subsampled(fold, None, seed=1) is fold


def test_entrants_on_a_part_have_no_limit_of_rows_but_a_name_of_their_own():
    assert (SVM.card.max_rows, SVM10k.card.max_rows, SVM10k.card.train_subsample) == (10_000, None, 10_000)
    for source in find_models().values():
        card = load_model(source).card
        assert (card.train_subsample is None) or card.name.endswith(f"_{card.train_subsample // 1000}k")

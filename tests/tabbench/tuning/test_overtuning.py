import numpy as np
import pandas as pd
import pytest

from tabbench.tuning.overtuning import overtuning, relative_loss


def rows(**columns) -> pd.DataFrame:
    frame = pd.DataFrame({"model": "m", "regime": "tuned", "task": "t", "fold": [0, 1], **columns})
    return frame.assign(repeat=0)


def test_optimism_and_what_was_passed_over_are_shares_of_the_larger_error():
    [row] = overtuning(rows(error=[0.4, 0.8], valid_error=[0.3, 0.8], best_error=[0.4, 0.4])).to_dict("records")
    assert row["optimism"] == pytest.approx(np.mean([0.25, 0.0]))
    assert row["passed_over"] == pytest.approx(np.mean([0.0, 0.5]))


def test_every_task_counts_the_same():
    one = rows(error=[1.0, 1.0], valid_error=[0.5, 0.5], best_error=[1.0, 1.0])
    other = rows(error=[1.0, np.nan], valid_error=[1.0, np.nan], best_error=[1.0, np.nan]).assign(task="u")
    assert overtuning(pd.concat([one, other]))["optimism"].tolist() == [0.25]


def test_a_default_passed_nothing_over_and_an_ensemble_can_beat_every_trial():
    default = rows(error=[1.0] * 2, valid_error=[1.0] * 2, best_error=[0.5] * 2).assign(regime="default")
    ensemble = rows(error=[0.4] * 2, valid_error=[0.4] * 2, best_error=[0.5] * 2).assign(regime="tuned_ensembled")
    found = overtuning(pd.concat([default, ensemble])).set_index("regime")["passed_over"]
    assert np.isnan(found["default"])
    assert found["tuned_ensembled"] == pytest.approx(-0.2)


def test_perfect_choices_have_neither():
    assert relative_loss(np.zeros(1), np.zeros(1)).tolist() == [0.0]

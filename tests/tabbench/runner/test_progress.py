"""How far a run is, in lines."""

import pytest

from tabbench.runner.progress import Progress
from tabbench.runner.worker import TrialEnded


@pytest.mark.parametrize(("n_trials", "told"), [(4, "jobs 1/2, failed trials 1, trials 1/4,"), (None, "trials 1, 0 s")])
def test_trials_are_counted_against_what_is_known(n_trials, told, capsys):
    with Progress(2, n_trials) as progress:
        progress.trial_ended(TrialEnded(job_id="j", model="knn", task="t", status="error", reason="why"))
        progress.job_ended()
    assert told in capsys.readouterr().err

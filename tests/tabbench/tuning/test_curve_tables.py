import pandas as pd
import pytest
from synthetic_store import make_store

from tabbench.errors import DataError
from tabbench.store.database import open_database
from tabbench.tuning.curve_tables import tuning_curves


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    store = make_store(tmp_path_factory.mktemp("store"), n_trials=6)
    with open_database(store) as connection:
        return connection.execute("select * from trials").df()


def test_every_job_has_a_curve_that_ends_at_what_tuning_chose(trials: pd.DataFrame) -> None:
    curves = tuning_curves(trials)
    assert set(curves["job_id"]) == set(trials["job_id"])
    assert curves["is_exact"].all()
    last = curves.loc[curves.groupby("job_id")["n_trials"].idxmax()].set_index("job_id")
    for job_id, job in trials.groupby("job_id"):
        finished = job[job["status"] == "ok"].sort_values(["valid_error", "trial"])
        if len(finished):
            assert last.loc[job_id, "error"] == pytest.approx(finished["test_error"].iloc[0])
        assert last.loc[job_id, "n_trials"] == len(job)
        assert last.loc[job_id, "seconds"] == pytest.approx(job["total_seconds"].sum())


def test_the_order_of_rows_changes_nothing(trials: pd.DataFrame) -> None:
    keys = ["job_id", "n_trials"]
    one, other = (tuning_curves(t).sort_values(keys, ignore_index=True) for t in (trials, trials.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other)


def test_samplers_that_learn_and_pruned_jobs_get_the_order_that_happened(trials: pd.DataFrame) -> None:
    assert not tuning_curves(trials.assign(sampler="tpe"))["is_exact"].any()
    pruned = trials.copy()
    pruned.loc[(pruned["model"] == "ridge") & (pruned["trial"] == 2), "status"] = "pruned"
    curves = tuning_curves(pruned)
    assert not curves.loc[curves["model"] == "ridge", "is_exact"].any()
    assert curves.loc[curves["model"] == "trees", "is_exact"].all()


def test_jobs_without_their_default_and_refits_are_left_out(trials: pd.DataFrame) -> None:
    assert tuning_curves(trials[trials["trial"] > 0]).empty
    refits = trials.assign(refit_of=trials["refit_of"].mask(trials["trial"] == 5, 1))
    assert tuning_curves(refits)["n_trials"].max() == 5


def test_a_missing_column_is_named(trials: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"\['total_seconds'\]"):
        tuning_curves(trials.drop(columns="total_seconds"))

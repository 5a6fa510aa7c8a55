import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_store import make_store

from tabbench.cli.main import main
from tabbench.cli.regimes import missing_pools
from tabbench.data.catalog import load_task
from tabbench.derived import ensembles, kept
from tabbench.derived.ensembles import Pool, make_ensembles
from tabbench.metrics import error_of, score
from tabbench.store.database import open_database
from tabbench.store.history import read_job
from tabbench.store.layout import Store, job_of
from tabbench.store.leaderboard_rows import read_errors
from tabbench.store.shards import read_shard, write_shard


@pytest.fixture
def store(real_store: Store, tmp_path: Path) -> Store:
    """A copy of the real store that a test may change."""
    shutil.copytree(real_store.root, tmp_path / "store")
    return Store(tmp_path / "store")


def pools_of(store: Store) -> list[Pool]:
    with open_database(store) as connection:
        return missing_pools(read_errors(connection, with_ensembles=True).errors)


def rows_of(store: Store, sql: str) -> list[tuple]:
    with open_database(store) as connection:
        return connection.execute(sql).fetchall()


def test_an_ensemble_is_the_weighted_mean_of_kept_predictions_and_scored_as_every_prediction_is(store: Store):
    pools = pools_of(store)
    made = make_ensembles(store, pools)
    assert (made.n_new, made.n_held, made.notices) == (len(pools), 0, ())
    y = load_task("bundled/penguins").y
    task_type = load_task("bundled/penguins").task.type
    columns = "job_ids[1], member_trials, member_weights, valid_error, test_error, test_accuracy, n_candidates"
    rows = rows_of(store, f"select {columns} from ensembles")
    assert len(rows) == 4
    assert max(len(row[1]) for row in rows) > 1
    for job_id, trials, weights, valid_error, test_error, test_accuracy, n_candidates in rows:
        kept = {done.trial.trial: done for done in read_job(store, job_id, with_predictions=True)}
        assert len(kept) == n_candidates
        for part, expected in ((0, valid_error), (1, test_error)):
            predictions = [kept[t].predictions[part] for t in trials]
            mean = sum(w * p.values.astype(float) for w, p in zip(weights, predictions, strict=True))
            scores = score(y[predictions[0].rows], mean, task_type)
            assert error_of(scores, "log_loss") == pytest.approx(expected, rel=1e-12)
        assert scores.accuracy == pytest.approx(test_accuracy)
        assert valid_error <= min(done.trial.valid_error for done in kept.values()) + 1e-12


@pytest.mark.slow
def test_nothing_is_made_twice_and_an_extended_job_is_made_anew(store: Store):
    pools = pools_of(store)
    make_ensembles(store, pools)
    assert make_ensembles(store, pools) == (0, len(pools), ())
    shard = next(path for path in store.all_shards() if path.name.startswith(pools[0].job_ids[0]))
    _forget_last_trial(shard)
    assert len(rows_of(store, "select * from ensembles")) == 3
    assert [pool.job_ids[0] for pool in pools_of(store)] == [job_of(shard)]
    again = make_ensembles(store, pools)
    assert (again.n_new, again.n_held) == (1, 3)
    assert len(rows_of(store, "select * from ensembles")) == 4
    assert len(rows_of(store, "select * from all_ensembles")) == 5


def _forget_last_trial(shard: Path) -> None:
    table = read_shard(shard)
    write_shard(shard, table.slice(0, table.num_rows - 1))


@pytest.mark.slow
def test_a_portfolio_chooses_from_the_jobs_of_several_models_on_one_split(store: Store):
    jobs = dict(rows_of(store, "select model, job_id from jobs where fold = 0"))
    pool = Pool((jobs["honest"], jobs["constant"]), "brier")
    assert make_ensembles(store, [pool]).n_new == 1
    [(names, candidates, valid_error)] = rows_of(store, "select job_ids, n_candidates, valid_error from ensembles")
    assert names == list(pool.job_ids)
    assert candidates == 13
    [(best,)] = rows_of(store, f"select min(valid_brier) from trials where job_id in {pool.job_ids}")
    assert valid_error <= best + 1e-12
    assert make_ensembles(store, [Pool(pool.job_ids[::-1], "brier")]).n_new == 1  # its inputs are listed in that order
    other_split = rows_of(store, "select job_id from jobs where model = 'constant' and fold = 1")[0][0]
    assert "different rows" in make_ensembles(store, [Pool((jobs["honest"], other_split), "brier")]).notices[0]


def test_labels_that_are_not_those_of_the_run_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch):
    data = load_task("bundled/penguins")
    monkeypatch.setattr(kept, "_task", lambda name: replace(data, y=(data.y + 1) % 3))
    made = make_ensembles(store, pools_of(store))
    assert made.n_new == 0
    assert "labels of bundled/penguins here are not those" in made.notices[0]


@pytest.mark.slow
def test_jobs_without_predictions_or_whose_task_is_not_here_are_told(store: Store, tmp_path: Path):
    shutil.rmtree(store.root / "predictions")
    (store.root / "predictions").mkdir()
    assert make_ensembles(store, pools_of(store)).notices == ("No ensemble of 4 jobs: no predictions were kept.",)
    invented = make_store(tmp_path / "invented", n_folds=1)
    [told, *_] = make_ensembles(invented, pools_of(invented)).notices
    assert "bundled/alpha cannot be opened here" in told


@pytest.mark.slow
def test_rank_makes_them_shows_them_and_remembers_them(store: Store, capsys: pytest.CaptureFixture[str]):
    root = str(store.root)
    assert main(["rank", "--store", root, "--csv"]) == 0
    assert "tuned_ensembled" not in capsys.readouterr().out
    assert main(["rank", "--store", root, "--regime", "tuned_ensembled", "--metric", "accuracy", "--csv"]) == 0
    table = capsys.readouterr().out
    assert {line.split(",")[1] for line in table.splitlines()[1:]} == {"tuned_ensembled"}
    assert main(["rank", "--store", root, "--csv"]) == 0
    assert "honest,tuned_ensembled," in capsys.readouterr().out
    before = {p.stat().st_mtime_ns for p in (store.root / "documents" / "all_ensembles").iterdir()}
    assert main(["rank", "--store", root, "--regime", "tuned_ensembled"]) == 0
    assert {p.stat().st_mtime_ns for p in (store.root / "documents" / "all_ensembles").iterdir()} == before


def test_all_leaves_out_a_regime_that_is_not_complete_and_says_so(store: Store, capsys: pytest.CaptureFixture[str]):
    make_ensembles(store, pools_of(store)[:2])
    assert main(["rank", "--store", str(store.root), "--csv"]) == 0
    out, err = capsys.readouterr()
    assert "tuned_ensembled" not in out
    assert "2 jobs without an ensemble of trials" in err


def test_the_errors_of_the_regime_are_those_of_the_ensembles(store: Store):
    make_ensembles(store, pools_of(store))
    with open_database(store) as connection:
        errors = read_errors(connection, with_ensembles=True).errors
        ensembles = dict(connection.execute("select job_ids[1], test_error from ensembles").fetchall())
        members = connection.execute(
            "select job_id, sum(fit_seconds) from trials join (select job_ids[1] as job_id, unnest(member_trials) as "
            "trial from ensembles) using (job_id, trial) group by job_id"
        ).fetchall()
    errors = errors[errors["model"] != "constant"]  # has one configuration, which stands for itself
    found = errors[errors["regime"] == "tuned_ensembled"].set_index("job_id")
    assert found["error"].to_dict() == ensembles
    assert found["fit_seconds"].to_dict() == pytest.approx(dict(members))
    tuned = errors[errors["regime"] == "tuned"].set_index("job_id")
    assert found["search_seconds"].to_dict() == tuned["search_seconds"].to_dict()


@pytest.mark.slow
def test_test_predictions_choose_no_member(store: Store, monkeypatch: pytest.MonkeyPatch):
    pools = pools_of(store)
    make_ensembles(store, pools)
    query = "select job_ids, member_trials, member_weights, valid_error from ensembles order by all"
    members = rows_of(store, query)
    tests = rows_of(store, "select test_error from ensembles order by job_ids")
    shutil.rmtree(store.root / "documents" / "all_ensembles")

    def shuffled(*given: object) -> kept.KeptJob:
        job = kept.read_kept(*given)  # type: ignore[arg-type]  # the arguments of `read_kept`
        y_test = np.random.default_rng(0).permutation(job.y_test)
        return replace(job, y_test=y_test, trials=tuple(replace(t, test=t.test[::-1]) for t in job.trials))

    monkeypatch.setattr(ensembles, "read_kept", shuffled)
    assert make_ensembles(store, pools).n_new == len(pools)
    assert rows_of(store, query) == members
    assert rows_of(store, "select test_error from ensembles order by job_ids") != tests

"""A regime shows the times of the timing pass once all of it is timed, and says which times it shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main
from tabbench.cli.site import rows_by
from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.documents import write_document
from tabbench.store.leaderboard_rows import read_errors
from tabbench.store.published_times import with_published_times
from tabbench.timings import TimingRow


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path / "store")


def rows_of(store, regime):
    with open_database(store) as connection:
        rows = read_errors(connection)
        return with_published_times(connection, rows._replace(errors=rows.errors[rows.errors["regime"] == regime]))


def write_timings(store, but=0):
    """Time the default of every model on the first split of every task, all but a few."""
    query = "select distinct on (model, task) * from best_trials where regime = 'default' order by model, task, fold"
    with open_database(store) as connection:
        trials = connection.execute(query).df().to_dict("records")
    for seconds, trial in enumerate(trials[but:], start=1000):
        write_document(store, "all_timings", TimingRow(
            job_id=trial["job_id"], trial=0, attempt=trial["attempt"], model=trial["model"],
            source_hash=trial["source_hash"], task=trial["task"], repeat=0, fold=trial["fold"], status=Status.OK,
            reason=None, n_repeats=3, n_fits=1, n_train=60, n_test=30, valid_error=0.5, fit_seconds=float(seconds),
            fit_seconds_each=(1.0, 2.0, 3.0), predict_seconds=7.0, predict_row_seconds=0.1, cpu_seconds=1.0,
            peak_memory_mib=100.0, model_bytes=10, no_model_bytes=None, n_threads=1, n_beside=1, load=0.0,
            environment_id=trial["environment_id"], worker_id="w1", made_at=datetime.now(UTC),
        ))  # fmt: skip
    return {(trial["model"], trial["task"]): 1000.0 + i for i, trial in enumerate(trials[but:])}


def test_without_timings_nothing_is_changed_or_said(store):
    with open_database(store) as connection:
        plain = read_errors(connection)
    rows = rows_of(store, "default")
    assert rows.notices == plain.notices
    assert set(rows.errors["fit_seconds"].dropna()) <= set(plain.errors["fit_seconds"].dropna())


def test_a_regime_timed_as_a_whole_shows_these_times_on_every_split(store):
    seconds = write_timings(store)
    rows = rows_of(store, "default")
    finished = rows.errors[rows.errors["error"].notna()]
    shown = {(r.model, r.task): r.fit_seconds for r in finished.itertuples()}
    assert shown == {pair: seconds[pair] for pair in shown}
    assert set(finished["predict_seconds"]) == {7.0}
    assert "regime default are those of the timing pass" in rows.notices[-1]


def test_a_regime_timed_in_part_keeps_the_times_of_the_shared_machine_and_says_so(store):
    write_timings(store, but=1)
    rows = rows_of(store, "default")
    assert (rows.errors["fit_seconds"].dropna() < 1000).all()
    assert "seen on a shared machine" in rows.notices[-1]
    assert "tabbench time" in rows.notices[-1]


@pytest.mark.slow
def test_the_command_that_measures_names_the_store_but_on_no_page(store, capsys):
    write_timings(store, but=1)
    assert main(["rank", "--store", str(store.root), "--regime", "default"]) == 0
    assert f"`tabbench time --store {store.root}` measures them." in capsys.readouterr().err
    notices = " ".join(rows_by(store.root, None, None, latest=False).notices)
    assert "`tabbench time` measures them." in notices
    assert str(store.root) not in notices

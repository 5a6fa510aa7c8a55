"""Stores put together: the same row once, contradictions told, nothing lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stored_rows import stable_rows
from synthetic_store import finished_trial, make_store, write_job

from tabbench.cli.main import main
from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.merging import merge

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def stores(tmp_path: Path) -> tuple[Store, Store]:
    """Two that share the jobs of one model; the second has a journal that is under way."""
    one = make_store(tmp_path / "one", models=("constant", "ridge"), n_folds=1, n_trials=2)
    other = make_store(tmp_path / "other", models=("ridge", "trees"), n_folds=1, n_trials=2)
    write_job(other, "trees", "bundled/new", trials=[0, 1], is_finished=False)
    return one, other


def test_rows_are_the_union_with_their_predictions(tmp_path: Path) -> None:
    one = make_store(tmp_path / "one", models=("constant", "ridge"), n_folds=1, n_trials=2)
    other = Store(tmp_path / "other").create()
    write_job(other, "ridge", "bundled/alpha", trials=[0, 1, 2])
    write_job(other, "trees", "bundled/new", trials=[0, 1], is_finished=False)
    alone = {str(row) for store in (one, other) for row in stable_rows(store.root)}
    merged = merge([one, other], Store(tmp_path / "new"))
    rows = [str(row) for row in stable_rows(tmp_path / "new")]
    assert set(rows) == alone
    assert len(rows) == len(alone) == merged.n_trials
    assert merged.n_same == 2
    assert merged.conflicts == ()
    with open_database(Store(tmp_path / "new")) as connection:
        kept = connection.execute("SELECT count(*), count(DISTINCT (job_id, trial, part)) FROM predictions").fetchall()
    assert kept[0][0] == kept[0][1] > 0


def test_contradictions_are_told_and_the_first_store_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = Store(tmp_path / "one").create(), Store(tmp_path / "other").create()
    job = write_job(one, trials=[0, 1], skill=1)
    write_job(other, trials=[0], skill=5)
    write_job(other, trials=[1], skill=1)
    code = main(["store", "merge", str(one.root), str(other.root), "-o", str(tmp_path / "new"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == 1
    (conflict,) = found["conflicts"]
    assert (conflict["job_id"], conflict["trial"]) == (job, 0)
    assert {"valid_error", "fits.valid_error"} <= set(conflict["columns"])
    assert stable_rows(tmp_path / "new") == stable_rows(one.root)


def test_predictions_are_of_the_store_whose_row_is_kept_also_when_only_the_other_has_a_shard(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "one").create(), Store(tmp_path / "other").create()
    write_job(one, trials=[0], seed=1, status=Status.OK, is_finished=False)
    write_job(other, trials=[0], seed=2, status=Status.OK)
    merged = merge([one, other], Store(tmp_path / "new"))
    assert (merged.n_trials, merged.n_same) == (1, 1)
    with open_database(Store(tmp_path / "new")) as connection:
        found = dict(connection.execute('SELECT part, "values" FROM predictions').fetchall())
    assert found == {p.part: p.values.ravel().tolist() for p in finished_trial(seed=1, status=Status.OK).predictions}


def test_a_folder_that_holds_something_and_a_store_that_is_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = stores(tmp_path)
    assert main(["store", "merge", str(one.root), str(other.root), "-o", str(other.root)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert main(["store", "merge", str(one.root), str(tmp_path / "none"), "-o", str(tmp_path / "new")]) == 2
    assert "There is no store" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_check_finds_nothing_in_a_whole_store_and_names_each_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, _ = stores(tmp_path)
    assert main(["store", "check", "--store", str(one.root)]) == 0
    assert main(["store", "compact", "--store", str(one.root)]) == 0
    assert main(["store", "check", "--store", str(one.root)]) == 0
    write_job(one, "ridge", "bundled/more", trials=[0, 1])
    job = write_job(one, "trees", "bundled/more", trials=[0])
    one.shard(job, 1).write_bytes(one.shard(job, 1).read_bytes()[:50])
    next((one.root / "predictions").glob("*/*.parquet")).unlink()
    capsys.readouterr()
    assert main(["store", "check", "--store", str(one.root), "--json"]) == 1
    told = {fault["what"].split(":")[0] for fault in json.loads(capsys.readouterr().out)["faults"]}
    assert "cannot be read" in told
    assert any("stand in no row of tasks" in what for what in told)

"""A verified bundle becomes a store that holds the same trials; no other does."""

from __future__ import annotations

import pytest
from stored_rows import all_trials, stable_rows

from tabbench.cli import main as tabbench
from tabbench.store.database import open_database
from tabbench.store.layout import Store


@pytest.mark.parametrize("name", ["bundle", pytest.param("other_bundle", marks=pytest.mark.slow)])
def test_a_verified_bundle_becomes_a_store(name, request, tmp_path, capsys):
    path, folder = request.getfixturevalue(name), tmp_path / "new"
    assert tabbench.main(["submit", "verify", str(path), "--unpack", str(folder)]) == 0
    original = request.getfixturevalue("store").root if name == "bundle" else path.parent / "store"
    assert stable_rows(folder) == stable_rows(original)
    assert [done.trial.fit_seconds for done in all_trials(folder)] == [
        done.trial.fit_seconds for done in all_trials(original)
    ]
    with open_database(Store(folder)) as connection:
        orphans = connection.execute(
            "SELECT count(*) FROM trials t LEFT JOIN tasks USING (task_hash, splits_hash) LEFT JOIN models USING "
            "(source_hash) LEFT JOIN environments USING (environment_id) LEFT JOIN workers USING (worker_id) "
            "LEFT JOIN datasets d ON d.dataset_hash = t.dataset_hash LEFT JOIN protocols USING (protocol_id) "
            "WHERE tasks.task IS NULL OR models.model IS NULL OR python IS NULL OR pid IS NULL OR d.title IS NULL "
            "OR settings IS NULL"
        ).fetchall()
    assert orphans == [(0,)]


def test_a_bundle_that_is_not_verified_is_not_unpacked(changed, tmp_path, capsys):
    def change(members):
        name = f"trials/{members.jobs[0]}.jsonl"
        members.put(name, members.lines(name)[:1])

    assert tabbench.main(["submit", "verify", str(changed(change)), "--unpack", str(tmp_path / "new")]) == 2
    assert "only a verified bundle" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_something_is_left_alone(bundle, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("keep")
    assert tabbench.main(["submit", "verify", str(bundle), "--unpack", str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]

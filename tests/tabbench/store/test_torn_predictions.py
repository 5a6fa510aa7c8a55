"""A prediction file that is cut short is set aside, and the others can still be asked."""

from __future__ import annotations

from synthetic_store import make_store

from tabbench.store.database import open_database


def test_file_cut_short_is_named_and_the_rest_can_be_read(tmp_path, capsys):
    store = make_store(tmp_path, models=["a", "b"], tasks=["t"], n_folds=2, n_trials=2, seed=0)
    files = sorted((store.root / "predictions").glob("*/*.parquet"))
    with open_database(store) as connection:
        (whole,) = connection.execute("SELECT count(*) FROM predictions").fetchall()
    files[0].write_bytes(files[0].read_bytes()[:-20])
    with open_database(store) as connection:
        (rest,) = connection.execute("SELECT count(*) FROM predictions").fetchall()
    assert 0 < rest[0] < whole[0]
    assert "cut short" in capsys.readouterr().err
    assert [path.name for path in store.broken.iterdir()] == [files[0].name]

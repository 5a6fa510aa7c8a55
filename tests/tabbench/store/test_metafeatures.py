"""Metafeatures in a store: shards, a long table, a wide view, one row a task."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from tabbench.errors import StoreError
from tabbench.metafeature_rows import FeatureStatus, MetafeatureRow
from tabbench.store import metafeatures, shards
from tabbench.store.checking import check
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.metafeatures import held_extractions, task_metafeatures, write_metafeatures


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store").create()


def row(feature: str, value: float | None, extraction: str = "aa1", task: str = "bundled/a", fold: int = 0, **more):
    facts = {
        "extraction_id": extraction, "attempt": 1, "task": task, "task_hash": f"hash of {task}", "dataset_hash": "d",
        "splits_hash": "s", "repeat": 0, "fold": fold, "feature_group": feature.partition(".")[0], "feature": feature,
        "value": value, "status": FeatureStatus.OK if value is not None else FeatureStatus.UNDEFINED,
        "reason": None if value is not None else "no numeric column", "reads_test": False, "source": "tabbench",
        "source_version": "1", "n_train": 9, "n_rows_used": 9, "n_columns_used": 2, "max_rows": None, "rows_hash": "r",
        "seed": 0, "seconds": 0.1, "limit_seconds": 5.0, "limit_memory_mib": None, "environment_id": "e",
        "worker_id": "w", "started_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    return MetafeatureRow(**(facts | more))


def query(store: Store, sql: str):
    with open_database(store) as con:
        return con.execute(sql).fetchall()


def test_an_empty_store_has_empty_tables(store):
    assert query(store, "from metafeatures") == []
    assert query(store, "from metafeatures_wide") == []
    with open_database(store) as con:
        assert task_metafeatures(con).empty


def test_rows_come_back_long_and_wide(store):
    write_metafeatures(store, [row("general.nr_inst", 9.0), row("general.nr_attr", None)])
    write_metafeatures(store, [row("drift.told_apart", 0.5, "aa2", reads_test=True)])
    assert query(store, "select feature, value, status, reason from metafeatures order by feature") == [
        ("drift.told_apart", 0.5, "ok", None),
        ("general.nr_attr", None, "undefined", "no numeric column"),
        ("general.nr_inst", 9.0, "ok", None),
    ]
    wide = 'select task, fold, "general.nr_inst", "drift.told_apart" from metafeatures_wide'
    assert query(store, wide) == [("bundled/a", 0, 9.0, 0.5)]


def test_the_last_attempt_and_the_last_computed_are_shown(store):
    later = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=1)
    write_metafeatures(store, [row("general.nr_inst", 1.0)])
    write_metafeatures(store, [row("general.nr_inst", 2.0, attempt=2, started_at=later)])
    assert query(store, "select value from metafeatures") == [(2.0,)]
    write_metafeatures(store, [row("general.nr_inst", 3.0, "ab9", max_rows=5, started_at=later + timedelta(hours=1))])
    assert query(store, "select value from metafeatures") == [(3.0,)]
    assert query(store, 'select "general.nr_inst" from metafeatures_wide') == [(3.0,)]
    assert query(store, "select count(*) from all_metafeatures") == [(3,)]


def test_a_task_is_told_by_the_median_of_its_splits_and_never_by_test_inputs(store):
    for fold, value in enumerate([1.0, 5.0, 2.0]):
        write_metafeatures(store, [row("general.nr_inst", value, f"aa{fold}", fold=fold)])
    write_metafeatures(store, [row("statistical.cor.max", math.inf, "bb1"), row("statistical.cor.min", 0.5, "bb1")])
    write_metafeatures(store, [row("drift.told_apart", 0.9, "cc1", task="bundled/b", reads_test=True)])
    with open_database(store) as con:
        table = task_metafeatures(con)
        assert table.loc["bundled/a"].to_dict() == {"general.nr_inst": 2.0, "statistical.cor.min": 0.5}
        assert list(table.index) == ["bundled/a"]
        assert task_metafeatures(con, with_test=True).loc["bundled/b", "drift.told_apart"] == 0.9


def test_what_is_held_tells_the_last_attempt_and_its_limits(store):
    write_metafeatures(store, [row("a.b", None, status=FeatureStatus.TIMEOUT, reason="spent")])
    write_metafeatures(store, [row("a.b", 1.0, attempt=2), row("a.c", None, attempt=2)])
    with open_database(store) as con:
        held = held_extractions(con)["aa1"]
    assert (held.attempt, held.statuses, held.limit_seconds) == (2, frozenset({"ok", "undefined"}), 5.0)


def test_a_torn_shard_is_set_aside_and_the_rest_is_read(store):
    write_metafeatures(store, [row("a.b", 1.0)])
    write_metafeatures(store, [row("a.b", 1.0, "bb1", task="bundled/b")])
    path = store.metafeatures("bb1", 1)
    path.write_bytes(path.read_bytes()[:-20])
    (fault,) = check(store).faults
    assert fault.where.endswith("bb1-1.parquet")
    assert query(store, "select task from metafeatures") == [("bundled/a",)]
    assert [p.name for p in store.broken.iterdir() if p.suffix == ".parquet"]


def test_a_shard_of_a_later_version_is_refused(store, monkeypatch):
    monkeypatch.setattr(metafeatures, "SCHEMA_VERSION", 99)
    write_metafeatures(store, [row("a.b", 1.0)])
    monkeypatch.setattr(metafeatures, "SCHEMA_VERSION", shards.SCHEMA_VERSION)
    with pytest.raises(StoreError, match="99"):
        query(store, "from metafeatures")

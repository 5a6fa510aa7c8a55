"""What was handed to a cluster is found again, in the order it was handed over."""

from __future__ import annotations

import pytest

from tabbench.errors import StoreError
from tabbench.store.launches import BundleEnd, FailedJob, Launch, launch_folder, launches_of
from tabbench.store.layout import Store


def launch(launch_id: str, engine_id: str = "") -> Launch:
    return Launch(launch_id, "slurm", engine_id, 2, 5, 50, "login", "2026-01-01T00:00:00+00:00")


def test_launches_come_back_in_order_and_a_second_writing_replaces_the_first(tmp_path):
    store = Store(tmp_path)
    assert launches_of(store) == []
    for one in (launch("20260102"), launch("20260101"), launch("20260102", "77")):
        launch_folder(store, one.launch_id).write(one)
    assert launches_of(store) == [launch("20260101"), launch("20260102", "77")]


def test_ends_come_back_by_number(tmp_path):
    folder = launch_folder(Store(tmp_path), "one")
    ends = [
        BundleEnd(number, 1, 0, (FailedJob("ab", "knn", "iris", "why"),), "n1", f"7_{number}", "2026-01-01T00:00:00")
        for number in (0, 10, 9)
    ]
    for end in ends:
        folder.write_end(end)
    assert folder.ends() == {end.number: end for end in ends}


def test_record_that_is_torn_is_named(tmp_path):
    folder = launch_folder(Store(tmp_path), "one")
    folder.root.mkdir(parents=True)
    (folder.root / "launch.json").write_text('{"launch')
    with pytest.raises(StoreError, match="no row is in it"):
        launches_of(Store(tmp_path))

"""Metafeatures of a store are read as they are, but for those that look at test inputs."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from synthetic_store import make_store

from tabbench.cli.main import main
from tabbench.hashing import content_id
from tabbench.metafeature_rows import FeatureStatus, MetafeatureRow
from tabbench.store.metafeatures import write_metafeatures

if TYPE_CHECKING:
    from pathlib import Path

TASKS = tuple(f"bundled/t{i:02}" for i in range(11))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Eleven tasks with three metafeatures, of which one looks at test inputs."""
    made = make_store(
        tmp_path_factory.mktemp("store"), models=("ridge", "trees"), tasks=TASKS, n_folds=1, n_trials=1
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for number, task in enumerate(TASKS):
        values = {"general.nr_inst": 100.0 * (number + 1), "general.nr_attr": float(rng.integers(3, 30)),
                  "drift.unseen": rng.uniform()}  # fmt: skip
        write_metafeatures(made, [row(task, feature, value) for feature, value in values.items()])
    return str(made.root)


def row(task: str, feature: str, value: float) -> MetafeatureRow:
    group = feature.partition(".")[0]
    return MetafeatureRow(
        extraction_id=content_id([task, "all"]), attempt=1, task=task, task_hash=content_id(task),
        dataset_hash=content_id([task]), splits_hash=content_id([task, "splits"]), repeat=0, fold=0,
        feature_group=group, feature=feature, value=value, status=FeatureStatus.OK, reason=None,
        reads_test=group == "drift", source="tabbench", source_version="1", n_train=80, n_rows_used=80,
        n_columns_used=5, max_rows=None, rows_hash="a" * 16, seed=0, seconds=0.1, limit_seconds=None,
        limit_memory_mib=None, environment_id="e" * 16, worker_id="w1", started_at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.slow
def test_features_that_read_test_inputs_are_barred(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    sides = ["--first", "ridge", "--second", "trees", "--csv"]
    assert main(["analyze", "features", "--store", store, *sides]) == 0
    out, err = capsys.readouterr()
    assert set(pd.read_csv(io.StringIO(out))["feature"]) == {"general.nr_inst", "general.nr_attr"}
    assert "No metafeatures in this store" not in err
    assert main(["analyze", "features", "--store", store, *sides[:-1]]) == 0
    assert "beside McElfresh" in capsys.readouterr().out


@pytest.mark.slow
def test_a_table_is_profiled_with_the_groups_that_the_store_has(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{i},{i * i % 17},{'no' if i % 2 else 'yes'}\n" for i in range(60))
    (tmp_path / "my.csv").write_text(f"a,b,y\n{rows}")
    assert main(["recommend", str(tmp_path / "my.csv"), "--target", "y", "--store", store]) == 0
    out, err = capsys.readouterr()
    assert "Computing metafeatures of file:" in err
    assert ": general." in err
    assert "trees" in out


@pytest.mark.slow
def test_known_tasks_without_metafeatures_are_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks = TASKS[:3]  # the last predicts numbers
    made = make_store(tmp_path / "store", models=("ridge", "trees"), tasks=tasks, n_folds=1, n_trials=1)
    for task in tasks[:2]:
        write_metafeatures(made, [row(task, "general.nr_inst", 100.0)])
    (tmp_path / "my.csv").write_text("a,y\n" + "".join(f"{i},{i * i % 37}.5\n" for i in range(60)))
    asked = ["recommend", str(tmp_path / "my.csv"), "--target", "y", "--store", str(made.root)]
    assert main(asked) == 0
    err = capsys.readouterr().err
    assert "1 of 3 tasks have no metafeatures" in err
    assert "Only 0 known tasks predict numbers" in err
    write_metafeatures(made, [row(tasks[2], "general.nr_inst", 90.0)])
    assert main(asked) == 0
    assert "Only 1 known task predicts numbers" in capsys.readouterr().err


def test_a_file_of_metafeatures_that_is_not_there_is_called_by_its_option(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = ["--first", "ridge", "--second", "trees", "--metafeatures", "none.csv", "--metafeatures-key", "name"]
    assert main(["analyze", "features", "--store", store, *sides]) == 2
    assert "--metafeatures none.csv: there is no such file." in capsys.readouterr().err

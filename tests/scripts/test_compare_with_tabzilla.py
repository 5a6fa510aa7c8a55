"""Published metafeatures meet ours by the name of the table and of the feature."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "compare_with_tabzilla.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("compare_with_tabzilla", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_folds_of_a_table_are_one_row_and_both_files_are_read(script, tmp_path):
    folds = {"dataset_name": [f"openml__kr-vs-kp__3__fold_{i}" for i in range(3)], "f__pymfe.general.nr_attr": 36}
    pd.DataFrame(folds | {"f__pymfe.statistical.cor.mean": [0.1, 0.2, 0.6]}).to_csv(tmp_path / "all.csv")
    found = script.published(tmp_path / "all.csv")
    assert found.loc["kr_vs_kp"].to_dict() == {"general.nr_attr": 36, "statistical.cor.mean": 0.2}
    pd.DataFrame({"dataset_name": ["openml__car__146821"], "num_feats": [6]}).to_csv(tmp_path / "six.csv", index=False)
    assert script.published(tmp_path / "six.csv").loc["car", "general.nr_attr"] == 6


def test_what_is_near_is_counted_and_what_is_far_is_shown(script, capsys):
    names = [script.plain(name) for name in ("file:/data/kr-vs-kp.parquet::class", "bundled/car")]
    theirs = pd.DataFrame({"general.nr_attr": [36.0, 6.0], "general.nr_num": [0.0, 0.0]}, index=names)
    ours = pd.DataFrame({"general.nr_attr": [36.0, 7.0], "drift.x": [1.0, 1.0]}, index=names)
    script.compare(theirs, ours)
    out = capsys.readouterr().out
    assert out.startswith("2 tables and 1 metafeatures in both")
    assert "within 1e-06:      1  within 0.01:      1" in out
    assert "6.0   7.0" in out
    with pytest.raises(SystemExit, match="in both"):
        script.compare(theirs, ours[["drift.x"]])

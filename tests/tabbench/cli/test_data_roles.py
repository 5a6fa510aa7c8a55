"""The suites of BeyondArena from OpenML to a plan: tasks split by a column that OpenML gives no role."""

import numpy as np
import pandas as pd
import pytest
from openml_server import openml_server, served_frame

from tabbench.cli.main import main
from tabbench.data.catalog import load_suite, load_task
from tabbench.data.openml_client import SERVER
from tabbench.data.splits import make_split
from tabbench.task import SplitKind


@pytest.fixture(autouse=True)
def server(monkeypatch, tmp_path):
    """Made-up tables under the numbers of kick and musk, with the columns that order and group them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    rows = np.arange(60)
    y = pd.Categorical(np.where(rows % 3 == 0, "1", "0"))
    dated = pd.DataFrame({"PurchDate": 1.26e9 + rows[::-1] // 2 * 86400.0, "x": rows % 7 * 1.0, "y": y})
    grouped = pd.DataFrame({"molecule_name": pd.Categorical([f"m{i // 5}" for i in rows]), "x": rows % 7 * 1.0, "y": y})
    with openml_server() as running:
        monkeypatch.setenv(SERVER, running.api)
        running.add(served_frame(41162, "kick", dated, "y"))
        running.add(served_frame(1116, "musk", grouped, "y"))
        folds = [("TEST" if row % 2 == f else "TRAIN", row, 0, f) for f in range(2) for row in rows]
        running.add_task(3950, 1116, "y", folds)
        yield running


@pytest.mark.parametrize(
    ("suite", "kind"), [("beyond_temporal", SplitKind.TEMPORAL), ("beyond_grouped", SplitKind.GROUPED)]
)
def test_a_suite_of_beyondarena_is_fetched_and_planned(suite, kind, capsys, tmp_path):
    assert main(["data", "fetch", f"suite={suite}"]) == 0
    [name] = load_suite(suite).tasks
    data = load_task(name)
    assert data.task.split_rule.kind is kind
    assert len(data.task.features) == 1
    for fold in range(3):
        split = make_split(data, 0, fold)
        if data.time is not None:
            assert data.time[split.train].max() < data.time[split.test].min()
        else:
            assert not set(data.group[split.train]) & set(data.group[split.test])
    asked = ["run", f"suite={suite}", "models=[constant]", "dry_run=true", f"store='{tmp_path / 'store'}'"]
    assert main(asked) == 0
    assert "3 jobs" in capsys.readouterr().out


def test_a_list_of_tasks_takes_roles_in_quotes(capsys, tmp_path):
    assert main(["data", "fetch", "openml/3950~group=molecule_name", "tasks=['openml/d/41162~time=PurchDate']"]) == 0
    out = capsys.readouterr().out
    assert "2 of 2 tasks" in out
    tasks = "tasks=['openml/3950~group=molecule_name','openml/d/41162~time=PurchDate']"
    assert main(["run", tasks, "models=[constant]", "dry_run=true", f"store='{tmp_path / 'store'}'"]) == 0
    assert "6 jobs" in capsys.readouterr().out
    assert main(["data", "show", "openml/3950~group=molecule_name"]) == 0
    assert "not those of the source" in " ".join(capsys.readouterr().out.split())
    assert main(["data", "check", "openml/3950~group=molecule_name"]) == 0
    assert "same_content" not in capsys.readouterr().out  # the task itself, modified

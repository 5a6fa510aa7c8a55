"""`tabbench recommend` profiles a table, names models worth trying, and says what it does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from synthetic_store import make_store

from tabbench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two models besides the constant on six tasks of one fold."""
    tasks = [f"bundled/t{i}" for i in range(6)]
    return str(make_store(tmp_path_factory.mktemp("store"), tasks=tasks, n_folds=1, n_trials=2).root)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = "".join(f"{i},{i * i % 17},{'red' if i % 3 else 'blue'},{'no' if i % 2 else 'yes'}\n" for i in range(60))
    (tmp_path / "my.csv").write_text(f"a,b,c,y\n{rows}")
    return tmp_path / "my.csv"


@pytest.mark.slow
def test_models_are_named_with_their_ranks_and_what_is_not_known(
    store: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", str(table), "--target", "y", "--store", store]) == 0
    out, err = capsys.readouterr()
    assert out.index("trees") < out.index("ridge")
    assert "constant" not in out
    assert "I do not know: Only 5 families of known tasks" in err
    assert "Worth trying, by mean ranks over 5 tasks (tuned): trees, ridge." in err


def test_json_holds_models_and_the_nearest_tasks(store: str, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", str(table), "--target", "y", "--store", store, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["model"] for row in found["models"]] == ["trees", "ridge"]
    assert len(found["nearest"]) == 5
    assert found["is_learnt"] is False


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--target", "z"], "z"),
        (["--target", "y", "--seed", "-1"], "from 0 to 2"),
        (["--target", "y", "--suite", "dem"], "Did you mean demo"),
        (["--target", "y", "--store", "nowhere"], "no store"),
    ],
)
def test_a_wrong_word_ends_with_2(
    store: str, table: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", str(table), "--store", store, *more]) == 2
    assert message in capsys.readouterr().err


def test_a_table_that_is_not_there_is_told(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "nowhere.csv", "--target", "y", "--store", store]) == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_without_a_target_or_a_card_the_option_is_named(
    store: str, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recommend", str(table), "--store", store]) == 2
    err = capsys.readouterr().err
    assert "Say --target COLUMN." in err
    assert "file:" not in err
    assert main(["data", "add", str(table), "--target", "y"]) == 0
    assert main(["recommend", str(table), "--store", store]) == 0

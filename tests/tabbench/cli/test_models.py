import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tabbench.cli.main import main
from tabbench.discovery import find_models


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")


def test_list_names_every_installed_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in find_models())
    assert "tabbench models new my_model" in printed


def test_list_prints_json_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--json"]) == 0
    printed = capsys.readouterr()
    models = json.loads(printed.out)["models"]
    assert [model["name"] for model in models] == list(find_models())
    assert printed.err == ""
    assert models[0]["reads"]["missing"] == "native"


def test_list_loads_no_model_library() -> None:
    code = (
        "import sys; from tabbench.cli.main import main; main(['models', 'list'])\n"
        "heavy = {'torch', 'sklearn', 'xgboost', 'lightgbm', 'catboost', 'optuna', 'pandas'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_list_says_which_library_is_missing_and_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tabbench.discovery.util.find_spec", lambda name: None if name == "catboost" else sys)
    assert main(["models", "list"]) == 0
    printed = capsys.readouterr().out
    assert "CatBoost [not installed: catboost]" in printed
    assert "To install what is missing: pip install 'tabbench[boosted_trees]'" in printed


@pytest.mark.parametrize("name", find_models())
def test_show_tells_card_default_and_space(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["models", "show", name]) == 0
    printed = capsys.readouterr().out
    main(["models", "show", name, "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert shown["title"] in printed
    assert all(f"  {parameter}: " in printed for parameter in {*shown["default"], *shown["space"]})


def test_show_says_what_a_model_lacks_here_and_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tabpfn", ModuleType("tabpfn"))
    monkeypatch.setenv("TABPFN_MODEL_CACHE_DIR", "nothing")
    assert main(["models", "show", "tabpfn_v2"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("It cannot run here: no weights at nothing/") == 2
    assert "curl -L --create-dirs -o 'nothing/tabpfn-v2-regressor.ckpt'" in printed


@pytest.mark.slow
def test_new_writes_a_plugin_that_passes_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "new", "my_model"]) == 0
    assert len(Path("my_model.py").read_text().splitlines()) <= 25
    assert main(["models", "check", "my_model.py"]) == 0
    assert "my_model: 26 passed, 0 failed" in capsys.readouterr().out


def test_new_overwrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my_model.py").write_text("precious")
    assert main(["models", "new", "my_model"]) == 2
    assert "exists and is not overwritten" in capsys.readouterr().err
    assert Path("my_model.py").read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("My-Model", "cannot be a model's name"),
        ("../x", "cannot be a model's name"),
        ("knn", "is called 'knn' already"),
    ],
)
def test_new_refuses_a_name_that_cannot_be(capsys: pytest.CaptureFixture[str], name: str, message: str) -> None:
    assert main(["models", "new", name]) == 2
    assert message in capsys.readouterr().err
    assert not list(Path().iterdir())


@pytest.mark.slow
def test_check_says_what_fails_and_how_to_mend_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["models", "new", "my_model"])
    path = Path("my_model.py")
    path.write_text(path.read_text() + "MODEL.predict = lambda self, X: [0.0] * len(X)\n")
    assert main(["models", "check", "my_model.py"]) == 1
    printed = capsys.readouterr().out
    assert "failed  predicts_every_task_type: [binary] `predict` returned a list, not a numpy array" in printed
    assert "To mend: Return numpy float64" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "lightgmb"], "Did you mean lightgbm?"),
        (["check", "nothing.py"], "nothing.py (command line) is not a file"),
        (["check", "all"], "Name one model."),
        (["show", "knnn"], "Did you mean knn?"),
        (["lst"], "Did you mean list?"),
    ],
)
def test_wrong_input_is_told_the_nearest_right_one(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["models", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_check_of_a_broken_file_names_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text("\n\nraise RuntimeError('no')\n")
    assert main(["models", "check", "mine.py"]) == 2
    assert "RuntimeError: no in line 3" in capsys.readouterr().err

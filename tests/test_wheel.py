"""The wheel works where there is no checkout: in an empty environment, from any folder, with and without extras."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tabbench.discovery import find_models

ROOT = Path(__file__).parents[1]
SOURCES = [
    "tabbench", "models", "datasets", "configs", "leaderboard", "pyproject.toml", "README.md", "LICENSE",
]  # fmt: skip
NEVER = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*")
INSTALL_SECONDS, RUN_SECONDS = 900, 300
TASKS = "tasks=[bundled/penguins,bundled/concrete]"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(INSTALL_SECONDS + RUN_SECONDS)]

Tabbench = Callable[..., subprocess.CompletedProcess[str]]


def call(*command: str | Path, cwd: Path, seconds: int = RUN_SECONDS) -> subprocess.CompletedProcess[str]:
    """Run a command that knows nothing of this checkout or environment."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        command, cwd=cwd, env=kept, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
        check=False,
    )  # fmt: skip


def must(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy: what an earlier build left in the checkout must not slip in."""
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=NEVER)
        else:
            shutil.copy(ROOT / name, source / name)
    must(call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", cwd=source))
    [built] = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that holds the core and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True, symlinks=True)
    install(folder / "bin", str(wheel))
    return folder / "bin"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def tabbench(environment: Path, elsewhere: Path) -> Tabbench:
    """`tabbench(…)` runs the installed command in a folder far from the checkout."""
    return lambda *arguments: call(environment / "tabbench", *arguments, cwd=elsewhere)


def install(programs: Path, *what: str) -> None:
    pip = [programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
    must(call(*pip, "-c", ROOT / "constraints.txt", *what, cwd=programs, seconds=INSTALL_SECONDS))


def test_the_wheel_holds_all_that_the_folders_hold(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("tabbench", "models", "datasets", "configs", "leaderboard"):
        package = folder if folder == "tabbench" else f"tabbench_{folder}"
        for file in (ROOT / folder).rglob("*"):
            parts = file.relative_to(ROOT / folder).parts
            if file.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
                assert "/".join((package, *parts)) in held
    assert not {name.split("/")[0] for name in held} & {"models", "datasets", "configs", "leaderboard", "tests"}


def test_the_core_alone_runs_ranks_and_asks(tabbench: Tabbench) -> None:
    must(tabbench("run", TASKS, "models=[constant,linear]", "protocol.n_trials=2"))
    assert "linear" in must(tabbench("status"))
    assert "linear" in must(tabbench("rank"))
    answer = json.loads(must(tabbench("sql", "--json", "select count(*) as n from trials where status = 'ok'")))
    assert answer[0]["n"] == 18  # two tasks, three folds, constant once and linear twice


def test_the_core_alone_builds_the_site(tabbench: Tabbench, elsewhere: Path) -> None:
    must(tabbench("run", TASKS, "models=[constant,linear]", "protocol.n_trials=2"))
    must(tabbench("site", "build", "-o", "site"))
    assert "linear" in (elsewhere / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("model", "extra"), [("lightgbm", "boosted_trees"), ("mlp", "network")])
def test_the_core_names_the_command_that_installs_a_missing_library(tabbench: Tabbench, model: str, extra: str) -> None:
    done = tabbench("run", "tasks=[bundled/iris]", f"models=[{model}]", "folds=[0]", f"store=missing_{model}")
    assert done.returncode == 1
    [failure] = json.loads(must(tabbench("status", "--json", "--store", f"missing_{model}")))["failures"]
    assert f"pip install 'tabbench[{extra}]'" in failure["reason"]


def quickstart_models() -> list[str]:
    """The models of the main job; the larger networks would take an hour here."""
    lines = (ROOT / "scripts" / "quickstart.sh").read_text(encoding="utf-8").splitlines()
    [names] = [line.removeprefix("models=") for line in lines if line.startswith("models=")]
    return names.split(",")


def test_with_models_every_model_of_the_quickstart_is_ranked(
    tabbench: Tabbench, wheel: Path, environment: Path, elsewhere: Path
) -> None:
    [torch] = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch==")]
    install(environment, torch)
    install(environment, f"{wheel}[models]")
    must(call(environment / "python", "-m", "pip", "check", cwd=elsewhere))
    names = quickstart_models()
    assert set(names) < set(find_models())
    must(tabbench("run", TASKS, f"models=[{','.join(names)}]", "folds=[0]", "protocol.n_trials=2"))
    ranked = {row["model"] for row in json.loads(must(tabbench("rank", "--json")))}
    assert ranked == set(names)


def test_with_models_every_one_of_them_is_on_the_page(tabbench: Tabbench, elsewhere: Path) -> None:
    must(tabbench("site", "build", "-o", "site"))
    page = (elsewhere / "site" / "index.html").read_text(encoding="utf-8")
    assert all(model in page for model in quickstart_models())

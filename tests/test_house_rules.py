"""The rules of the house that a machine can hold: sizes, names, borders between rooms, what lies at the top.

Each list of exceptions may only shrink: a listed item that keeps the rule fails the test as well.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PACKAGES = {"tabbench": "tabbench", "models": "tabbench_models", "leaderboard": "tabbench_leaderboard"}
"""Folders of Python by the name they are imported under."""

MOST_LINES, MOST_FUNCTION_LINES = 300, 50
MOST_CATCH_ALLS = 3  # where a plugin is imported, where it is fitted, where it is checked
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared", "base", "core"}
HEAVY = {
    "torch", "sklearn", "xgboost", "lightgbm", "catboost", "optuna", "openml", "pandas", "scipy", "pyarrow", "duckdb",
    "hydra", "omegaconf", "matplotlib", "ray", "submitit", "playwright",
}  # fmt: skip

CONTRACT = {
    f"tabbench{module}"
    for module in (
        "",
        ".task",
        ".suite",
        ".findings",
        ".model",
        ".protocol",
        ".schema",
        ".results",
        ".documents",
        ".derived_results",
        ".timings",
        ".metafeature_rows",
        ".errors",
        ".hashing",
        ".counted",
    )
}
SITE_READS = {f"tabbench.{room}" for room in ("analysis", "metrics", "store", "ranking", "data", "tuning")}
MAY_IMPORT: dict[str, set[str]] = {
    **dict.fromkeys(CONTRACT, CONTRACT),
    "tabbench.discovery": CONTRACT,
    "tabbench.environment": CONTRACT,
    "tabbench.estimator": CONTRACT,
    "tabbench.metrics": CONTRACT,
    "tabbench.data": CONTRACT,
    "tabbench.preparation": CONTRACT,
    "tabbench.metafeatures": CONTRACT,
    "tabbench.store": CONTRACT,
    "tabbench.tuning": CONTRACT | {"tabbench.metrics"},
    "tabbench.derived": CONTRACT | {f"tabbench.{room}" for room in ("data", "metrics", "store", "tuning")},
    "tabbench.analysis": CONTRACT | {f"tabbench.{room}" for room in ("data", "ranking", "store", "tuning")},
    "tabbench.ranking": {"tabbench.errors", "tabbench.task"},  # names and arrays: no model, no file
    "tabbench.runner": CONTRACT
    | {f"tabbench.{room}" for room in ("data", "preparation", "tuning", "metrics", "store", "metafeatures")}
    | {"tabbench.discovery", "tabbench.environment"},
    "tabbench.submission": CONTRACT
    | {f"tabbench.{room}" for room in ("data", "metrics", "store", "tuning", "runner", "discovery", "environment")},
    "tabbench.testing": CONTRACT
    | {f"tabbench.{room}" for room in ("discovery", "metrics", "preparation", "data", "tuning", "runner")},
    "tabbench_models": CONTRACT | {"tabbench.estimator"},
    "tabbench_leaderboard": CONTRACT | SITE_READS,
}
"""What each room may import of ours, beside itself; `tabbench.cli` may import everything."""

LIBRARIES: dict[str, set[str]] = {
    **{module: {"numpy"} for module in CONTRACT},
    "tabbench.ranking": {"numpy", "pandas", "scipy"},
}
"""Rooms whose outside libraries are counted; what is imported for types alone is free."""

AT_THE_TOP = {
    "tabbench", "models", "datasets", "configs", "results", "leaderboard", "scripts", "tests", "docs", "typings",
    "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "constraints.txt", "pyproject.toml",
    ".ci", ".gitignore", ".gitattributes", ".pre-commit-config.yaml", ".editorconfig",
}  # fmt: skip
OLD_CHANCE_IS_WATCHED: set[str] = {"tabbench/testing/manners.py"}  # that a fit leaves it alone


class Import(NamedTuple):
    """One imported module, and where it is imported: at module level, and not for types alone."""

    name: str
    is_at_module_level: bool


def python_files(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def room_of(file: Path) -> str:
    """The room a file is in, as `MAY_IMPORT` names it."""
    folder, *rest = file.relative_to(ROOT).with_suffix("").parts
    return room_named(".".join((PACKAGES[folder], *rest)).removesuffix(".__init__"))


def room_named(module: str) -> str:
    """`tabbench.store.shards` is in `tabbench.store`, `tabbench_models.knn` in `tabbench_models`."""
    return ".".join(module.split(".")[: 2 if module.split(".")[0] == "tabbench" else 1])


def imports_of(file: Path) -> set[Import]:
    """All that a file imports when it runs: what stands under TYPE_CHECKING is left out."""
    return set(_imports_in(tree_of(file).body, is_at_module_level=True))


def _imports_in(nodes: list[ast.stmt] | list[ast.AST], is_at_module_level: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _imports_in(node.orelse, is_at_module_level)
        elif isinstance(node, ast.Import):
            yield from (Import(alias.name, is_at_module_level) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which room is meant"
            names = [str(node.module)]
            if node.module == "tabbench":
                names = [f"tabbench.{alias.name}" for alias in node.names if not alias.name.startswith("__")]
            yield from (Import(name, is_at_module_level) for name in names)
        else:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports_in(list(ast.iter_child_nodes(node)), is_at_module_level and not is_function)


def assert_only(found: set[str], listed: set[str], rule: str) -> None:
    """Nothing breaks the rule but what is listed, and all that is listed still breaks it."""
    assert not found - listed, f"{rule}: {sorted(found - listed)}"
    assert not listed - found, f"take these off the list of exceptions, they keep the rule: {sorted(listed - found)}"


def own_scripts() -> list[Path]:
    """JavaScript of ours: `vendor` holds libraries as npm has them."""
    return [file for file in (ROOT / "leaderboard").rglob("*.js") if "vendor" not in file.parts]


def test_files_are_short():
    files = [*python_files("tabbench", "models", "leaderboard", "scripts"), *own_scripts()]
    long = {shown(file) for file in files if len(file.read_text(encoding="utf-8").splitlines()) > MOST_LINES}
    assert_only(long, LONG_FILES, f"split by purpose what has over {MOST_LINES} lines")


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring: explaining more is no fault."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_functions_are_short():
    long = {
        f"{shown(file)}:{node.name}"
        for file in python_files("tabbench", "models", "leaderboard", "scripts")
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of_code(node) > MOST_FUNCTION_LINES
    }
    assert_only(long, LONG_FUNCTIONS, f"split the functions over {MOST_FUNCTION_LINES} lines")


def test_modules_are_named_after_what_they_do():
    vague = {shown(file) for file in python_files("tabbench", "models", "leaderboard", "scripts", "tests")
             if file.stem.strip("_") in VAGUE_NAMES}  # fmt: skip
    assert not vague


def test_every_module_says_its_purpose_in_its_first_line():
    files = python_files("tabbench", "models", "leaderboard", "scripts")
    assert not {shown(file) for file in files if not ast.get_docstring(tree_of(file))}


@pytest.mark.parametrize("folder", PACKAGES)
def test_rooms_import_only_what_lies_before_them(folder: str):
    wrong = {
        f"{shown(file)} imports {name}"
        for file in python_files(folder)
        if (room := room_of(file)) != "tabbench.cli"
        for name, _ in imports_of(file)
        if name.startswith("tabbench") and room_named(name) not in MAY_IMPORT[room] | {room}
    }
    assert not wrong


def test_the_contract_and_the_rankings_need_few_libraries():
    wrong = {
        f"{shown(file)} imports {name}"
        for file in python_files("tabbench")
        for name, _ in imports_of(file)
        if not name.startswith("tabbench")
        and (top := name.split(".")[0]) not in sys.stdlib_module_names
        and top not in LIBRARIES.get(room_of(file), {top})
    }
    assert not wrong


def test_a_model_imports_no_other_model():
    wrong = {
        f"{shown(file)} imports {name}"
        for file in python_files("models")
        for name, _ in imports_of(file)
        if name.startswith("tabbench_models.")
        and not name.startswith("tabbench_models._")
        # svm_10k is svm on a part of train
        and not re.fullmatch(rf"{name.split('.')[1]}_\d+k", file.stem)
    }
    assert not wrong


@pytest.mark.slow
def test_nothing_imports_scripts_or_renamed_folders_by_their_folder_name():
    wrong = {
        f"{shown(file)} imports {name}"
        for file in python_files(*PACKAGES, "scripts")
        for name, _ in imports_of(file)
        if name.split(".")[0] in {"scripts", "models", "datasets", "configs", "leaderboard", "results", "tests"}
    }
    assert not wrong


def test_heavy_libraries_are_imported_where_they_are_used():
    wrong = {
        f"{shown(file)} imports {name}"
        for file in python_files(*PACKAGES)
        if not (file.parent.name == "models" and file.name.startswith("_"))  # a network, imported by `fit`
        for name, is_at_module_level in imports_of(file)
        if is_at_module_level and name.split(".")[0] in HEAVY
    }
    assert not wrong


def is_catch_all(handler: ast.ExceptHandler) -> bool:
    """`except:` and `except Exception`; tidying up before a bare `raise` is none."""
    names = {"Exception"} if handler.type is None else {getattr(node, "id", "") for node in ast.walk(handler.type)}
    passes_on = isinstance(last := handler.body[-1], ast.Raise) and last.exc is None
    return bool(names & {"Exception", "BaseException"}) and not passes_on


def test_catch_all_stands_in_two_places():
    places = [
        f"{shown(file)}:{node.lineno}"
        for file in python_files(*PACKAGES, "scripts")
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler) and is_catch_all(node)
    ]
    assert len(places) <= MOST_CATCH_ALLS, places


def test_nobody_draws_from_global_chance():
    old = {
        shown(file)
        for file in python_files(*PACKAGES)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in ("np.random", "numpy.random")
        and node.attr not in ("Generator", "default_rng", "SeedSequence", "PCG64", "Philox", "BitGenerator")
    }
    assert_only(old, OLD_CHANCE_IS_WATCHED, "take an rng: np.random.Generator")


def test_the_top_folder_holds_what_is_agreed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert {line.split("/")[0] for line in listed.stdout.splitlines()} <= AT_THE_TOP

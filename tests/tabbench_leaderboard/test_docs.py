import doctest
import importlib

import pytest
from tabbench_leaderboard.folders import folder_of

ROOT = folder_of("templates").parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.rglob("*.py") if path.stem != "__init__"
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"tabbench_leaderboard.{name}")
    assert doctest.testmod(module).failed == 0

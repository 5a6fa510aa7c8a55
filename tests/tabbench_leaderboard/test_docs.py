import doctest
import importlib

import pytest
from tabbench_leaderboard.folders import folder_of

MODULES = sorted(path.stem for path in folder_of("templates").parent.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"tabbench_leaderboard.{name}")
    assert doctest.testmod(module).failed == 0

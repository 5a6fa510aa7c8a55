"""The examples in the docstrings of the site's modules, run by installed name."""

import doctest
import importlib
import pkgutil

import pytest
import tabbench_leaderboard

MODULES = [module.name for module in pkgutil.iter_modules(tabbench_leaderboard.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_module_are_true(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"tabbench_leaderboard.{name}"))
    assert found.failed == 0

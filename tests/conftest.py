"""Make the modules beside this file importable in every test, whatever else is called `tests` in the environment."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest


def _load(name: str) -> None:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


for _name in ("synthetic_store", "stored_rows", "openml_server", "published_results", "slurm_cluster"):
    _load(_name)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or fills the user's cache."""
    os.environ["TABBENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))

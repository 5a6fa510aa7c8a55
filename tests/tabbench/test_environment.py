"""Where it ran is told completely, and the same place has the same name."""

from __future__ import annotations

import json
import os
from importlib import metadata

from tabbench.environment import THREAD_VARIABLES, environment_row, use_threads, worker_row


def test_environment_names_packages_processor_and_system():
    row = environment_row()
    assert json.loads(row.packages)["numpy"] == metadata.version("numpy")
    assert row.cpu
    assert row.n_cores == os.cpu_count()
    assert row.memory_mib > 100
    assert len(row.environment_id) == 16


def test_same_place_has_the_same_name():
    before = environment_row()
    environment_row.cache_clear()
    assert environment_row() == before


def test_workers_have_names_of_their_own():
    first, second = worker_row("local"), worker_row("local")
    assert first.worker_id != second.worker_id
    assert first.environment_id == second.environment_id
    assert first.pid == os.getpid()


def test_threads_are_set_for_every_library(monkeypatch):
    for variable in THREAD_VARIABLES:
        monkeypatch.setenv(variable, "7")
    use_threads(2)
    assert {os.environ[variable] for variable in THREAD_VARIABLES} == {"2"}

"""Where it ran is told completely, and the same place has the same name."""

from __future__ import annotations

import json
import os
from importlib import metadata

import pytest

from tabbench.environment import CLUSTER_VARIABLES, THREAD_VARIABLES, environment_row, use_threads, worker_row


def test_environment_names_packages_processor_and_system():
    row = environment_row()
    assert json.loads(row.packages)["numpy"] == metadata.version("numpy")
    assert row.cpu
    assert row.n_cores == os.cpu_count()
    assert row.memory_mib > 100
    assert len(row.environment_id) == 16


def test_same_place_has_the_same_name():
    environment_row.cache_clear()  # what another test left may be of other thread settings
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


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SLURM_JOB_ID": "17"}, "17"),
        ({"SLURM_JOB_ID": "19", "SLURM_ARRAY_JOB_ID": "17", "SLURM_ARRAY_TASK_ID": "2"}, "17_2"),
        ({"RAY_JOB_ID": "05000000"}, "05000000"),
        ({}, None),
    ],
)
def test_worker_names_its_cluster_job(variables, told, monkeypatch):
    for variable in (*CLUSTER_VARIABLES, "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    assert worker_row("local").cluster_job == told


def test_worker_names_its_container(monkeypatch):
    monkeypatch.setenv("APPTAINER_CONTAINER", "/images/tabbench.sif")
    assert worker_row("local").container == "/images/tabbench.sif"


def test_settings_that_place_threads_make_another_environment(monkeypatch):
    environment_row.cache_clear()
    before = environment_row()
    monkeypatch.setenv("OMP_PROC_BIND", "spread")
    environment_row.cache_clear()
    after = environment_row()
    environment_row.cache_clear()
    assert json.loads(after.thread_settings)["OMP_PROC_BIND"] == "spread"
    assert after.environment_id != before.environment_id

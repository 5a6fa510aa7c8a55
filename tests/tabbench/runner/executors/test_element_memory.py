"""An element asks for what its most demanding job takes, for each worker, but for no more than a node has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tabbench.cli.main import main
from tabbench.runner.compose import compose_settings
from tabbench.runner.executors.element_memory import LEAST_FIT_MIB, OWN_MIB, with_memory, workers_of_element
from tabbench.runner.executors.slurm import sbatch_options
from tabbench.runner.launch import plan_run
from tabbench.runner.settings import SlurmSettings

ASKED = ["tasks=[bundled/iris]", "models=[constant,linear]", "folds=[0]", "store=nowhere"]
NODE = 64_000


def asked_mib(expected: tuple[float, ...], n_workers: int = 1, limit: float | None = None, **slurm: int) -> int | None:
    """What is asked for an element of jobs that are expected to take so much."""
    limits = [] if limit is None else [f"protocol.memory_mib={limit}"]
    jobs = plan_run(compose_settings([*ASKED, *limits])).jobs
    jobs = tuple(replace(jobs[0], memory_mib=mib) for mib in expected)
    return with_memory(SlurmSettings(**slurm), jobs, n_workers, NODE).memory_mib


def test_most_demanding_job_counts_for_every_worker():
    assert asked_mib((1500.0, 3000.0, 2000.0)) == OWN_MIB + 3000
    assert asked_mib((1500.0, 3000.0, 2000.0), n_workers=4) == OWN_MIB + 4 * 3000


def test_little_is_expected_but_a_fit_gets_room():
    assert asked_mib((120.0,), n_workers=2) == OWN_MIB + 2 * LEAST_FIT_MIB


@pytest.mark.parametrize("limit", [600.0, 9000.0])
def test_limit_of_a_trial_is_asked_for_so_that_it_ends_a_fit_and_not_slurm(limit):
    assert asked_mib((3000.0,), n_workers=2, limit=limit) == OWN_MIB + 2 * limit


def test_no_more_is_asked_for_than_the_largest_node_has(capsys):
    assert asked_mib((3000.0,), n_workers=100) == NODE
    assert "the largest node has 64,000" in capsys.readouterr().err


def test_what_the_user_asks_for_stands():
    assert asked_mib((3000.0,), memory_mib=700) == 700
    assert sbatch_options(SlurmSettings(memory_mib=700))["mem"] == "700M"
    assert sbatch_options(SlurmSettings(memory_mib=0))["mem"] == "0M"  # to sbatch: all of a node


def test_cluster_that_hands_no_memory_out_is_asked_for_none():
    slurm = with_memory(SlurmSettings(), plan_run(compose_settings(ASKED)).jobs, 1, None)
    assert "mem" not in sbatch_options(slurm)


def test_element_has_as_many_workers_as_its_processors_feed():
    assert [workers_of_element(SlurmSettings(cpus=cpus), n_threads=4) for cpus in (4, 9, 16)] == [1, 2, 4]


def test_dry_run_says_what_will_be_asked_for(capsys):
    command = ["run", *ASKED, "executor=slurm", "executor.slurm.cpus=2", "dry_run=true"]
    assert main(command) == 0
    told = capsys.readouterr().out
    assert f"memory of an element: {OWN_MIB + 2 * LEAST_FIT_MIB:,.0f} MiB (2 at once, 1,000 MiB for a fit" in told
    assert main([*command, "executor.slurm.memory_mib=700"]) == 0
    assert "memory of an element" not in capsys.readouterr().out

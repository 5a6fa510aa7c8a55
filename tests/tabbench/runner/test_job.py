"""A job's id stands in every row: it must never change by itself."""

from __future__ import annotations

from tabbench.data.catalog import describe_task
from tabbench.discovery import load_model, resolve_models
from tabbench.hashing import content_id
from tabbench.protocol import Protocol
from tabbench.runner.compose import compose_settings
from tabbench.runner.job import job_id
from tabbench.runner.launch import plan_run


def test_id_is_the_hash_of_what_makes_the_numbers():
    source, protocol = resolve_models(["knn"])[0], Protocol()
    card = load_model(source).card
    for name in ("bundled/iris", "bundled/ames"):
        task = describe_task(name)
        parts = [card.name, card.version, card.space_version, ""]
        metric = protocol.primary_metric(task)
        whole = [task.task_hash, task.splits_hash, [1, 2], parts, metric, protocol.identity()]
        assert job_id(task, 1, 2, source, card, protocol) == content_id(whole)


def test_planned_jobs_have_that_id_and_a_cost():
    overrides = ["tasks=[bundled/iris,bundled/ames]", "models=[knn,linear]", "folds=[0,2]", "store=nowhere"]
    plan = plan_run(compose_settings(overrides))
    assert len(plan.jobs) == 8
    for job in plan.jobs:
        task = describe_task(job.task)
        card = load_model(job.model).card
        assert job.job_id == job_id(task, job.repeat, job.fold, job.model, card, job.protocol)
        assert job.cost > 0
        assert job.memory_mib > 0
    assert [job.cost for job in plan.jobs] == sorted((job.cost for job in plan.jobs), reverse=True)
    assert plan.guessed == ("knn", "linear")

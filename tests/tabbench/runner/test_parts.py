"""What the jobs of one process share."""

from __future__ import annotations

import numpy as np

import tabbench.runner.parts as parts_module
from tabbench.data.modifiers.apply import on_split
from tabbench.runner.compose import compose_settings
from tabbench.runner.parts import cut_rows, load_on_split, load_planned
from tabbench.runner.plan import make_plan


def test_models_of_one_split_share_what_was_fitted_on_it(monkeypatch):
    asked = ["tasks=['bundled/wine~rotate@7']", "models=[constant,knn,linear]", "folds=[0,1]"]
    jobs = make_plan(compose_settings(asked), {}).jobs
    fitted = []
    monkeypatch.setattr(parts_module, "on_split", lambda data, train: fitted.append(train) or on_split(data, train))
    tables = {(job.model.name, job.fold): load_on_split(job) for job in sorted(jobs, key=lambda job: job.fold)}
    assert len(jobs) == 6
    assert len(fitted) == 2
    for job in jobs:
        data = load_planned(job)
        train = cut_rows(data, job).train
        table = tables[job.model.name, job.fold]
        assert any(np.array_equal(train, rows) for rows in fitted)
        assert table.X.equals(on_split(data, train).X)
        assert table.task.task_hash == job.task_hash

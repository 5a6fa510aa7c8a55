"""Predictions that are not kept: the same job, the same scores, and whoever needs them is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stored_rows import all_trials

from tabbench.cli.main import main
from tabbench.protocol import Protocol

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.mark.slow
def test_predictions_can_be_left_out_and_change_no_score(tmp_path, run):
    kept, left_out = tmp_path / "kept", tmp_path / "left_out"
    run("models=[linear]", f"store={kept}")
    run("models=[linear]", f"store={left_out}", "protocol.keep_predictions=false")
    for with_them, without in zip(all_trials(kept), all_trials(left_out), strict=True):
        assert with_them.predictions
        assert with_them.trial.has_predictions
        assert not without.predictions
        assert not without.trial.has_predictions
        assert (without.trial.job_id, without.trial.test) == (with_them.trial.job_id, with_them.trial.test)
    assert not list((left_out / "predictions").rglob("*.parquet"))
    assert replace(Protocol(), keep_predictions=False).protocol_id == Protocol().protocol_id


@pytest.mark.slow
def test_ensembles_and_new_metrics_say_that_no_predictions_were_kept(tmp_path, run, capsys):
    run("models=[linear,constant]", "tasks=[bundled/penguins]", "protocol.keep_predictions=false")
    store = str(tmp_path / "store")
    (tmp_path / "top.py").write_text("NAME = 'top'\ndef error(y, prediction):\n    return 0.5\n")
    main(["score", str(tmp_path / "top.py"), "--store", store])
    assert "No scores of 2 jobs: no predictions were kept" in capsys.readouterr().err
    main(["rank", "--regime", "tuned_ensembled", "--store", store])
    assert "No ensemble of 1 job: no predictions were kept" in capsys.readouterr().err

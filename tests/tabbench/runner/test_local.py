"""The local executor replaces a worker that dies, and gives a job up only after its second."""

from __future__ import annotations

from stored_rows import all_trials

MURDER = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(30)"


def test_worker_that_dies_once_loses_nothing(tmp_path, write_plugin, run):
    marker = tmp_path / "died_once"
    fit = f"""
    import os, pathlib, signal, time
    marker = pathlib.Path({str(marker)!r})
    if self.shift and not marker.exists():
        marker.touch()
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(30)
    """
    summary = run(f"models=[{write_plugin('unlucky', fit=fit)}]", "folds=[0,1]")
    assert marker.exists()
    assert not summary.failures
    assert [d.trial.trial for d in all_trials(tmp_path / "store")] == [0, 1, 2, 0, 1, 2]


def test_job_that_kills_its_workers_is_given_up_and_the_others_are_done(tmp_path, write_plugin, run):
    summary = run(f"models=[{write_plugin('murderer', fit=MURDER)},constant]", "folds=[0]")
    (failure,) = summary.failures
    assert failure.job.model.name == "murderer"
    assert "its worker died 2 times" in failure.reason
    assert [d.trial.model for d in all_trials(tmp_path / "store")] == ["constant"]

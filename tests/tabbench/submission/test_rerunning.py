"""Trials of a bundle are fitted again when asked; what no look at the rows can see comes out then."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tabbench.cli import main as tabbench
from tabbench.data import catalog
from tabbench.data.splits import make_split
from tabbench.hashing import canonical_json, content_id, hash_bytes
from tabbench.metrics import score
from tabbench.runner.local import LocalExecutor
from tabbench.schema import flatten
from tabbench.submission.rerunning import rerun_sample
from tabbench.submission.verification import verify_bundle


def rerun(path, n=20):
    """How many were fitted again, and what was found then."""
    verified = verify_bundle(path)
    rerun_sample(path, verified, n, seed=0)
    found = {(f.severity.value, f.check) for f in verified.report.findings.values()}
    return verified.report.n_rerun, found


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_an_honest_bundle_comes_out_the_same(bundle, other_bundle):
    assert rerun(bundle) == (6, set())
    assert rerun(other_bundle, n=4) == (4, set())


@pytest.mark.usefixtures("in_process")
def test_a_configuration_that_was_chosen_by_hand_comes_out(changed):
    def change(members):
        name = f"trials/{members.job_of('prior', 'bundled/iris')}.jsonl"
        lines = members.lines(name)
        config = {"power": 1.234}
        lines[1]["trial"] |= {"config": canonical_json(config), "config_id": content_id(config)}
        members.put(name, lines)

    assert rerun(changed(change)) == (6, {("false", "changed configuration")})


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_predictions_that_the_model_does_not_make_come_out(changed):
    def change(members):
        job = members.job_of("prior", "bundled/iris")
        lines = members.lines(f"trials/{job}.jsonl")
        data = catalog.load_task("bundled/iris")
        y = data.y[make_split(data, 0, 0).test]
        better = np.full((len(y), 3), 0.1, dtype=np.float32)
        better[np.arange(len(y)), y] = 0.8
        values = np.frombuffer(members[f"predictions/{job}.f32"], dtype="<f4").copy()
        values[-better.size :] = better.ravel()
        found = flatten(score(y, better, data.task.type))
        lines[1]["trial"] |= {f"test_{k}": v for k, v in found.items()} | {"test_error": found["log_loss"]}
        members[f"predictions/{job}.f32"] = values.tobytes()
        members.put(f"trials/{job}.jsonl", lines)

    path = changed(change)
    assert verify_bundle(path).report.verdict == "verified"
    assert rerun(path) == (6, {("false", "rerun differs")})


@pytest.mark.usefixtures("in_process")
def test_a_model_that_cannot_be_run_is_told(changed):
    def change(members):
        old = hash_bytes(members["source/prior/prior.py"])
        members["source/prior/prior.py"] = b"raise RuntimeError('not here')"
        new = hash_bytes(members["source/prior/prior.py"])
        for name in [n for n in members if n.endswith((".json", ".jsonl"))]:
            members[name] = members[name].replace(old.encode(), new.encode())

    n_rerun, found = rerun(changed(change))
    assert n_rerun == 0
    assert ("missing", "not rerun") in found


def test_a_refused_bundle_is_not_run(changed, monkeypatch, capsys, tmp_path):
    trace = tmp_path / "was_run"

    def change(members):
        members["source/prior/prior.py"] = f"import pathlib; pathlib.Path({str(trace)!r}).touch()".encode()

    monkeypatch.setattr(LocalExecutor, "run", lambda *_: pytest.fail("it was run"))
    assert tabbench.main(["submit", "verify", "--rerun", "2", str(changed(change))]) == 1
    assert "nothing of it was run" in capsys.readouterr().err
    assert not trace.exists()


@pytest.mark.parametrize("n", ["0", "-1", "x", "1e9"])
def test_a_number_that_is_none_is_a_wrong_input(n, bundle):
    with pytest.raises(SystemExit) as leaving:
        tabbench.main(["submit", "verify", str(bundle), f"--rerun={n}"])
    assert leaving.value.code == 2


@pytest.mark.slow
def test_a_sample_is_fitted_in_processes_of_its_own(bundle, capsys):
    assert tabbench.main(["submit", "verify", str(bundle), "--rerun", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["n_rerun"] == 2
    assert [r["test_error"] for r in told["reruns"]] == [r["test_error_here"] for r in told["reruns"]]

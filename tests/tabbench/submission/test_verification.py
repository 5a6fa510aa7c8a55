"""An honest bundle is verified; each way to lie in one is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tabbench.cli import main as tabbench
from tabbench.data import catalog
from tabbench.data.splits import make_split
from tabbench.hashing import canonical_json, content_id, hash_bytes
from tabbench.submission.verification import verify_bundle


def checks(path):
    """Severity and kind of all that was found."""
    report = verify_bundle(path).report
    return {(found.severity.value, found.check) for found in report.findings.values()}


def change_trial(**columns):
    """A change of columns of the last trial of the plugin's first job on iris."""

    def change(members):
        name = f"trials/{members.job_of('prior', 'bundled/iris')}.jsonl"
        lines = members.lines(name)
        lines[-1]["trial"].update(columns)
        members.put(name, lines)

    return change


def change_fit(**columns):
    def change(members):
        name = f"trials/{members.job_of('prior', 'bundled/iris')}.jsonl"
        lines = members.lines(name)
        lines[-1]["fits"][0].update(columns)
        members.put(name, lines)

    return change


def test_an_honest_bundle_is_verified(bundle, other_bundle, capsys):
    assert checks(bundle) == checks(other_bundle) == set()
    assert tabbench.main(["submit", "verify", str(bundle)]) == 0
    out = capsys.readouterr().out
    assert "VERIFIED" in out
    assert "6 of 6 trials in 3 jobs were scored again" in out
    assert "prior, version 1" in out


def test_nothing_of_a_bundle_is_run(changed, plugin):
    def change(members):
        members["source/prior/prior.py"] = b"raise SystemExit('it was run')"

    assert checks(changed(change)) == {("false", "changed source")}


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"test_error": 0.01}, "wrong score"),
        ({"valid_log_loss": 0.5}, "wrong score"),
        ({"test_roc_auc": 0.9}, "wrong score"),
        ({"test_accuracy": 1.2}, "better than possible"),
        ({"test_log_loss": -0.1}, "better than possible"),
        ({"test_brier": 2.5}, "impossible value"),
        ({"test_accuracy": None}, "wrong score"),
        ({"test_rmse": 0.1}, "wrong score"),
        ({"test_error": float("nan")}, "impossible value"),
        ({"fit_seconds": -1.0}, "impossible value"),
        ({"fit_seconds": float("inf")}, "impossible value"),
        ({"fit_seconds": 1e-9}, "times do not add up"),
        ({"peak_memory_mib": 1.0}, "times do not add up"),
        ({"started_at": "2099-01-01T00:00:00+00:00"}, "impossible time"),
        ({"started_at": "1999-01-01T00:00:00+00:00"}, "impossible time"),
        ({"config": '{"power":1.5}'}, "changed configuration"),
        ({"config": '{"power": 1.5}'}, "changed configuration"),
        ({"config": "os.system('x')"}, "changed configuration"),
        ({"config_id": "0" * 16}, "changed configuration"),
        ({"status": "timeout", "reason": "slow"}, "contradiction"),
        ({"status": "ok", "reason": "why"}, "contradiction"),
        ({"n_fits": 2}, "contradiction"),
        ({"has_predictions": False}, "contradiction"),
        ({"model": "<img onerror=alert(1)>"}, "unknown model"),
        ({"model_version": 2}, "unknown model"),
        ({"source_hash": "0" * 16}, "unknown model"),
        ({"task": "bundled/wine"}, "wrong job"),
        ({"fold": 1}, "wrong job"),
        ({"seed": 7}, "not the protocol"),
        ({"valid_rule": "cv"}, "not the protocol"),
        ({"sampler": "tpe"}, "not the protocol"),
        ({"choice_metric": "accuracy"}, "not the protocol"),
        ({"environment_id": "0" * 16}, "unknown environment"),
        ({"worker_id": "x"}, "unknown worker"),
        ({"job_id": "0" * 16}, "wrong job"),
        ({"trial": 0}, "twice"),
        ({"trial": -3}, "impossible value"),
    ],
)
def test_a_tampered_row_is_refused(columns, found, changed):
    assert ("false", found) in checks(changed(change_trial(**columns)))


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"train_rows_hash": "0" * 16}, "other rows"),
        ({"test_rows_hash": "0" * 16}, "other rows"),
        ({"n_test": 5}, "other rows"),
        ({"n_columns_raw": 99}, "other rows"),
        ({"inner_fold": 3}, "other rows"),
        ({"valid_error": 0.01}, "wrong score"),
        ({"cpu_seconds": 1e6}, "impossible time"),
        ({"peak_memory_mib": 1e9}, "impossible value"),
        ({"status": "error"}, "contradiction"),
        ({"trial": 5}, "contradiction"),
    ],
)
def test_a_tampered_fit_is_refused(columns, found, changed):
    assert ("false", found) in checks(changed(change_fit(**columns)))


def test_a_configuration_with_its_hash_changed_too_needs_a_rerun(changed):
    """What no check can see without the model: said in docs/submitting.md."""
    config = canonical_json({"power": 1.234})
    assert checks(changed(change_trial(config=config, config_id=content_id({"power": 1.234})))) == set()


def predictions_changed(change_values):
    def change(members):
        name = f"predictions/{members.job_of('prior', 'bundled/iris')}.f32"
        values = np.frombuffer(members[name], dtype="<f4").copy()
        members[name] = change_values(values).astype("<f4").tobytes()

    return change


def with_first(value):
    def change(values):
        values[0] = value
        return values

    return change


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (with_first(np.nan), ("false", "impossible prediction")),
        (with_first(np.inf), ("false", "impossible prediction")),
        (with_first(-0.1), ("false", "impossible prediction")),
        (with_first(0.9), ("false", "impossible prediction")),
        (lambda v: v.reshape(-1, 3)[:, [1, 0, 2]].ravel() * 0 + np.float32(1 / 3), ("false", "wrong score")),
        (lambda v: v[:-30], ("missing", "missing predictions")),
        (lambda v: np.append(v, v[:3]), ("false", "wrong predictions")),
        (lambda v: v[:0], ("missing", "missing predictions")),
    ],
)
def test_tampered_predictions_are_told(change, found, changed):
    assert found in checks(changed(predictions_changed(change)))


def test_scores_too_good_to_be_learned_are_shown_to_a_maintainer(other_members, tmp_path):
    """Predictions that are the labels, with the scores that follow: nothing contradicts itself."""
    job = other_members.job_of("constant", "bundled/concrete")
    name = f"trials/{job}.jsonl"
    [line] = other_members.lines(name)
    data = catalog.load_task("bundled/concrete")
    y = data.y[make_split(data, 0, 0).test]
    values = np.frombuffer(other_members[f"predictions/{job}.f32"], dtype="<f4").copy()
    values[-len(y) :] = y
    residual = y - values[-len(y) :].astype(float)
    rmse, spread = float(np.sqrt((residual**2).mean())), float(((y - y.mean()) ** 2).sum())
    line["trial"] |= {"test_rmse": rmse, "test_error": rmse, "test_mae": float(np.abs(residual).mean()),
                      "test_r2": 1 - float((residual**2).sum()) / spread}  # fmt: skip
    other_members[f"predictions/{job}.f32"] = values.tobytes()
    other_members.put(name, [line])
    path = tmp_path / "perfect.zip"
    path.write_bytes(other_members.zipped())
    assert checks(path) == {("note", "too good to be learned?")}


def drop(part):
    def change(members):
        job = members.job_of("prior", "bundled/iris")
        lines = members.lines(f"trials/{job}.jsonl")
        kept = lines[part]
        n = len(members[f"predictions/{job}.f32"]) // 2
        members[f"predictions/{job}.f32"] = members[f"predictions/{job}.f32"][(n if part.start else 0) :][:n]
        members.put(f"trials/{job}.jsonl", kept)

    return change


@pytest.mark.parametrize("part", [slice(0, 1), slice(1, 2)])
def test_missing_trials_are_told(part, changed):
    assert checks(changed(drop(part))) == {("missing", "missing trials")}


def test_a_missing_split_is_told(changed, capsys):
    def change(members):
        job = members.job_of("prior", "bundled/iris")
        del members[f"trials/{job}.jsonl"], members[f"predictions/{job}.f32"]
        contents = json.loads(members["bundle.json"])
        contents["jobs"].remove(job)
        members["bundle.json"] = json.dumps(contents).encode()

    path = changed(change)
    assert checks(path) == {("missing", "missing splits")}
    assert tabbench.main(["submit", "verify", str(path)]) == 1
    assert "INCOMPLETE" in capsys.readouterr().out


def test_the_tasks_of_a_suite_are_asked_for(bundle):
    found = verify_bundle(bundle, suite="quickstart").report.findings.values()
    assert {found.check for found in found} == {"missing tasks"}


def test_a_suite_that_is_not_here_verifies_nothing(bundle, capsys):
    assert tabbench.main(["submit", "verify", str(bundle), "--suite", "quikstart"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Unknown suite 'quikstart' (--suite). Did you mean quickstart?" in err


def test_a_suite_that_rows_name_and_is_not_here_is_noted(changed):
    def change(members):
        for name in [name for name in members if name.startswith("trials/")]:
            lines = members.lines(name)
            for line in lines:
                line["trial"]["suite"] = "theirs"
            members.put(name, lines)

    assert checks(changed(change)) == {("note", "unknown suite")}


def test_a_job_under_two_names_is_told(changed):
    def change(members):
        job, other = members.job_of("prior", "bundled/iris"), "f" * 16
        for folder, ending in (("trials", "jsonl"), ("predictions", "f32")):
            members[f"{folder}/{other}.{ending}"] = members[f"{folder}/{job}.{ending}"].replace(
                job.encode(), other.encode()
            )
        contents = json.loads(members["bundle.json"])
        contents["jobs"].append(other)
        members["bundle.json"] = json.dumps(contents).encode()

    assert {("false", "twice"), ("false", "wrong job")} <= checks(changed(change))


def test_settings_that_do_not_give_the_protocol_are_told(changed):
    def change(members):
        [row] = members.lines("documents/protocols.jsonl")
        members.put("documents/protocols.jsonl", [row | {"settings": row["settings"].replace("0.2", "0.3")}])

    assert ("false", "not the protocol") in checks(changed(change))


@pytest.mark.parametrize("settings", ["null", "{}", '{"n_inner_folds": 1000000000}', "[" * 5000, '{"seed": "x"}'])
def test_settings_of_any_kind_do_no_harm(settings, changed):
    def change(members):
        [row] = members.lines("documents/protocols.jsonl")
        members.put("documents/protocols.jsonl", [row | {"settings": settings}])

    assert ("false", "not the protocol") in checks(changed(change))


def test_an_environment_that_is_not_its_hash_is_told(changed):
    def change(members):
        [row] = members.lines("documents/environments.jsonl")
        members.put("documents/environments.jsonl", [row | {"cpu": "faster"}])

    assert ("false", "changed environment") in checks(changed(change))


def test_a_card_that_is_not_the_row_is_told(changed):
    def change(members):
        rows = members.lines("documents/models.jsonl")
        members.put("documents/models.jsonl", [row | {"licence": "mine"} for row in rows])

    assert ("false", "changed card") in checks(changed(change))


def test_an_installed_name_with_another_source_is_told(other_members, tmp_path):
    contents = json.loads(other_members["bundle.json"])
    [model] = [m for m in contents["models"] if m["name"] == "constant"]
    other_members["source/constant/constant.py"] += b"\n# another"
    old, new = model["source_hash"], hash_bytes(other_members["source/constant/constant.py"])
    for name in [n for n in other_members if n.endswith((".json", ".jsonl"))]:
        other_members[name] = other_members[name].replace(old.encode(), new.encode())
    path = tmp_path / "renamed.zip"
    path.write_bytes(other_members.zipped())
    assert checks(path) == {("note", "name in use")}


@pytest.mark.parametrize(
    ("task", "severity"),
    [
        ("file:/etc/passwd::x", "missing"),
        ("openml/31", "missing"),
        ("../../x", "missing"),
        ("bundled/absent", "missing"),
        ("bundled/iris~rows=-1", "missing"),
        ("\x1b[2Jbundled/iris", "missing"),
    ],
)
def test_a_task_that_is_not_here_is_no_reason_to_trust(task, severity, changed, capsys):
    def change(members):
        for job in members.jobs:
            lines = members.lines(f"trials/{job}.jsonl")
            for line in lines:
                line["trial"]["task"] = task
            members.put(f"trials/{job}.jsonl", lines)

    path = changed(change)
    assert (severity, "not checked") in checks(path)
    assert tabbench.main(["submit", "verify", str(path)]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_table_with_other_rows_is_told(changed):
    def change(members):
        for job in members.jobs:
            lines = members.lines(f"trials/{job}.jsonl")
            for line in lines:
                line["trial"]["dataset_hash"] = "0" * 16
            members.put(f"trials/{job}.jsonl", lines)

    assert ("false", "other task or splits") in checks(changed(change))


def test_the_verdict_is_printed_for_programs(changed, capsys):
    assert tabbench.main(["submit", "verify", "--json", str(changed(change_trial(test_error=0.0)))]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "refused"
    assert told["findings"][0]["check"] == "wrong score"

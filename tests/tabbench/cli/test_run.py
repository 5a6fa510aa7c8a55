"""Bad input gets the nearest right word and exit code 2; Hydra's own flags keep working."""

from __future__ import annotations

import json
import subprocess

import pytest
from stored_rows import TABBENCH, all_trials

from tabbench.cli.main import main

WRONG = {
    "protocol.n_trails=3": "Did you mean protocol.n_trials?",
    "modles=[linear]": "Did you mean models?",
    "protocol.n_trials=many": "converted to Integer. Write a whole number: protocol.n_trials=…",
    "protocol.trial_seconds=long": "Write a number: protocol.trial_seconds=…",
    "protocol.refit=maybe": "Write true or false: protocol.refit=…",
    "protocol.n_trials=0": "must be between 1 and",
    "protocol.valid_fraction=2": "must be between 0.01 and 0.9",
    "protocol.trial_seconds=-1": "must be between",
    "models=all": "models and tasks are lists",
    "models=[lightgmb]": "Did you mean lightgbm?",
    "models=[./nowhere.py]": "nowhere.py",
    "tasks=[bundled/irs]": "Did you mean bundled/iris?",
    "suite=quickstar": "Did you mean quickstart?",
    "protocol=quik": "Did you mean quick?",
    "sampler=rand": "Did you mean random?",
    "sampler=fixed": "sampler.configs=FILE",
    "sampler.kind=tpp": "Did you mean tpe?",
    "protocol.metric=logloss": "Did you mean log_loss?",
    "protocol.valid=holdin": "Did you mean holdout?",
    "protocol.stop_on=iner": "Did you mean inner?",
    "protocol.n_trials=null": "leaves a job without an end",
    "protocol.metrics.binry=roc_auc": "Did you mean protocol.metrics.binary?",
    "protocol.metrics.multiclass=roc_au": "Did you mean roc_auc?",
    "protocol.metrics.multiclass=rmse": "on bundled/iris: Metric 'rmse' does not fit a multiclass task",
    "protocol=tabzila": "Did you mean tabzilla?",
    "pruner=medium": "Did you mean median?",
    "executor.kind=slrm": "executor.kind",
    "executor.n_workers=-3": "executor.n_workers=-3: must be between 1",
    "executor.ray.gpus=-1": "executor.ray.gpus=-1.0: must be between 0",
    "executor.slurm.setup=module load gcc": "A list stands in brackets",
    "executor.bundle_minutes=0": "executor.bundle_minutes=0.0: must be between",
    "models=[]": "names no model",
    "protocol.metric=r2": "on bundled/iris: Metric 'r2' does not fit a multiclass task",
    "store=my störe": "two pairs of quotes",
    "dry_run": "KEY=VALUE",
    "protocol.splits=tabzila": "Did you mean tabzilla?",
    "tasks=[bundled/iris~rotate]": "needs quotes of its own",
    "tasks=['bundled/iris~rotat']": "Did you mean rotate?",
    "retry=[eror]": "Did you mean error?",
    "folds=[7]": "has folds 0 to 2",
    "tasks=[bundled/iris": "no viable alternative",
    "tasks=['file:.::y']": "names no file",
    "tasks=['file:/::y']": "names no file",
    "=3": "'=3' names no setting",
    "+=3": "'+=3' names no setting",
}


@pytest.mark.parametrize("override", WRONG)
def test_wrong_setting_is_named_with_the_right_one(override, tmp_path, capsys):
    given = {override.split("=")[0]}
    rest = [o for o in ("tasks=[bundled/iris]", "models=[constant]") if o.split("=")[0] not in given]
    if override.startswith("suite="):
        rest = ["models=[constant]"]
    assert main(["run", *rest, override, f"store={tmp_path / 'store'}"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert WRONG[override] in err
    assert "Traceback" not in err
    assert not list((tmp_path / "store").rglob("*.parquet")) if (tmp_path / "store").exists() else True


def test_dry_run_prints_the_plan_and_writes_nothing(tmp_path, capsys):
    arguments = ["suite=quickstart", "models=[constant,linear]", "protocol.n_trials=5", "dry_run=true"]
    assert main(["run", *arguments, f"store={tmp_path / 'store'}"]) == 0
    assert "48 jobs with 144 trials to do" in capsys.readouterr().out  # 8 tasks x 3 folds x (1 + 5)
    assert not (tmp_path / "store").exists()


def test_a_run_that_seconds_end_promises_no_number_of_trials(tmp_path, capsys):
    asked = ["tasks=[bundled/iris]", "models=[knn]", "folds=[0]", "protocol.n_trials=null", "protocol.job_seconds=3"]
    assert main(["run", *asked, f"store={tmp_path / 'store'}", "dry_run=true"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 job to do, until protocol.job_seconds are spent; 0 jobs stored already. 1 task, 1 model.")


def test_unknown_verb_is_answered_with_the_nearest(capsys):
    assert main(["rnak"]) == 2
    assert "Did you mean rank?" in capsys.readouterr().err


def test_store_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "store").write_text("not a folder")
    assert main(["run", "tasks=[bundled/iris]", "models=[constant]", f"store={tmp_path / 'store'}"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [["metafeatures", "store="], ["run", "models=[constant]", "store="], ["run", "models=[constant]", "store=' '"],
     ["run", "models=[constant]", "store=", "-m"]],
)  # fmt: skip
def test_an_empty_store_is_not_the_current_folder(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*asked, "tasks=[bundled/iris]"]) == 2
    assert "store= names no folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["run", "metafeatures"])
def test_no_plan_is_made_into_a_file(verb, tmp_path, capsys):
    (tmp_path / "my.py").write_text("x = 1\n")
    assert main([verb, "tasks=[bundled/iris]", f"store={tmp_path / 'my.py'}", "dry_run=true"]) == 2
    assert "is a file, and a store is a folder" in capsys.readouterr().err


def test_status_of_a_file_names_no_run_that_would_be_refused(tmp_path, capsys):
    (tmp_path / "store").write_text("not a folder")
    assert main(["status", "--store", str(tmp_path / "store")]) == 2
    assert (err := capsys.readouterr().err).endswith("is a file, and a store is a folder. Name one: --store FOLDER.\n")
    assert "tabbench run" not in err


def test_second_run_in_the_same_store_is_told_to_wait(tmp_path, capsys):
    from tabbench.runner.launch import store_lock

    with store_lock(tmp_path):
        assert main(["run", "tasks=[bundled/iris]", "models=[constant]", f"store={tmp_path}"]) == 2
    assert "Another run is working" in capsys.readouterr().err


def test_cfg_job_prints_every_setting(tmp_path):
    done = subprocess.run([*TABBENCH, "run", "--cfg", "job"], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "n_trials: 10" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_sweep_with_a_refused_combination_says_so_and_does_the_others(tmp_path):
    asked = ["-m", "tasks=[bundled/iris]", "models=[constant]", "folds=[0]", "protocol.n_trials=0,1", "store=s"]
    done = subprocess.run([*TABBENCH, "run", *asked], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "protocol.n_trials=0" in done.stderr
    assert main(["rank", "--store", str(tmp_path / "s")]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_multirun_sweeps_with_hydras_launchers(launcher, tmp_path):
    sweep = ["-m", "protocol.seed=0,1", f"hydra/launcher={launcher}"]
    if launcher == "joblib":
        pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="the extra `launchers` is not installed")
        sweep += ["hydra.launcher.n_jobs=1"]
    arguments = ["tasks=[bundled/iris]", "models=[constant]", "folds=[0]", f"store={tmp_path / 'store'}"]
    command = [*TABBENCH, "run", *arguments, *sweep]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(row.trial.seed for row in all_trials(tmp_path / "store")) == [0, 1]
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.slow
def test_status_and_the_same_run_again_tell_what_failed(tmp_path, capsys):
    store = tmp_path / "store"
    plugin = tmp_path / "absent.py"
    plugin.write_text(
        "from tabbench.model import *\n"
        "class Absent:\n"
        "    card = ModelCard(name='absent', title='x', family=Family.OTHER, task_types=frozenset({MULTICLASS}),\n"
        "                     reads=Reads(), requires=('no_such_library',), extra='models')\n"
        "    default = {}\n"
        "    @staticmethod\n"
        "    def space(trial, task): return {}\n"
        "    def fit(self, train, valid, params, context): pass\n"
        "    def predict(self, X): pass\n"
        "MODEL = Absent\n"
    )
    broken = tmp_path / "broken.py"
    broken.write_text(plugin.read_text().replace("absent", "broken").replace("no_such_library", "json").replace(
        "context): pass", "context): raise ValueError('broken')"))  # fmt: skip
    asked = ["run", "tasks=[bundled/iris]", f"models=[constant,{plugin},{broken}]", "folds=[0]", f"store={store}"]
    assert main(asked) == 1
    capsys.readouterr()
    assert main(["status", "--store", str(store), "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert state["totals"]["trials"] == 3
    assert {m["model"]: m["failed"] for m in state["models"]} == {"absent": 1, "broken": 1, "constant": 0}
    assert "pip install 'tabbench[models]'" in state["failures"][0]["reason"]
    assert main(asked) == 0
    told = capsys.readouterr().err
    assert "holds all 3 jobs" in told
    assert "1 error, 1 unavailable. Try them again: 'retry=[error]'" in told
    assert f"tabbench status --store {store}" in told
    assert main([*asked[:2], "models=[constant]", *asked[3:]]) == 0
    assert "failed" not in capsys.readouterr().err  # those of other models are no trials of this run

import json
from pathlib import Path

import pytest
from synthetic_store import job_id_of, make_store, write_job

from tabbench.cli.main import main
from tabbench.results import Status


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A synthetic store whose job of ridge on alpha, fold 0, has a trial 9 that failed once and then ended well."""
    store = make_store(tmp_path_factory.mktemp("store"))
    write_job(store, trials=(9,), status=Status.TIMEOUT)
    write_job(store, trials=(9,), attempt=2, status=Status.OK, worker_id="w2")
    return str(store.root)


JOB = job_id_of("ridge", "bundled/alpha", 0)


def shown(root: str, name: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["trial", "show", name, "--store", root, *more]) == 0
    return capsys.readouterr().out


def test_everything_about_a_trial_is_shown(root: str, capsys: pytest.CaptureFixture[str]):
    text = shown(root, f"{JOB}:1", capsys)
    assert text.startswith(f"{JOB}:1  ridge on bundled/alpha, repeat 0, fold 0\nok")
    for part in ("alpha", "log_loss", "█", "steps 1 to 3", "invented", "w1", "a" * 16, "limit_memory_mib"):
        assert part in text


def test_a_failure_is_shown_with_its_reason_and_earlier_attempts_are_told(
    root: str, capsys: pytest.CaptureFixture[str]
):
    assert "attempt 1 ended as timeout: limit of 10 s" in shown(root, f"{JOB}:9", capsys)


def test_first_letters_of_a_job_suffice_and_json_holds_the_rows(root: str, capsys: pytest.CaptureFixture[str]):
    found = json.loads(shown(root, f"{JOB[:6].upper()}:0", capsys, "--json"))
    assert found["trial"]["job_id"] == JOB
    assert found["fits"][0]["curve_step"] == [1, 2, 3]
    assert found["environment"]["cpu"] == "invented"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "Write JOB:TRIAL"),
        (":0", "Write JOB:TRIAL"),
        (f"{JOB}:-1", "Write JOB:TRIAL"),
        (f"{JOB}:77", "has no trial 77. It has 0-3, 9"),
        (f"{JOB[:-1]}x:0", f"Did you mean {JOB}"),
        ("zzzz:0", "Unknown job 'zzzz'"),
        ("%:0", "Unknown job '%'"),
    ],
)
def test_a_wrong_name_ends_with_2_and_what_would_do(
    root: str, name: str, message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["trial", "show", name, "--store", root]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert ("tabbench sql" in err) == (f"tabbench sql --store {root} 'select" in err)


@pytest.mark.slow
def test_letters_that_several_jobs_share_are_not_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    store = make_store(tmp_path, n_folds=20, n_trials=1, models=("ridge",), tasks=("bundled/alpha",))
    jobs = [job_id_of("ridge", "bundled/alpha", fold) for fold in range(20)]
    letter = next(c for c in "0123456789abcdef" if sum(job.startswith(c) for job in jobs) > 1)
    assert main(["trial", "show", f"{letter}:0", "--store", str(store.root)]) == 2
    assert f"jobs begin with '{letter}'" in capsys.readouterr().err


def test_another_action_is_refused(root: str, capsys: pytest.CaptureFixture[str]):
    assert main(["trial", "shwo", f"{JOB}:0", "--store", root]) == 2
    assert "Did you mean show" in capsys.readouterr().err

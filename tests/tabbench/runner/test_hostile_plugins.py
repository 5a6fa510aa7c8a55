"""Whatever a plugin does in fit, it ends as a row with a reason, and the next trial is unharmed."""

from __future__ import annotations

import json
import re

import pytest
from stored_rows import all_trials

from tabbench.errors import PluginError
from tabbench.results import Status

HOSTILE = {
    "exits": ("import os; os._exit(7)", Status.ERROR, "exit code 7"),
    "leaves": ("import sys; sys.exit(3)", Status.ERROR, "exit code 3"),
    "segfaults": ("import ctypes; ctypes.string_at(0)", Status.ERROR, "SIGSEGV, twice"),
    "raises": ("raise ValueError('no luck with 3 classes')", Status.ERROR, "ValueError: no luck with 3 classes"),
    "babbles": ("return lambda: 'not a Training'", Status.ERROR, "fit returned a function"),
    "boasts": (
        "from tabbench.model import Training; return Training(n_steps=5, best_step=9, cap=3, stopped_by='cap')",
        Status.ERROR,
        "1 <= best_step <= n_steps <= cap does not hold of Training(n_steps=5, best_step=9, cap=3",
    ),
    "halves": ("raise ValueError('half a character: ' + chr(0xD800))", Status.ERROR, "half a character: ?"),
    "hungry": ("raise MemoryError('12 GiB')", Status.MEMORY, "MemoryError: 12 GiB"),
}


def test_hostile_fits_become_rows_and_the_next_trials_are_unharmed(tmp_path, write_plugin, run):
    plugins = [str(write_plugin(name, fit=f"if self.shift > 0:\n    {deed}")) for name, (deed, *_) in HOSTILE.items()]
    summary = run(f"models=[{','.join(plugins)}]", "protocol.n_trials=6")
    assert not summary.failures
    rows = [done.trial for done in all_trials(tmp_path / "store")]
    for name, (_, status, reason) in HOSTILE.items():
        trials = [t for t in rows if t.model == name]
        assert [t.trial for t in trials] == list(range(6))
        bad = [t for t in trials if t.status is not Status.OK]
        assert 0 < len(bad) < 6
        assert {t.status for t in bad} == {status}
        assert all(reason in t.reason for t in bad), name
        assert all(t.valid_error is None and t.test_error is None for t in bad)


TOUGH = {
    "sleeps_in_c": ("import ctypes; ctypes.CDLL(None).sleep(60)", Status.TIMEOUT, "still fitting after 0.7 s"),
    "ignores_sigterm": (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        Status.TIMEOUT,
        "still fitting",
    ),
    "forks": (
        "import os, time; [os.setsid() for _ in range(3) if os.fork() == 0]; time.sleep(61)",
        Status.TIMEOUT,
        "still fitting",
    ),
    "allocates": (
        "held = []\n    while True: held.append(np.ones(4_000_000))",
        Status.MEMORY,
        r"used [\d,]+ MiB of memory, over the limit of",
    ),
    "corrupts_numpy": ("np.seterr(all='raise'); np.random.seed(7); np.exp = np.ones_like; np.tile = None", None, None),
    "opens_files": ("import os; type(self).held = [open(os.devnull) for _ in range(1000)]", None, None),
    "mutes_itself": ("import os; os.close(1); os.close(2)", None, None),
    "writes_to_cache": (
        "import os, pathlib\n"
        "    for file in pathlib.Path(os.environ['TABBENCH_CACHE']).rglob('*'):\n"
        "        if file.is_file(): file.write_bytes(b'harm')",
        None,
        None,
    ),
}
"""Deeds, and as what they end; None where it depends on the machine (how many files may be open) or on what follows."""


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", TOUGH)
def test_tough_fit_ends_within_its_limit_and_a_second_and_the_next_is_as_in_an_undisturbed_run(
    name, tmp_path, write_plugin, run, monkeypatch
):
    import psutil

    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))  # one that may be harmed
    deed, status, reason = TOUGH[name]
    limit = psutil.Process().memory_info().rss / 2**20 + 200
    seconds = 0.7 if status is Status.TIMEOUT else 30
    rows = {}
    for store, fit in (("calm", ""), ("disturbed", f"if self.shift > 0:\n    {deed}")):
        limits = (f"protocol.trial_seconds={seconds}", f"protocol.memory_mib={limit}") if status else ()
        plugin = write_plugin(name, fit=fit)
        run(f"models=[{plugin}]", "protocol.n_trials=4", f"store={tmp_path / store}", *limits)
        rows[store] = [done.trial for done in all_trials(tmp_path / store)]
    is_bad = [json.loads(t.config)["shift"] > 0 for t in rows["calm"]]
    assert 0 < sum(is_bad) < 3
    for bad, calm, disturbed in zip(is_bad, rows["calm"], rows["disturbed"], strict=True):
        if not bad:
            assert (disturbed.status, disturbed.valid, disturbed.test) == (Status.OK, calm.valid, calm.test)
        elif status:
            assert disturbed.status is status
            assert re.search(reason, disturbed.reason)
            assert disturbed.fit_seconds < seconds + 1
            assert disturbed.peak_memory_mib > 0


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_harm_done_to_the_cache_is_noticed_at_the_next_load(tmp_path, write_plugin, run, monkeypatch):
    import pandas as pd

    from tabbench.data.catalog import load_task
    from tabbench.data.frames import add_frame
    from tabbench.errors import DamagedEntryError

    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    add_frame(pd.DataFrame({"x": range(120), "y": [f"c{i % 3}" for i in range(120)]}), target="y", name="mine")
    deed = TOUGH["writes_to_cache"][0].replace("rglob('*')", "rglob('*.parquet')")
    plugin = write_plugin("vandal", fit=f"if True:\n    {deed}")
    run(f"models=[{plugin}]", "tasks=[frame/mine]")
    assert {done.trial.status for done in all_trials(tmp_path / "store")} == {Status.OK}
    with pytest.raises(DamagedEntryError):
        load_task("frame/mine")


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_a_row_that_ran_out_of_memory_is_tried_again_under_a_larger_limit_only(tmp_path, write_plugin, run):
    plugin = write_plugin("hungry", fit="raise MemoryError('12 GiB')")
    ask = f"models=[{plugin}]", "protocol.n_trials=1"
    for limit, attempt in ((4000, 1), (4000, 1), (3000, 1), (5000, 2), ("null", 3), (9000, 3)):
        run(*ask, f"protocol.memory_mib={limit}")
        (*_, done) = all_trials(tmp_path / "store")
        assert (done.trial.status, done.trial.attempt) == (Status.MEMORY, attempt)


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_memory_that_earlier_fits_kept_does_not_count_against_a_fit(tmp_path, write_plugin, run):
    import psutil

    fit = """
    import time
    type(self).held = [*getattr(type(self), "held", []), np.ones(40_000_000)]
    time.sleep(0.3)
    """
    limit = psutil.Process().memory_info().rss / 2**20 + 500  # enough for one of 305 MiB
    run(f"models=[{write_plugin('hoarder', fit=fit)}]", "protocol.n_trials=3", f"protocol.memory_mib={limit}")
    fits = [done.fits[0] for done in all_trials(tmp_path / "store")]
    assert [fit.status for fit in fits] == [Status.OK] * 3
    assert any(fit.nth_in_child == 1 for fit in fits[1:])


@pytest.mark.usefixtures("in_process")
def test_exception_keeps_its_traceback(tmp_path, write_plugin, run):
    plugin = write_plugin("raiser", fit="def deeper():\n    1 / 0\ndeeper()")
    run(f"models=[{plugin}]", "protocol.n_trials=1")
    row = all_trials(tmp_path / "store")[0].trial
    assert "in deeper" in row.traceback
    assert "ZeroDivisionError" in row.reason


@pytest.mark.slow
def test_a_hundred_thousand_printed_lines_leave_only_their_end(tmp_path, write_plugin, run):
    fit = "for i in range(100_000):\n    print('line', i)"
    run(f"models=[{write_plugin('talker', fit=fit)}]", "protocol.n_trials=1")
    row = all_trials(tmp_path / "store")[0].trial
    assert row.status is Status.OK
    assert row.log.endswith("line 99999\n")
    assert len(row.log) <= 8_192


WRONG = {
    "flat": ("np.zeros(3)", "shape"),
    "gaps": ("np.full((len(X), 3), np.nan)", "NaN"),
    "narrow": ("np.full((len(X), 2), .5)", "shape"),
    "words": ("'many'", "could not convert"),
    "heavy": ("np.full((len(X), 3), .9)", "sum"),
}


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_wrong_prediction_is_an_error_that_says_what_was_expected(tmp_path, write_plugin, run):
    plugins = [
        str(write_plugin(name, more=f"\ndef predict(self, X):\n    return {prediction}"))
        for name, (prediction, _) in WRONG.items()
    ]
    run(f"models=[{','.join(plugins)}]", "protocol.n_trials=1")
    rows = {done.trial.model: done.trial for done in all_trials(tmp_path / "store")}
    for name, (_, told) in WRONG.items():
        assert rows[name].status is Status.ERROR
        assert told in rows[name].reason


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_fit_that_ignores_its_deadline_is_a_timeout_and_the_job_goes_on(tmp_path, write_plugin, run):
    plugin = write_plugin("sleeper", fit="import time\nif self.shift > 0:\n    time.sleep(60)")
    run(f"models=[{plugin}]", "protocol.n_trials=5", "protocol.trial_seconds=0.5")
    trials = [done.trial for done in all_trials(tmp_path / "store")]
    late = [t for t in trials if t.status is Status.TIMEOUT]
    assert len(trials) == 5
    assert late
    assert all(0.5 <= t.fit_seconds < 1.5 for t in late)
    assert all(t.reason == "still fitting after 0.5 s" for t in late)
    assert {t.status for t in trials} == {Status.OK, Status.TIMEOUT}


@pytest.mark.slow
def test_grandchildren_die_with_a_fit_that_is_killed(tmp_path, write_plugin, run):
    import psutil

    fit = """
    import subprocess, sys, time
    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(987)'])
    time.sleep(60)
    """
    run(f"models=[{write_plugin('parent', fit=fit)}]", "protocol.n_trials=1", "protocol.trial_seconds=1")
    left = [p for p in psutil.process_iter(["cmdline"]) if "time.sleep(987)" in " ".join(p.info["cmdline"] or [])]
    assert left == []


@pytest.mark.usefixtures("in_process")
def test_signal_from_somebody_else_is_tried_once_more(tmp_path, write_plugin, run):
    marker = tmp_path / "killed_once"
    fit = f"""
    import os, pathlib, signal
    marker = pathlib.Path({str(marker)!r})
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    run(f"models=[{write_plugin('unlucky', fit=fit)}]", "protocol.n_trials=1")
    assert [done.trial.status for done in all_trials(tmp_path / "store")] == [Status.OK]


def test_plugin_that_raises_at_import_stops_the_run_before_it_begins(tmp_path, run):
    bad = tmp_path / "broken.py"
    bad.write_text("raise RuntimeError('no such luck')\n")
    with pytest.raises(PluginError, match="no such luck"):
        run(f"models=[{bad}]")


@pytest.mark.usefixtures("in_process")
def test_library_that_is_missing_makes_an_unavailable_row_with_the_mend(tmp_path, write_plugin, run):
    plugin = write_plugin("absent", card=", requires=('no_such_library',), extra='models'")
    run(f"models=[{plugin}]")
    (done,) = all_trials(tmp_path / "store")
    assert done.trial.status is Status.UNAVAILABLE
    assert "pip install 'tabbench[models]'" in done.trial.reason


@pytest.mark.usefixtures("in_process")
def test_task_outside_the_card_is_skipped_with_a_reason(tmp_path, write_plugin, run):
    run(f"models=[{write_plugin('small', card=', max_rows=50')}]")
    (done,) = all_trials(tmp_path / "store")
    assert done.trial.status is Status.SKIPPED
    assert "small takes at most 50" in done.trial.reason


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_stop_for_the_time_is_stored_as_the_deadline(tmp_path, write_plugin, run):
    fit = """
    from tabbench.model import StoppedBy, Training
    import time
    step = 1
    while not context.report(step, 1 / step):
        step += 1
        time.sleep(.01)
    return Training(step, step, 10_000, StoppedBy.PRUNED)
    """
    run(f"models=[{write_plugin('obedient', fit=fit)}]", "protocol.n_trials=1", "protocol.trial_seconds=1")
    (done,) = all_trials(tmp_path / "store")
    assert done.trial.status is Status.OK
    assert [fit.stopped_by for fit in done.fits] == ["deadline"]
    assert done.fits[0].n_beside == 1
    assert len(done.fits[0].curve_step) == done.fits[0].n_steps

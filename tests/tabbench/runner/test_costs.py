"""What a fit is said to have cost."""

from __future__ import annotations

import pytest
from stored_rows import all_trials


@pytest.mark.slow
def test_run_time_is_wall_time_and_cpu_time_stands_beside_it(tmp_path, write_plugin, run):
    sleeper = write_plugin("sleeper", fit="import time; time.sleep(0.5)")
    run(f"models=[{sleeper}]", "protocol.n_trials=2")
    for done in all_trials(tmp_path / "store"):
        assert 0.5 <= done.trial.fit_seconds < 5
        assert done.trial.cpu_seconds < 0.3
        assert done.trial.total_seconds >= done.trial.fit_seconds

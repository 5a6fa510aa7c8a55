"""The arrays that the scripts load hold the site's splits and models, whatever else the store holds by now."""

from __future__ import annotations

import numpy as np
from made_up_errors import made_up_errors
from tabbench_leaderboard.browser_data import Index


def test_rows_that_came_after_the_index_was_made_are_left_out() -> None:
    rows = made_up_errors()
    rows = rows[rows["regime"] == "tuned"]
    memory = rows[["regime", "job_id"]].assign(memory_mib=100.0)
    earlier = rows[(rows["task"] != "t02") & (rows["model"] != "m6") & ~((rows["task"] == "t03") & (rows["fold"] == 2))]
    index = Index.of(earlier)
    wanted, found = index.arrays(earlier, memory), index.arrays(rows, memory)
    np.testing.assert_array_equal(found.errors, wanted.errors)
    np.testing.assert_array_equal(found.by_task, wanted.by_task)

"""The page Ask: SQL over the published rows, in the reader's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tabbench_leaderboard.page import Page
from tabbench_leaderboard.table_schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


class Example(NamedTuple):
    """A question in words and in SQL."""

    title: str
    sql: str


EXAMPLES = (
    Example(
        "What did tuning bring, per model?",
        """WITH by_task AS (
    SELECT model, task, avg(test_error) FILTER (regime = 'default') AS default_error,
        avg(test_error) FILTER (regime = 'tuned') AS tuned_error
    FROM best_trials GROUP BY model, task
)
SELECT model, round(100 * avg(1 - tuned_error / default_error), 2) AS percent_less_error
FROM by_task GROUP BY model ORDER BY percent_less_error DESC""",
    ),
    Example(
        "Which tuned model is best on each task?",
        """WITH by_task AS (
    SELECT task, model, avg(test_error) AS error
    FROM best_trials WHERE regime = 'tuned' GROUP BY task, model
)
SELECT task, arg_min(model, error) AS best_model, min(error) AS error
FROM by_task GROUP BY task ORDER BY task""",
    ),
    Example(
        "How long does one trial take, per model?",
        """SELECT model, round(median(fit_seconds), 4) AS fit_seconds, round(max(fit_seconds), 3) AS slowest,
    count(*) AS trials
FROM trials WHERE status = 'ok' GROUP BY model ORDER BY fit_seconds DESC""",
    ),
    Example(
        "How much better did valid look than test?",
        """SELECT model, round(avg((test_error - valid_error) / valid_error), 4) AS optimism
FROM best_trials WHERE regime = 'tuned' GROUP BY model ORDER BY optimism DESC""",
    ),
    Example(
        "Error against fit time, every trial of one task",
        """SELECT fit_seconds, test_error, model, config
FROM trials WHERE status = 'ok' AND task = (SELECT min(task) FROM trials) ORDER BY model, trial""",
    ),
    Example(
        "How does the best valid error fall with trials?",
        """SELECT trial, avg(best) AS mean_best_error
FROM (
    SELECT trial, min(valid_error) OVER (PARTITION BY job_id ORDER BY trial) / first_value(valid_error)
        OVER (PARTITION BY job_id ORDER BY trial) AS best
    FROM trials WHERE status = 'ok'
)
GROUP BY trial ORDER BY trial""",
    ),
    Example(
        "What failed, and why?",
        "SELECT model, status, reason, count(*) AS n FROM failures GROUP BY ALL ORDER BY n DESC, model",
    ),
    Example(
        "Where did it run?",
        "SELECT environment_id, cpu, n_cores, python, tabbench_version FROM environments",
    ),
)
"""Each runs on every store; the first stands in the editor."""
POLICY = {
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "blob:",
    "connect-src": "'self' blob:",
    "trusted-types": "duckdb",
}
"""The engine is WebAssembly, run by a worker that is made of text, so that this policy binds it too."""
LIBRARIES = ("d3.min.js", "plot.umd.min.js", "flechette.min.js")


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`ask.html`, if the site has rows to ask."""
    if not site.published:
        return
    context = {"database": site.published[0], "examples": EXAMPLES, "tables": schema()}
    styles = ("data.css", "ask.css")
    yield Page("ask.html", "ask.html", context, styles, module="ask/page.js", libraries=LIBRARIES, policy=POLICY)

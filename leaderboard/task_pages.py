"""The list of tasks, and a page for each: every error on every split, what failed, the dataset's card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData

MODULE = "static/page.js"


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`tasks.html`, and `tasks/….html`."""
    yield Page("tasks.html", "tasks.html", inlined=MODULE)
    for task in site.tasks:
        results = [r for r in site.results if r.task == task.name]
        splits = sorted({(s.repeat, s.fold) for r in results for s in r.splits})
        context = {
            "task": task,
            "features": [f for f in site.features if f.task == task.name],
            "results": results,
            "failures": [f for f in site.failures if f.task == task.name],
            "splits": splits,
            "several_repeats": len({repeat for repeat, _ in splits}) > 1,
        }
        yield Page(page_name("tasks", task.name), "task.html", context, inlined=MODULE)

"""The page where a reader's own results stand among the published ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`own.html`."""
    example = data.site.tasks[0].name if data.site.tasks else "bundled/penguins"
    context = {"example": example}
    yield Page("own.html", "own.html", context, styles=("data.css", "ask.css", "own.css"), module="own/page.js")

"""The first page: the leaderboard, with its data inlined so that it works from disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`index.html`."""
    yield Page("index.html", "overview.html", inlined="static/page.js")

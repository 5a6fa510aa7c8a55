"""The page with everything to take away: files, what they hold, their licence, how to cite them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.page import Page
from tabbench_leaderboard.table_schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import PublishedFile, Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`data.html`, if there is anything to take away."""
    if not site.published:
        return
    database, *files = site.published
    by_table: dict[str, list[PublishedFile]] = {}
    for file in files:
        by_table.setdefault(file.table, []).append(file)
    context = {"database": database, "by_table": by_table, "tables": {table.name: table for table in schema()}}
    yield Page("data.html", "data.html", context, styles=("data.css",), inlined="static/page.js")

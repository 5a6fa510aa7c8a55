"""The compare page: two models head to head, with the tests of `tabbench compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.chart_texts import TASKS_OF_PAIR
from tabbench_leaderboard.page import Page
from tabbench_leaderboard.plots_page import LIBRARIES, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`compare.html`."""
    yield Page("compare.html", "compare.html", {"chart": TASKS_OF_PAIR}, STYLES, "compare/page.js", libraries=LIBRARIES)

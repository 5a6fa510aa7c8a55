"""The plots page: a section a chart, drawn by scripts from the data beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.chart_texts import CHARTS
from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData

STYLES = ("leaderboard.css", "charts.css")
LIBRARIES = ("d3.min.js", "plot.umd.min.js")


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`plots.html`."""
    yield Page("plots.html", "plots.html", {"charts": CHARTS}, STYLES, "plots/page.js", libraries=LIBRARIES)

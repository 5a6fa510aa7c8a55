"""The methods page: what every number means, the protocol behind it, where it ran, and what was imputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.chart_texts import CHARTS
from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`methods.html`."""
    imputed = [s for regime in site.regimes for s in site.standings_of(regime) if s.imputed_share]
    context = {"charts": CHARTS, "imputed": imputed}
    yield Page("methods.html", "methods.html", context, inlined="static/page.js")

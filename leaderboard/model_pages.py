"""A page for each model: its standing, every result, what failed, its card, where it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench_leaderboard.against_field import against_field
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`models/….html`."""
    for model in site.models:
        name = model.name
        context = {
            "model": model,
            "standings": [s for regime in site.regimes for s in site.standings_of(regime) if s.model == name],
            "results": {(r.task, r.regime): r for r in site.results if r.model == name},
            "failures": [f for f in site.failures if f.model == name],
            "best_configs": [b for b in site.best_configs if b.model == name],
            "environments": [e for e in site.environments if name in e.models],
            "field": against_field(site, name),
            "settings": [s for s in site.settings if s.model == name],
        }
        yield Page(page_name("models", name), "model.html", context, ("model.css",), inlined="static/page.js")

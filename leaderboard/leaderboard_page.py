"""The first page: the leaderboard, with its data inlined so that it works from disk."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from markupsafe import Markup
from tabbench_leaderboard.bundle import bundle
from tabbench_leaderboard.folders import folder_of
from tabbench_leaderboard.page import Page
from tabbench_leaderboard.site_data import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData

MOST_INLINED = 150_000
"""Bytes of arrays that the page takes along, so that it can filter from disk; the others are fetched when needed."""
STATIC_COLUMNS = (
    ("elo", "Elo"), ("mean_rank", "Mean rank"), ("win_rate", "Win rate"), ("normalised_score", "Score"),
    ("imputed_share", "Imputed"), ("fit_seconds", "Fit"), ("predict_seconds", "Predict"), ("search_seconds", "Search"),
)  # fmt: skip
"""What the table shows before, and without, its script."""


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`index.html`."""
    times = next(v.times for v in data.site.views if (v.regime, v.metric) == (data.first.regime, PRIMARY))
    context = {
        "first": {"regime": data.first.regime, "rows": data.first.rows, "notices": data.first.notices},
        "inlined": inlined_views(data),
        "worker": Markup(bundle(folder_of("scripts"), "ranking/worker.js")),
        "columns": STATIC_COLUMNS,
        "times": times,
    }
    policy = {"worker-src": "blob:", "trusted-types": "tabbench-worker"}
    yield Page(
        "index.html",
        "leaderboard.html",
        context,
        styles=("leaderboard.css",),
        inlined="leaderboard/page.js",
        policy=policy,
    )


def inlined_views(data: BrowserData) -> dict[str, str]:
    """Arrays by file, as text, as many as there is room for: the opening view first, then the primary metric's."""
    order = sorted(data.site.views, key=lambda v: (v.metric != PRIMARY, v.regime != data.first.regime))
    found, room = {}, MOST_INLINED
    for view in order:
        content = data.arrays[view.file].to_bytes()
        if len(content) > room:
            break
        room -= len(content)
        found[view.file] = base64.b64encode(content).decode()
    return found

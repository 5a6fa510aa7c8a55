"""The analysis page: when networks win, what goes with it, and which model or configurations to try."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from tabbench_leaderboard.page import Page
from tabbench_leaderboard.pages import MIN_TASKS_FOR_EVIDENCE
from tabbench_leaderboard.plots_page import LIBRARIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench_leaderboard.analyses.shown import Analyses
    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData

DOCUMENT = "data/analysis.json"
STYLES = ("leaderboard.css", "charts.css", "analysis.css")


def pages(site: Site, data: BrowserData) -> Iterator[Page]:
    """`analysis.html`; none where nothing was analysed."""
    if site.analyses.sections:
        context = {"analyses": site.analyses, "fewest": MIN_TASKS_FOR_EVIDENCE}
        yield Page("analysis.html", "analysis.html", context, STYLES, "analysis/page.js", libraries=LIBRARIES)


def analysis_document(analyses: Analyses) -> dict[str, bytes]:
    """`data/analysis.json`: of every chart what is chosen in it and its views."""
    found = [
        {"key": chart.text.key, "choice": chart.choice, "views": [asdict(view) for view in chart.views]}
        for section in analyses.sections for chart in section.charts
    ]  # fmt: skip
    text = json.dumps(found, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return {DOCUMENT: text.encode(errors="replace")}

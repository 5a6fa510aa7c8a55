"""Turn page data into the files of the site: pages, styles, scripts and data, and the policy that guards them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from tabbench_leaderboard import (
    analysis_page,
    ask_page,
    compare_page,
    data_page,
    leaderboard_page,
    methods_page,
    model_pages,
    own_page,
    plots_page,
    task_pages,
)
from tabbench_leaderboard.bundle import bundle
from tabbench_leaderboard.folders import folder_of
from tabbench_leaderboard.templating import environment

if TYPE_CHECKING:
    from tabbench_leaderboard.page import Page
    from tabbench_leaderboard.pages import Site
    from tabbench_leaderboard.site_data import BrowserData

MakesPages = Callable[["Site", "BrowserData"], Iterable["Page"]]
PAGES: tuple[MakesPages, ...] = (
    leaderboard_page.pages,
    plots_page.pages,
    compare_page.pages,
    analysis_page.pages,
    task_pages.pages,
    model_pages.pages,
    own_page.pages,
    ask_page.pages,
    data_page.pages,
    methods_page.pages,
)
"""What makes pages; one line a kind."""
NAVIGATION = (
    ("index.html", "Leaderboard"),
    ("plots.html", "Plots"),
    ("compare.html", "Compare"),
    ("analysis.html", "Analysis"),
    ("tasks.html", "Tasks"),
    ("own.html", "Your model"),
    ("ask.html", "Ask"),
    ("data.html", "Data"),
    ("methods.html", "Methods"),
)
"""The head of every page: path and word, in order."""
SCRIPT_SUFFIXES = {".js", ".wasm", ".gz", ".txt"}


def render_site(site: Site, data: BrowserData, makers: tuple[MakesPages, ...] = PAGES) -> dict[str, bytes]:
    """Every file of the site by its path from the root, the same bytes for the same data."""
    files = {"data/site.json": data.site.to_json().encode()}
    files |= data.documents | {path: arrays.to_bytes() for path, arrays in data.arrays.items()}
    files |= {file.path: file.content for file in site.published}
    pages = [page for make in makers for page in make(site, data)]
    paths = {page.path for page in pages}
    navigation = tuple(entry for entry in NAVIGATION if entry[0] in paths)
    files |= {page.path: _render(page, site, data, navigation).encode(errors="replace") for page in pages}
    if any(page.module or page.libraries for page in pages):
        files |= _scripts()
    return files


def _scripts() -> dict[str, bytes]:
    folder = folder_of("scripts")
    found = sorted(file for file in folder.rglob("*") if file.suffix in SCRIPT_SUFFIXES)
    return {f"scripts/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in found}


def _render(page: Page, site: Site, data: BrowserData, navigation: tuple[tuple[str, str], ...]) -> str:
    styles = [(folder_of("styles") / name).read_text(encoding="utf-8") for name in ("site.css", *page.styles)]
    style = "\n".join(styles)
    script = bundle(folder_of("scripts"), page.inlined) if page.inlined else ""
    given: dict[str, Any] = {
        "site": site,
        "data": data.site,
        "page": page,
        "root": page.root,
        "navigation": navigation,
        "style": _inline(style, "style"),
        "script": _inline(script, "script"),
        "policy": content_security_policy(page, style, script),
        "facts_of": {m.name: m for m in site.models},
        "task_of": {t.name: t for t in site.tasks},
    }
    return environment(folder_of("templates")).get_template(page.template).render(given | dict(page.context))


def content_security_policy(page: Page, style: str, script: str) -> str:
    """Nothing but this very style and these scripts may apply; nothing may be framed or sent, or fetched elsewhere."""
    scripts = [f"'{_digest(script)}'"] if script else []
    scripts += ["'self'"] if page.module or page.libraries else []
    directives = {
        "default-src": "'none'",
        "style-src": f"'{_digest(style)}'",
        "script-src": " ".join(scripts) or "'none'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
        **page.policy,
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inline(text: str, tag: str) -> Markup:
    """Our own style or script as it stands; its hash must be that of exactly this text."""
    if f"</{tag}" in text.lower() or "<!--" in text:
        raise ValueError(f"the site's own {tag} contains its closing tag")
    return Markup(text)

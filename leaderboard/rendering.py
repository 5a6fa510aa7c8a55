"""Turn page data into HTML files: templates, inlined styles and scripts, and the policy that guards them."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import jinja2
import tabbench_leaderboard
from markupsafe import Markup, escape
from tabbench_leaderboard import figures
from tabbench_leaderboard.charts import FAMILIES, family_class, mark_path, plots_of, strip_of
from tabbench_leaderboard.definitions import DEFINITIONS
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.pages import REGIMES, Site

SCRIPTS = ("sort.js", "switch.js", "tooltip.js")


def folder_of(name: str) -> Path:
    """A folder of this package; `importlib.resources` does not find them in an editable install."""
    return next(Path(p) / name for p in tabbench_leaderboard.__path__ if (Path(p) / name).is_dir())


def render_site(site: Site) -> dict[str, str]:
    """Every file of the site by its path from the root, the same text for the same data."""
    environment = _environment()
    style = (folder_of("styles") / "site.css").read_text(encoding="utf-8")
    script = "\n".join((folder_of("scripts") / name).read_text(encoding="utf-8") for name in SCRIPTS)
    shared = {
        "site": site,
        "style": _inline(style, "style"),
        "script": _inline(script, "script"),
        "policy": content_security_policy(style, script),
        "facts_of": {m.name: m for m in site.models},
        "task_of": {t.name: t for t in site.tasks},
    }

    def page(template: str, path: str, **context: Any) -> tuple[str, str]:
        root = "../" * path.count("/")
        return path, environment.get_template(template).render(**shared, root=root, path=path, **context)

    present = {family_class(m.family) for m in site.models}
    files = [page("overview.html", "index.html", plots=plots_of(site), present_families=present)]
    for task in site.tasks:
        results = [r for r in site.results if r.task == task.name]
        failures = [f for f in site.failures if f.task == task.name]
        splits = sorted({(s.repeat, s.fold) for r in results for s in r.splits})
        several_repeats = len({repeat for repeat, _ in splits}) > 1
        about = {"results": results, "failures": failures, "splits": splits, "several_repeats": several_repeats}
        files.append(page("task.html", page_name("tasks", task.name), task=task, **about))
    for model in site.models:
        files.append(page("model.html", page_name("models", model.name), model=model, **_about(site, model.name)))
    return dict(files)


def _about(site: Site, model: str) -> dict[str, Any]:
    return {
        "standings": [s for regime in site.regimes for s in site.standings_of(regime) if s.model == model],
        "results": {(r.task, r.regime): r for r in site.results if r.model == model},
        "failures": [f for f in site.failures if f.model == model],
        "best_configs": [b for b in site.best_configs if b.model == model],
        "environments": [e for e in site.environments if model in e.models],
    }


def content_security_policy(style: str, script: str) -> str:
    """Nothing but this very style and script may apply; nothing may be fetched, framed, or sent."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inline(text: str, tag: str) -> Markup:
    """Our own style or script as it stands; its hash must be that of exactly this text."""
    if f"</{tag}" in text.lower():
        raise ValueError(f"the site's own {tag} contains its closing tag")
    return Markup(text)


def breakable(name: str) -> Markup:
    """A name, escaped, that a narrow column may break after `_` and `/`.

    >>> breakable("a_b/<c>")
    Markup('a_<wbr>b/<wbr>&lt;c&gt;')
    """
    return Markup("").join(
        Markup("{}<wbr>").format(part) if part.endswith(("_", "/")) else escape(part)
        for part in re.split(r"(?<=[_/])(?!$)", name)
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder_of("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        fixed=figures.fixed,
        percent=figures.percent,
        significant=figures.significant,
        seconds=figures.seconds,
        breakable=breakable,
        count=figures.count,
        regime_option=lambda regime: (regime, REGIMES[regime]),
        family_class=family_class,
        mark_path=mark_path,
    )
    environment.globals.update(
        page_name=page_name,
        definitions=DEFINITIONS,
        regime_titles=REGIMES,
        families=FAMILIES,
        strip_of=strip_of,
        dash=figures.DASH,
    )
    return environment

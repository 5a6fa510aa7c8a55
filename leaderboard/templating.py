"""The templates with what they may call."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape
from tabbench_leaderboard import figures
from tabbench_leaderboard.charts import FAMILIES, family_class, mark_path, strip_of
from tabbench_leaderboard.definitions import DEFINITIONS
from tabbench_leaderboard.naming import page_name
from tabbench_leaderboard.pages import REGIMES

if TYPE_CHECKING:
    from pathlib import Path


def breakable(name: str) -> Markup:
    """A name, escaped, that a narrow column may break after `_` and `/`.

    >>> breakable("a_b/<c>")
    Markup('a_<wbr>b/<wbr>&lt;c&gt;')
    """
    return Markup("").join(
        Markup("{}<wbr>").format(part) if part.endswith(("_", "/")) else escape(part)
        for part in re.split(r"(?<=[_/])(?!$)", name)
    )


def json_block(value: Any) -> Markup:
    r"""JSON that may stand inside a script element: no `<` is left in it.

    >>> json_block({"name": "</script>"})
    Markup('{"name": "\\u003c/script>"}')
    """
    text = value if isinstance(value, str) else json.dumps(value, allow_nan=False, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c"))


@cache
def environment(templates: Path) -> jinja2.Environment:
    """Templates that escape all they are given and refuse a name they do not know."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        fixed=figures.fixed,
        percent=figures.percent,
        significant=figures.significant,
        seconds=figures.seconds,
        breakable=breakable,
        count=figures.count,
        json_block=json_block,
        regime_option=lambda regime: (regime, REGIMES[regime]),
        family_class=family_class,
        mark_path=mark_path,
    )
    made.globals.update(
        page_name=page_name,
        definitions=DEFINITIONS,
        regime_titles=REGIMES,
        families=FAMILIES,
        strip_of=strip_of,
        dash=figures.DASH,
    )
    return made

"""Join ES modules into one classic script that can stand inside a page: browsers load no modules from `file://`.

It reads the form that our own scripts keep and no other: `import { a, b } from "./x.js";` on a line of its own, and
`export` before `function`, `async function`, `class` or `const`. Each module becomes a function that returns what it
exports, so that names inside never meet. Comments on lines of their own stay behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tabbench.errors import TabbenchError

if TYPE_CHECKING:
    from pathlib import Path

_IMPORT = re.compile(r'^import \{ ?([\w$, \n]+?),? ?\} from "(\.[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
_NOTHING = re.compile(r"^export \{\};$", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
_LEFT = re.compile(r"^(?:import|export)\b.*$|\bimport\(|\bimport\.meta\b", re.MULTILINE)


class BundleError(TabbenchError):
    """A script is written in a form that cannot be inlined."""


def bundle(folder: Path, entry: str) -> str:
    """The module `entry` and all that it imports, dependencies first, as one script.

    Args:
        folder: Of the scripts.
        entry: Path in it, like `leaderboard/page.js`.

    Raises:
        BundleError: If a module is missing, imports in a circle, or has a form that is not read.
    """
    parts: list[str] = []
    names: dict[str, str] = {}
    _add(folder.resolve(), entry, (), names, parts)
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "\n})();\n"


def _add(folder: Path, path: str, above: tuple[str, ...], names: dict[str, str], parts: list[str]) -> None:
    if path in names:
        return
    if path in above:
        raise BundleError(f"{path} is imported in a circle: {' > '.join((*above, path))}.")
    file = folder / path
    if not file.is_file():
        raise BundleError(f"{path} is missing, which {above[-1] if above else 'a page'} wants.")
    text = file.read_text(encoding="utf-8")

    def taken(found: re.Match[str]) -> str:
        wanted = (file.parent / found[2]).resolve().relative_to(folder).as_posix()
        _add(folder, wanted, (*above, path), names, parts)
        return f"const {{ {' '.join(found[1].split())} }} = {names[wanted]};"

    body = _IMPORT.sub(taken, _COMMENT.sub("", text))
    exported = _EXPORT.findall(body)
    body = _NOTHING.sub("", _EXPORT.sub("", body))
    left = _LEFT.search(body)
    if left is not None:
        raise BundleError(f"{path}: {left[0]!r} is a form that is not inlined; bundle.py says which are.")
    names[path] = f"module{len(names)}"
    parts.append(f"const {names[path]} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();")

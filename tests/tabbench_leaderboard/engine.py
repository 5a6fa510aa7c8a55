"""Run the site's ranking engine in node, on data that Python hands it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tabbench_leaderboard.folders import folder_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench_leaderboard.site_data import BrowserData

HERE = Path(__file__).parent / "scripts"


def modules(folder: Path) -> Path:
    """The scripts of the site where node takes them for modules."""
    scripts = folder / "scripts"
    if not scripts.exists():
        shutil.copytree(folder_of("scripts"), scripts)
        (scripts / "package.json").write_text('{"type": "module"}')
    return scripts


def run_in_node(script: str, folder: Path, given: Any) -> Any:
    """What a script of `tests/tabbench_leaderboard/scripts` prints, given JSON; skipped where there is no node."""
    if shutil.which("node") is None:
        pytest.skip("no node to run JavaScript with")
    done = subprocess.run(
        ["node", str(HERE / script), str(modules(folder))],
        input=json.dumps(given), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rank_in_node(data: BrowserData, settings: Sequence[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Each setting ranked: `regimes metric tasks models rules`."""
    files = {name: base64.b64encode(arrays.to_bytes()).decode() for name, arrays in data.arrays.items()}
    given = {"site": json.loads(data.site.to_json()), "files": files, "settings": list(settings)}
    found: list[dict[str, Any]] = run_in_node("rank_in_node.mjs", folder, given)
    return found

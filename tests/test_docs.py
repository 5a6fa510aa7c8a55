"""The documentation is true: marked blocks run, links lead somewhere, every command and metric is explained.

A fenced block tagged `bash` or `python` right after the line `<!-- test -->` is run. The blocks of a page share one
folder of their own and run in order, as a reader would type them; a command that fails ends the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tabbench.cli.main import VERBS
from tabbench.metrics import METRICS

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "results" / "README.md", *ROOT.glob("docs/*.md")])
BLOCK = re.compile(r"^<!-- test -->\n```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)")
SECONDS = 300
NOT_HERE_YET: set[str] = set()
"""Links that lead to what is still to be made; may only shrink."""
NOT_EXPLAINED_YET: set[str] = set()
"""Commands without documentation; may only shrink."""


class Block(NamedTuple):
    """One block of a page: its language and its lines."""

    language: str
    code: str


def marked_blocks(text: str) -> list[Block]:
    """The blocks of a page that are to be run, in order."""
    return [Block(*found.groups()) for found in BLOCK.finditer(text)]


def run_block(block: Block, folder: Path) -> str:
    """Run a block in a folder with this environment's commands first.

    Returns:
        What it printed.

    Raises:
        AssertionError: If it failed, with all that it printed.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = {"bash": ["bash", "-euo", "pipefail", "-c", block.code], "python": [sys.executable, "-c", block.code]}
    done = subprocess.run(
        command[block.language], cwd=folder, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"exit code {done.returncode} of\n{block.code}\n{done.stdout}"
    return done.stdout


def text_of(*pages: Path) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_a_marked_block_runs_and_others_do_not(tmp_path: Path) -> None:
    page = "a\n<!-- test -->\n```bash\necho hello > said\n```\n```bash\nfalse\n```\n"
    page += "<!-- test -->\n```python\nprint(open('said').read())\n```\n"
    blocks = marked_blocks(page)
    assert [block.language for block in blocks] == ["bash", "python"]
    assert [run_block(block, tmp_path).strip() for block in blocks] == ["", "hello"]


@pytest.mark.parametrize("code", ["false\ntrue\n", "false | cat\n", "echo $NOT_SET_ANYWHERE\n"])
def test_a_block_that_fails_is_seen(code: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exit code"):
        run_block(Block("bash", code), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if page.exists() and marked_blocks(text_of(page))],
                         ids=lambda page: page.relative_to(ROOT).as_posix())  # fmt: skip
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path) -> None:
    for block in marked_blocks(text_of(page)):
        run_block(block, tmp_path)


def test_every_mark_stands_before_a_block_that_can_run() -> None:
    text = text_of(*PAGES)
    assert text.count("<!-- test -->\n") == len(marked_blocks(text))


def test_links_lead_somewhere() -> None:
    broken = {
        f"{page.relative_to(ROOT).as_posix()} -> {target}"
        for page in PAGES
        for target in LINK.findall(FENCED.sub("", text_of(page)))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    }
    assert broken == NOT_HERE_YET


def test_every_command_is_explained() -> None:
    text = text_of(*PAGES)
    assert {verb for verb in VERBS if not re.search(rf"tabbench {verb}\b", text)} == NOT_EXPLAINED_YET


def test_every_metric_is_explained_and_no_other() -> None:
    page = text_of(ROOT / "docs" / "metrics.md")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (lower|higher) \|", page, re.MULTILINE)
    assert rows == [(m.name, m.title, m.unit, m.direction) for m in METRICS.values()]

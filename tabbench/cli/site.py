"""`tabbench site`: build the leaderboard as a folder of static pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Build the site; where it is goes to standard error.

    Returns:
        0 once the folder is in place.
    """
    options = _parser().parse_args(list(arguments))
    from tabbench_leaderboard.gather import gather
    from tabbench_leaderboard.rendering import render_site
    from tabbench_leaderboard.writing import refuse_foreign, write_site

    refuse_foreign(options.output)
    site = gather(Store(options.store), options.suite, protocol=options.protocol, latest=options.latest)
    files = render_site(site)
    write_site(files, options.output, {"built_by": f"tabbench {site.tabbench_version}", "suite": site.suite})
    page = (options.output.expanduser() / "index.html").resolve()
    sys.stderr.write(
        f"{len(files)} pages in {options.output}: {len(site.models)} models, {len(site.tasks)} tasks.\n"
        f"Open {page.as_uri()} in a browser; no server is needed.\n"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench site", description="The leaderboard as static pages: docs/site.md says what they show."
    )
    build = parser.add_subparsers(required=True, metavar="build").add_parser(
        "build", help="write the pages into a folder", description="Write the pages into a folder, whole or not at all."
    )
    build.add_argument("-o", "--output", type=Path, required=True, metavar="DIR",
                       help="where the site is to be; an earlier site there is replaced")  # fmt: skip
    build.add_argument("--store", type=Path, default=Path("results"), metavar="DIR",
                       help="results folder (default: ./results)")  # fmt: skip
    build.add_argument("--suite", help="only this suite's tasks (default: every task in the store)")
    build.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
    build.add_argument("--latest", action="store_true", help="of several protocols or versions take the last one run")
    return parser

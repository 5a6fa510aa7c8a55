"""`tabbench site`: build the leaderboard as a folder of static pages."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.rank_options import parse
from tabbench.cli.rank_rows import rows_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.cli.rank_rows import Rows


def main(arguments: Sequence[str]) -> int:
    """Build the site; where it is goes to standard error.

    Returns:
        0 once the folder is in place.
    """
    options = _parser().parse_args(list(arguments))
    from tabbench_leaderboard.gather import gather
    from tabbench_leaderboard.published import published_files
    from tabbench_leaderboard.rendering import render_site
    from tabbench_leaderboard.writing import refuse_foreign, write_site

    refuse_foreign(options.output)
    read = partial(rows_by, options.store, options.suite, options.protocol, options.latest)
    site, data = gather(Store(options.store), read, options.suite, published_files)
    files = render_site(site, data)
    write_site(files, options.output, {"built_by": f"tabbench {site.tabbench_version}", "suite": site.suite})
    page = (options.output.expanduser() / "index.html").resolve()
    n_pages = sum(name.endswith(".html") for name in files)
    sys.stderr.write(
        f"{n_pages} pages in {options.output}: {len(site.models)} models, {len(site.tasks)} tasks.\n"
        f"Open {page.as_uri()} in a browser; no server is needed.\n"
    )
    return 0


def rows_by(store: Path, suite: str | None, protocol: str | None, latest: bool, metric: str | None = None) -> Rows:
    """The rows that `tabbench rank` takes when told the same: the site's numbers are made of no others."""
    words = [f"--store={store}"]
    words += [f"--{name}={value}" for name, value in
              (("suite", suite), ("protocol", protocol), ("metric", metric)) if value is not None]  # fmt: skip
    return rows_of(parse(words + ["--latest"] * latest))


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

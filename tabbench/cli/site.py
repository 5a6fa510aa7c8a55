"""`tabbench site`: build the leaderboard as a folder of static pages, or show it on this machine."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.interrupting import leave, on_interrupt
from tabbench.cli.rank_options import parse
from tabbench.cli.rank_rows import rows_of
from tabbench.counted import counted
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.cli.rank_rows import Rows

MOST_PORT = 65535


def main(arguments: Sequence[str]) -> int:
    """Build or show the site; where it is goes to standard error.

    Returns:
        0 once the folder is in place, or when showing it is ended by Ctrl-C.
    """
    options = _parser().parse_args(list(arguments))
    if options.verb == "serve":
        return _serve(options)
    _build(options, options.output)
    page = (options.output.expanduser() / "index.html").resolve()
    sys.stderr.write(
        f"Open {page.as_uri()} in a browser: the leaderboard needs no server.\n"
        f"The pages that load data do: tabbench site serve {options.output}\n"
    )
    return 0


def _build(options: argparse.Namespace, folder: Path) -> None:
    from tabbench_leaderboard.gather import gather
    from tabbench_leaderboard.published import published_files
    from tabbench_leaderboard.rendering import render_site
    from tabbench_leaderboard.writing import refuse_foreign, write_site

    refuse_foreign(folder)
    read = partial(rows_by, options.store, options.suite, options.protocol, options.latest)
    with on_interrupt(leave):  # nothing is written yet
        site, data = gather(
            Store(options.store), read, options.suite, published_files, options.protocol, options.latest
        )
    files = render_site(site, data)
    write_site(files, folder, {"built_by": f"tabbench {site.tabbench_version}", "suite": site.suite})
    n_pages = sum(name.endswith(".html") for name in files)
    sys.stderr.write(
        f"{counted(n_pages, 'page')} in {folder}: {counted(len(site.models), 'model')}, "
        f"{counted(len(site.tasks), 'task')}.\n"
    )


def _serve(options: argparse.Namespace) -> int:
    """Show a folder, or what a store gives now, until Ctrl-C."""
    from tabbench_leaderboard.serving import HOST, check_site, site_server

    with tempfile.TemporaryDirectory(prefix="tabbench-site-") as scratch:
        folder = options.folder
        if folder is None:
            folder = Path(scratch) / "site"
            _build(options, folder)
        check_site(folder)
        with site_server(folder, options.port) as server:
            sys.stderr.write(f"Look at http://{HOST}:{server.server_port}/ and end with Ctrl-C.\n")
            sys.stderr.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                sys.stderr.write("\n")
    return 0


def rows_by(store: Path, suite: str | None, protocol: str | None, latest: bool, metric: str | None = None) -> Rows:
    """The rows that `tabbench rank` takes when told the same: the site's numbers are made of no others."""
    words = [f"--store={store}"]
    words += [f"--{name}={value}" for name, value in
              (("suite", suite), ("protocol", protocol), ("metric", metric)) if value is not None]  # fmt: skip
    rows = rows_of(parse(words + ["--latest"] * latest))
    here = Store(store).option  # a folder of this machine is nothing for a page
    return rows._replace(notices=tuple(line.replace(here, "") if here else line for line in rows.notices))


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r}: a number from 0 to {MOST_PORT} is wanted")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench site", description="The leaderboard as static pages: docs/site.md says what they show."
    )
    verbs = parser.add_subparsers(required=True, metavar="build | serve", dest="verb")
    build = verbs.add_parser(
        "build", help="write the pages into a folder", description="Write the pages into a folder, whole or not at all."
    )
    build.add_argument("-o", "--output", type=Path, required=True, metavar="DIR",
                       help="where the site is to be; an earlier site there is replaced")  # fmt: skip
    serve = verbs.add_parser(
        "serve", help="show the pages on this machine", description="Show a built site, or one of the store as it is."
    )
    serve.add_argument("folder", type=Path, nargs="?", metavar="DIR",
                       help="a site that was built; without it, one of the store as it is now")  # fmt: skip
    serve.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: any that is free)")
    for verb in (build, serve):
        verb.add_argument("--store", type=Path, default=Path("results"), metavar="DIR",
                          help="results folder (default: ./results)")  # fmt: skip
        verb.add_argument("--suite", help="only this suite's tasks (default: every task in the store)")
        verb.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
        verb.add_argument("--latest", action="store_true", help="of several protocols or versions take the last run")
    return parser

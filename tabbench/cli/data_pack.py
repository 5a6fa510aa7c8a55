"""`tabbench data pack` and `unpack`: one file to carry to a machine without a network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_pack_verbs(verbs: Any) -> None:
    """Declare both verbs and their options."""
    from tabbench.cli.data_fetch import add_choice

    packer = verbs.add_parser("pack", help="write tasks of the cache into one file, to carry to another machine")
    add_choice(packer)
    packer.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="where to")
    unpacker = verbs.add_parser("unpack", help="take the tasks of such a file into the cache, checking every hash")
    unpacker.add_argument("file", type=Path, metavar="FILE", help="what `tabbench data pack` wrote")


def run_pack(asked: argparse.Namespace) -> int:
    """Write the file and say what it holds.

    Returns:
        0 done.
    """
    from tabbench.cli.data_fetch import chosen_tasks
    from tabbench.data.pack import pack_tasks

    names, suite = chosen_tasks(asked.what, is_offline=True)
    packed = pack_tasks(names, asked.output, suite)
    n_bundled = len(names) - len(packed)
    bundled = f", without {n_bundled} bundled ones" if n_bundled else ""
    size = asked.output.stat().st_size / 1e6
    sys.stdout.write(f"Packed {len(packed)} tasks{bundled} into {asked.output} ({size:,.1f} MB).\n")
    sys.stdout.write(f"On the other machine: tabbench data unpack {asked.output.name}\n")
    return 0


def run_unpack(asked: argparse.Namespace) -> int:
    """Take the tasks and say which, and what was refused.

    Returns:
        0 done, 1 if a task was damaged.
    """
    from rich.console import Console
    from rich.progress import track

    from tabbench.data.cache.folder import cache_folder
    from tabbench.data.pack import unpack_tasks

    console = Console(file=sys.stderr)
    done = list(track(unpack_tasks(asked.file), "unpacking", console=console, transient=True))
    refused = [one for one in done if one.reason]
    for one in refused:
        sys.stdout.write(f"{one.name}: {one.reason}\n")
    sys.stdout.write(f"Unpacked {len(done) - len(refused)} of {len(done)} tasks into {cache_folder()}.\n")
    return int(bool(refused))

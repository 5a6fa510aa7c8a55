"""`tabbench cancel`: end what a store's launches still have queued or running on a cluster."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.main import EXIT_DONE
from tabbench.errors import UnknownNameError
from tabbench.runner.executors.slurm_commands import alive, cancel, element_states
from tabbench.store.launches import launches_of
from tabbench.store.layout import Store

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Cancel one launch, or all of a store.

    Returns:
        0, also if nothing was queued or running.
    """
    parser = argparse.ArgumentParser(
        prog="tabbench cancel",
        description="End what launches of a store have queued or running. Finished trials are kept; the same run "
        "command submits the rest again.",
    )
    parser.add_argument("launch", nargs="?", metavar="LAUNCH", help="one launch only, as `tabbench run` named it")
    parser.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    options = parser.parse_args(list(arguments))
    store = Store(options.store)
    store.require()
    launches = [launch for launch in launches_of(store) if launch.engine == "slurm"]
    known = [launch.launch_id for launch in launches]
    if options.launch and options.launch not in known:
        raise UnknownNameError("launch", options.launch, known, where="command line")
    n_ended = sum(_cancel(launch_id) for launch_id in known if options.launch in (None, launch_id))
    if not n_ended:
        sys.stdout.write("Nothing is queued or running.\n")
    return EXIT_DONE


def _cancel(launch_id: str) -> int:
    """End one launch; how many elements that were."""
    n_living = len(alive(element_states(launch_id)))
    if n_living:
        cancel(launch_id)
        sys.stdout.write(f"Launch {launch_id}: {n_living} bundles cancelled.\n")
    return n_living

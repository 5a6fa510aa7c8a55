"""`tabbench store compact / merge / check`: keep a results folder small, put several together, look for faults."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.main import EXIT_DONE, EXIT_FAILED
from tabbench.counted import counted
from tabbench.store.checking import check
from tabbench.store.compaction import compact
from tabbench.store.layout import Store
from tabbench.store.merging import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SHOWN = 20


def main(arguments: Sequence[str]) -> int:
    """Do one of the three.

    Returns:
        0 done, 1 if rows contradict each other or a file is at fault.
    """
    options = _parser().parse_args(list(arguments))
    if options.deed == "merge":
        return _merge([Store(path) for path in options.stores], Store(options.output), as_json=options.json)
    store = Store(options.store)
    store.require()
    return _compact(store) if options.deed == "compact" else _check(store, as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tabbench store", description="Look after a results folder.")
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="compact|merge|check")
    packing = deeds.add_parser("compact", help="few large files in place of many small ones, while others write")
    checking = deeds.add_parser("check", help="read every file and say what is wrong; nothing is changed")
    for one in (packing, checking):
        one.add_argument(
            "--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)"
        )
    merging = deeds.add_parser("merge", help="put several stores into a new one")
    merging.add_argument("stores", nargs="+", type=Path, metavar="STORE")
    merging.add_argument("-o", "--output", type=Path, required=True, metavar="NEW", help="folder that is to be made")
    for one in (checking, merging):
        one.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _compact(store: Store) -> int:
    done = compact(store)
    sys.stdout.write(
        f"{done.n_shards_before} shards are {done.n_shards} now, {done.n_documents_before} files of workers and "
        f"calibrations {done.n_documents}.\n"
    )
    return EXIT_DONE


def _merge(stores: list[Store], target: Store, *, as_json: bool) -> int:
    merged = merge(stores, target)
    if as_json:
        sys.stdout.write(json.dumps(asdict(merged)) + "\n")
        return EXIT_FAILED if merged.conflicts else EXIT_DONE
    sys.stdout.write(f"{merged.n_trials} trials in {target.root}; {merged.n_same} were in more than one store.\n")
    for one in merged.conflicts[:MOST_SHOWN]:
        sys.stdout.write(
            f"conflict: {one.model} on {one.task}, {one.job_id}:{one.trial} attempt {one.attempt} differs in "
            f"{', '.join(one.columns[:6])}\n"
        )
    if merged.conflicts:
        sys.stdout.write(f"{len(merged.conflicts)} rows differ: the first store's was kept, none averaged.\n")
    return EXIT_FAILED if merged.conflicts else EXIT_DONE


def _check(store: Store, *, as_json: bool) -> int:
    checked = check(store)
    if as_json:
        sys.stdout.write(json.dumps({**checked._asdict(), "faults": [f._asdict() for f in checked.faults]}) + "\n")
    else:
        for fault in checked.faults:
            sys.stdout.write(f"{fault.where}: {fault.what}. Mend: {fault.mend}.\n")
        sys.stdout.write(
            f"{counted(checked.n_files, 'file')}, {counted(checked.n_trials, 'trial')}, "
            f"{counted(len(checked.faults), 'fault')}.\n"
        )
    return EXIT_FAILED if checked.faults else EXIT_DONE

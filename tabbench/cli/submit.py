"""`tabbench submit`: results as one file, and checking a file that somebody else made."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.submission.rerunning import Rerun
    from tabbench.submission.verification import Verified


def main(arguments: Sequence[str]) -> int:
    """Export or verify a bundle.

    Returns:
        0 written, or verified; 1 refused or incomplete.
    """
    options = _parser().parse_args(arguments)
    return int(options.do(options))


def _export(options: argparse.Namespace) -> int:
    from tabbench.store.layout import Store
    from tabbench.submission.export import export_bundle

    with progress_bar("jobs") as report:
        done = export_bundle(Store(options.store), options.models, options.output, options.suite, report)
    for notice in done.notices:
        sys.stderr.write(f"{notice}\n")
    size = options.output.stat().st_size / 1e6
    sys.stderr.write(
        f"{options.output}: {done.n_trials} trials of {done.n_jobs} jobs, {size:.1f} MB. It holds rows, predictions, "
        "the source of the model, and where it ran without host names. Check it as others will: tabbench submit "
        f"verify {options.output}\n"
    )
    return 0


def _verify(options: argparse.Namespace) -> int:
    from tabbench.cli.verdict_printing import print_json, print_verdict
    from tabbench.submission.verdict import Verdict
    from tabbench.submission.verification import verify_bundle

    with progress_bar("jobs") as report:
        verified = verify_bundle(options.bundle, options.suite, report)
    reruns = _rerun(options, verified) if options.rerun else ()
    (print_json if options.json else print_verdict)(verified, reruns)
    if options.unpack is not None:
        from tabbench.submission.unpacking import unpack_bundle

        n_trials = unpack_bundle(options.bundle, verified, options.unpack)
        sys.stderr.write(f"{n_trials} trials are in the store {options.unpack}.\n")
    return 0 if verified.report.verdict is Verdict.VERIFIED else 1


def _rerun(options: argparse.Namespace, verified: Verified) -> Sequence[Rerun]:
    from tabbench.submission.rerunning import rerun_sample
    from tabbench.submission.verdict import Verdict

    if verified.report.verdict is Verdict.REFUSED:
        sys.stderr.write("The bundle is refused as it is, so nothing of it was run.\n")
        return ()
    with progress_bar("reruns") as report:
        return rerun_sample(options.bundle, verified, options.rerun, options.seed, report)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r}: a number from 1 to 1000000 is wanted")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench submit", description="Results as one file, for others to check: docs/submitting.md."
    )
    verbs = parser.add_subparsers(required=True, metavar="export|verify")
    export = verbs.add_parser("export", help="write a bundle", description="Write the trials of models as one file.")
    export.add_argument("models", nargs="+", metavar="MODEL", help="names of installed models, or files: my_model.py")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.zip", help="the bundle")
    export.add_argument("--store", type=Path, default=Path("results"), metavar="DIR", help="results folder (./results)")
    export.add_argument("--suite", default="", help="only its tasks")
    export.set_defaults(do=_export)
    verify = verbs.add_parser(
        "verify",
        help="check a bundle",
        description="Score a bundle's predictions again, against the tasks and splits that are here, and look for all "
        "that cannot be. Nothing of the bundle is run, unless --rerun asks for it.",
    )
    verify.add_argument("bundle", type=Path, metavar="BUNDLE", help="a file that `tabbench submit export` wrote")
    verify.add_argument("--suite", default="", help="the suite that must be whole (the one that its rows name)")
    verify.add_argument("--rerun", type=_count, default=0, metavar="N",
                        help="fit N trials, drawn at random, again; this runs the model's source")  # fmt: skip
    verify.add_argument("--seed", type=int, default=0, help="of that draw (0)")
    verify.add_argument("--unpack", type=Path, metavar="DIR", help="write a verified bundle as a store of its own")
    verify.add_argument("--json", action="store_true", help="print the verdict as JSON")
    verify.set_defaults(do=_verify)
    return parser

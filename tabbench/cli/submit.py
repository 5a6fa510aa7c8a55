"""`tabbench submit`: results as one file, and checking a file that somebody else made."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.cli.bars import progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    (print_json if options.json else print_verdict)(verified)
    return 0 if verified.report.verdict is Verdict.VERIFIED else 1


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
        "that cannot be. Nothing of the bundle is run.",
    )
    verify.add_argument("bundle", type=Path, metavar="BUNDLE", help="a file that `tabbench submit export` wrote")
    verify.add_argument("--suite", default="", help="the suite that must be whole (the one that its rows name)")
    verify.add_argument("--json", action="store_true", help="print the verdict as JSON")
    verify.set_defaults(do=_verify)
    return parser

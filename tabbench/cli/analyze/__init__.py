"""`tabbench analyze`: what the results of a suite say, with tasks as the unit of every interval."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, cast

from tabbench.cli.analyze.material import material_of
from tabbench.cli.analyze.options import parse
from tabbench.cli.rank_more import print_panels

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tabbench.analysis.material import Material
    from tabbench.cli.analyze.output import Found


def main(arguments: Sequence[str]) -> int:
    """Parse, read the rows, analyse, print. Data goes to standard output, all else to standard error."""
    options = parse(arguments)
    material = material_of(options)
    found = _analyze(options, material)
    if options.form is not None:
        from tabbench.ranking.rendering import to_csv, to_json

        sys.stdout.write({"csv": to_csv, "json": to_json}[options.form](found.data))
    else:
        print_panels(list(found.panels))
    if options.output is not None:
        from tabbench.cli.analyze.output import write_found

        for path in write_found(found, options.output):
            sys.stderr.write(f"Written: {path}\n")
    for line in [*material.notices, *found.notices]:
        sys.stderr.write(f"{line}\n")
    return 0


def _analyze(options: argparse.Namespace, material: Material) -> Found:
    """Every analysis is `tabbench/cli/analyze/NAME.py` with a function `analyze_NAME`."""
    module = import_module(f"tabbench.cli.analyze.{options.what}")
    return cast("Found", getattr(module, f"analyze_{options.what}")(options, material))

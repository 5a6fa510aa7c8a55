"""`tabbench analyze`: what the results of a suite say, with tasks as the unit of every interval."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tabbench.cli.analyze_options import parse
from tabbench.cli.analyze_rows import material_of
from tabbench.cli.rank_more import print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Parse, read the rows, analyse, print. Data goes to standard output, all else to standard error."""
    options = parse(arguments)
    material = material_of(options)
    if options.what == "gap":
        from tabbench.cli.analyze_gap import analyze_gap

        found = analyze_gap(options, material)
    if options.form is not None:
        from tabbench.ranking.rendering import to_csv, to_json

        sys.stdout.write({"csv": to_csv, "json": to_json}[options.form](found.data))
    else:
        print_panels(list(found.panels))
    if options.output is not None:
        from tabbench.cli.analyze_output import write_found

        for path in write_found(found, options.output):
            sys.stderr.write(f"Written: {path}\n")
    for line in [*material.notices, *found.notices]:
        sys.stderr.write(f"{line}\n")
    return 0

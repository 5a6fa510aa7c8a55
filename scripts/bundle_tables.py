"""Write the tables in `datasets/` and the measured part of their cards.

    python scripts/bundle_tables.py            # write tables and cards
    python scripts/bundle_tables.py --check    # take the tables again and compare hashes, write nothing

The part of a card above the line `# Written by …` is a person's; this script keeps it as it is.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import yaml

from tabbench.data.bundled import read_table
from tabbench.data.cards import datasets_folder
from tabbench.data.tables import content_hash, kind_of, typed_frame
from tabbench.task import ColumnKind, Role

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

LINE = "# Written by scripts/bundle_tables.py from the table; do not edit below.\n"


def measured_part(card: dict[str, Any], frame: pd.DataFrame) -> dict[str, Any]:
    """What the table itself says: rows, hash, classes, columns."""
    typed = typed_frame(frame)
    target = card["task"]["target"]
    roles = {target: Role.TARGET, **{name: Role(role) for name, role in (card.get("roles") or {}).items()}}
    columns = []
    for name in typed.columns:
        kind = kind_of(typed[name])
        column = {"name": name, "kind": str(kind), "role": str(roles.get(name, Role.FEATURE))}
        column["n_missing"] = int(typed[name].isna().sum())
        if kind is ColumnKind.CATEGORICAL:
            column["n_levels"] = len(typed[name].cat.categories)
        columns.append(column)
    classes = [*typed[target].cat.categories] if kind_of(typed[target]) is ColumnKind.CATEGORICAL else []
    return {"n_rows": len(typed), "content_hash": content_hash(typed), "classes": classes, "columns": columns}


def write_card(file: Path, human: str, measured: dict[str, Any]) -> None:
    """A card of the person's text and the measured part, one column a line."""
    lines = [human.rstrip("\n") + "\n", LINE]
    for key in ("n_rows", "content_hash"):
        lines.append(yaml.safe_dump({key: measured[key]}))
    lines.append(yaml.safe_dump({"classes": measured["classes"]}, default_flow_style=None, width=110))
    lines.append("columns:\n")
    for column in measured["columns"]:
        flow = yaml.safe_dump(column, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
        lines.append(f"- {flow.strip()}\n")
    file.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Write or check every card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="take the tables again and compare hashes")
    check = parser.parse_args().check
    faults = 0
    for file in sorted((datasets_folder() / "cards").glob("*.yaml")):
        human = file.read_text(encoding="utf-8").partition(LINE)[0]
        card = yaml.safe_load(file.read_text(encoding="utf-8"))
        frame = read_table(card["table"])
        measured = measured_part(card, frame)
        if check and measured["content_hash"] != card.get("content_hash"):
            faults += 1
            print(f"{file.stem}: {measured['content_hash']}, the card says {card.get('content_hash')}")
        if not check:
            write_card(file, human, measured)
            print(f"{file.stem}: {measured['n_rows']} rows, {measured['content_hash']}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

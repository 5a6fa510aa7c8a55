"""`tabbench data add FILE --target COLUMN`: write the card of a table of one's own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.counted import counted
from tabbench.errors import DataError
from tabbench.task import Role, SplitKind, TaskType

if TYPE_CHECKING:
    import argparse


def add_add_verb(verbs: Any) -> None:
    """Declare the verb and its options."""
    parser = verbs.add_parser("add", help="write a card beside a CSV, TSV, Parquet, Feather or ARFF file")
    parser.add_argument("file", metavar="FILE", help="the table; its card becomes NAME.card.yaml beside it")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="what is to be predicted")
    parser.add_argument("--type", choices=[*TaskType], type=TaskType, help="if the values suggest another")
    parser.add_argument("--time", metavar="COLUMN", help="orders the splits, no feature; makes splits temporal")
    parser.add_argument("--group", metavar="COLUMN", help="whole in one part, no feature; makes splits grouped")
    parser.add_argument("--ignore", metavar="COLUMN", action="append", default=[], help="no feature; may be repeated")
    kinds = [kind for kind in SplitKind if kind is not SplitKind.FIXED]
    parser.add_argument("--split", choices=kinds, type=SplitKind, help="if --time and --group don't say it")
    parser.add_argument("--splits", default="", metavar="FILE", help="fixed splits: columns repeat, fold, part and row")
    parser.add_argument(
        "--drop-rows-without-target",
        action="store_true",
        help="leave them out; the card says so and `show` counts them",
    )
    parser.add_argument("--licence", default="unknown", help="the table's own")


def run_add(asked: argparse.Namespace) -> int:
    """Write the card and say what it holds.

    Returns:
        0 done.
    """
    from tabbench.data.card_writing import add_card

    named = [(column, Role.IGNORED) for column in asked.ignore]
    named += [(c, role) for c, role in ((asked.time, Role.TIME), (asked.group, Role.GROUP)) if c is not None]
    roles = dict(named)
    if asked.split and asked.splits:
        raise DataError("--splits FILE fixes the splits; --split RULE would make others. Give one of the two.")
    if len(roles) < len(named):
        raise DataError("A column is named for two roles. Each of --time, --group and --ignore takes its own columns.")
    split = Path(asked.splits) if asked.splits else asked.split
    drops_gaps = asked.drop_rows_without_target
    task, card = add_card(asked.file, asked.target, roles, asked.type, split, asked.licence, drops_gaps)
    sizes = f"{counted(task.dataset.n_rows, 'row')}, {counted(len(task.features), 'feature')}"
    told = f"{task.type}, {sizes}, {task.split_rule.kind} splits"
    n_gaps = next(column.n_missing for column in task.dataset.columns if column.role is Role.TARGET)
    told += f"; {n_gaps:,} rows have no target and are left out" if n_gaps else ""
    sys.stdout.write(f"Wrote {card}: {told}.\nThe task is named {task.name}\n")
    for remark in (*task.dataset.traps, *(_crossings(task.name) if asked.time and asked.group else ())):
        sys.stdout.write(f"{remark}\n")
    return 0


def _crossings(name: str) -> list[str]:
    """What splits by one of time and group do to the other."""
    from tabbench.data.catalog import load_task
    from tabbench.data.checks.parts import groups_leak, time_runs_backwards

    data = load_task(name)
    return [f"{finding.severity}: {finding.told}" for finding in (*time_runs_backwards(data), *groups_leak(data))]

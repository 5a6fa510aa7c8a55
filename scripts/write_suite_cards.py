"""Write the cards of published suites from their ids and a hand-kept file of notes.

    python scripts/write_suite_cards.py METADATA_FOLDER

METADATA_FOLDER holds what the authors published: SUITES.json (ids), tabzilla_all176_tasks.csv,
amlb_2023_metadata.csv, tabarena_v0.1_51_datasets_metadata.csv and BeyondArena_tasks_metadata.csv. Only ids, names and
counts are taken. Titles, citations, licences, names of what is known by number alone, and which names mean one table
stand in suite_notes.yaml. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

ROOT = Path(__file__).parents[1]
NOTES = ROOT / "scripts" / "suite_notes.yaml"
SUITES = ROOT / "datasets" / "suites"
BEYOND = {"beyond_temporal": ("time", "time_on"), "beyond_grouped": ("group", "group_on")}


@dataclass(frozen=True)
class Metadata:
    """What the authors of the suites published.

    Attributes:
        ids: Task and dataset ids by suite, as SUITES.json has them.
        names: Dataset names by task name (`openml/3`, `openml/d/3`).
        tabzilla: Task ids of TabZilla.
        licences: Licences of TabArena's tables.
        beyond: Rows of BeyondArena's tasks, one a dataset.
    """

    ids: dict[str, Any]
    names: dict[str, str]
    tabzilla: tuple[int, ...]
    licences: Counter[str]
    beyond: tuple[dict[str, str], ...]


def main(arguments: list[str]) -> int:
    """Write every card that the notes name; 2 if the folder is not given."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python scripts/write_suite_cards.py METADATA_FOLDER\n")
        return 2
    for name, card in suite_cards(Path(arguments[0])).items():
        (SUITES / f"{name}.yaml").write_text(card_text(card), encoding="utf-8")
        sys.stdout.write(f"{name}: {len(card['tasks'])} tasks, {len(card.get('duplicates', []))} tables twice\n")
    return 0


def suite_cards(folder: Path) -> dict[str, dict[str, Any]]:
    """Every card by name, as its YAML file holds it."""
    notes = yaml.safe_load(NOTES.read_text(encoding="utf-8"))
    data = read_metadata(folder, notes["names"])
    tasks = suite_tasks(data, notes)
    tables = {name: table_of(data.names[name], notes["tables"]) for members in tasks.values() for name in members}
    for suite in BEYOND:
        found = beyond_tasks(data, suite, notes["suites"][suite]["on_openml"])
        tasks[suite] = list(found)
        data.names.update(found)
    cards = {}
    for name, head in notes["suites"].items():
        card = {"name": name, **_head(head, len(tasks[name]))}
        if "licence" not in card:
            card["licence"] = "By table: " + ", ".join(f"{n} {what}" for what, n in data.licences.most_common()) + "."
        card["tasks"] = tasks[name]
        card["datasets"] = [data.names[task] for task in tasks[name]]
        card["duplicates"] = duplicates(tasks[name], tables, data.names)
        cards[name] = card
    return cards


def card_text(card: dict[str, Any]) -> str:
    """A card as YAML: what people read in lines, lists of names in rows."""
    lists = ("tasks", "datasets", "duplicates")
    head = {key: value for key, value in card.items() if key not in lists}
    rows = {key: card[key] for key in lists if card.get(key)}
    asked: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 110}
    return yaml.safe_dump(head, **asked) + yaml.safe_dump(rows, default_flow_style=None, **asked)


def read_metadata(folder: Path, names_by_task: dict[int, str]) -> Metadata:
    """Ids, names and roles from the published files."""
    ids = json.loads((folder / "SUITES.json").read_text(encoding="utf-8"))
    arena = _rows(folder / "tabarena_v0.1_51_datasets_metadata.csv")
    names = {f"openml/{number}": name for number, name in names_by_task.items()}
    tabzilla = {int(row["openml_task_id"]): row["name"] for row in _rows(folder / "tabzilla_all176_tasks.csv")}
    names |= {f"openml/{number}": name for number, name in tabzilla.items()}
    names |= {f"openml/d/{row['did']}": row["name"] for row in _rows(folder / "amlb_2023_metadata.csv")}
    names |= {f"openml/{row['task_id']}": row["dataset_name"] for row in arena}
    beyond = {row["dataset_name"]: row for row in _rows(folder / "BeyondArena_tasks_metadata.csv")}
    return Metadata(ids, names, tuple(tabzilla), Counter(row["licence"] for row in arena), tuple(beyond.values()))


def suite_tasks(data: Metadata, notes: dict[str, Any]) -> dict[str, list[str]]:
    """Task names of every suite whose ids were published, in ascending order."""
    parts = data.ids["Grinsztajn2022"]["task_ids"]
    numbers = {
        "cc18": data.ids["OpenML-CC18 (suite 99)"]["task_ids"],
        "ctr23": data.ids["OpenML-CTR23 (suite 353)"]["task_ids"],
        **{"grinsztajn_" + part.partition("_")[2]: ids for part, ids in parts.items()},
        "tabzilla": data.tabzilla,
        "tabzilla_hard": data.ids["TabZilla hard (suite 379)"]["task_ids"],
        "tabarena": data.ids["TabArena-v0.1 (suite 457)"]["task_ids"],
        "tabarena_lite": data.ids["TabArena-v0.1 (suite 457)"]["task_ids"],
    }
    found = {}
    for suite, ids in numbers.items():
        left_out = notes["suites"][suite].get("leave_out", [])
        found[suite] = [f"openml/{number}" for number in sorted(ids) if number not in left_out]
    for suite, key in (("classification", "classification (suite 271)"), ("regression", "regression (suite 269)")):
        found[f"amlb_{suite}"] = [f"openml/d/{n}" for n in sorted(data.ids[f"AMLB-2023 {key}"]["dataset_ids"])]
    return found


def table_of(dataset: str, same: list[list[str]]) -> str:
    """What the table of a dataset is called: the group of its name in the notes, or the name itself.

    >>> table_of("Higgs", []), table_of("houses", [["california_housing", "houses"]])
    ('higgs', 'californiahousing')
    """
    for group in same:
        if _plain(dataset) in map(_plain, group):
            return _plain(group[0])
    return _plain(dataset)


def beyond_tasks(data: Metadata, suite: str, on_openml: dict[str, str]) -> dict[str, str]:
    """Names of the BeyondArena datasets that OpenML has with their time or group, by task name.

    Args:
        data: What was published.
        suite: `beyond_temporal` or `beyond_grouped`.
        on_openml: Task on OpenML by name of the BeyondArena dataset, from the notes.
    """
    kind, column = suite.removeprefix("beyond_"), BEYOND[suite][1]
    roles = {row["dataset_name"]: row[column] for row in data.beyond if row["task_type"] == kind}
    return {f"{task}~{BEYOND[suite][0]}={quote(roles[name])}": name for name, task in on_openml.items()}


def duplicates(tasks: list[str], tables: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """Tables of a suite that stand under several task names, in it or across suites."""
    tasks_on = defaultdict(list)
    for task in sorted(tables, key=_order):
        tasks_on[tables[task]].append(task)
    mine = dict.fromkeys(tables[task.partition("~")[0]] for task in tasks)
    groups = [tasks_on[table] for table in mine if len(tasks_on[table]) > 1]
    return [{"table": names[group[0]], "tasks": group} for group in groups]


def _head(head: dict[str, Any], n_tasks: int) -> dict[str, Any]:
    """The part of a card that the notes hold, with a note on the number of tasks."""
    published = head["published"]
    count = f"{n_tasks} tasks, as published." if n_tasks == published else f"{n_tasks} of {published} published tasks."
    kept = {key: value for key, value in head.items() if key not in ("published", "leave_out", "on_openml")}
    return {**kept, "notes": [count, *head["notes"]]}


def _order(task: str) -> tuple[bool, int]:
    return task.startswith("openml/d/"), int(task.rpartition("/")[2])


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

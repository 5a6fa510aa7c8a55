"""Which row of a table of metafeatures belongs to which task: by name, or by OpenML's number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBER = re.compile(r"(?:openml/(?:d/)?|openml\.org/[td]/|openml__.*__)?(\d+)(?:\.0)?$")
"""`openml/31`, `openml/d/31`, `openml.org/t/31`, `openml__credit-g__31` of TabZilla, or the bare number."""


def match_tasks(tasks: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    """The key of each task that has one: the same name but for case, else the same number of OpenML.

    Numbers of OpenML count tasks and datasets apart: the caller takes the column of keys that the task names mean. A
    number that several keys carry matches none of them.

    >>> match_tasks(["Adult", "openml.org/t/31", "x"], ["adult", "31"])
    {'Adult': 'adult', 'openml.org/t/31': '31'}
    """
    by_name = {key.lower(): key for key in keys}
    by_number: dict[str, list[str]] = {}
    for key in keys:
        if found := NUMBER.match(key):
            by_number.setdefault(found[1], []).append(key)
    matched = {}
    for task in tasks:
        number = NUMBER.match(task)
        if task.lower() in by_name:
            matched[task] = by_name[task.lower()]
        elif number and len(by_number.get(number[1], [])) == 1:
            matched[task] = by_number[number[1]][0]
    return matched

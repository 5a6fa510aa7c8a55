"""The command that writes a card again, for a file that was changed since."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tabbench.data.inference import SPLIT_OF_ROLE
from tabbench.task import Role, SplitKind

if TYPE_CHECKING:
    from tabbench.data.cards import BundledCard
    from tabbench.data.local import FileName

OPTION_OF_ROLE = {Role.TIME: "--time", Role.GROUP: "--group", Role.IGNORED: "--ignore"}


def add_command(card: BundledCard, parts: FileName) -> str:
    """`tabbench data add …` with all that the card says and the command can: a role left out would be a leak.

    Args:
        card: As it was read.
        parts: Where its table is.
    """
    task, rule = card.task, card.task.split_rule
    words = ["tabbench", "data", "add", parts.path, "--target", task.target, "--type", task.type.value]
    for column in task.dataset.columns:
        if column.role in OPTION_OF_ROLE:
            words += [OPTION_OF_ROLE[column.role], column.name]
    if rule.kind is SplitKind.FIXED:
        words += ["--splits", str(parts.file.parent / card.splits_file)]
    elif rule.kind is not _split_of_roles(card):
        words += ["--split", rule.kind.value]
    words += ["--drop-rows-without-target"] if card.drops_gaps else []
    words += ["--licence", task.dataset.licence] if task.dataset.licence != "unknown" else []
    return shlex.join(words)


def _split_of_roles(card: BundledCard) -> SplitKind:
    roles = {column.role for column in card.task.dataset.columns}
    return next((kind for role, kind in SPLIT_OF_ROLE.items() if role in roles), SplitKind.KFOLD)

"""Modifiers as they stand in a task's name: `bundled/diamonds~rows=1000~rotate@3`, `openml/31~group=house`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import quote, unquote

from tabbench.errors import DataError, UnknownNameError


class Stage(StrEnum):
    """When a modifier is applied, in order.

    Roles are given while the table is cut into features and what they are not; the table is changed before it is
    split; what learns is fitted on the train rows of each split.
    """

    ROLES = "roles"
    TABLE = "table"
    SPLIT = "split"


class Amount(StrEnum):
    """What a modifier asks for behind its `=`."""

    NONE = "nothing"
    ROWS = "a whole number of rows, as in 1000"
    SHARE = "a share between 0 and 1, as in 0.1"
    NAME = "the name of a column"
    COLUMNS = "a number of columns or a multiple of the numeric ones, as in 10 or 2x"


@dataclass(frozen=True)
class ModifierKind:
    """What there is to know of a modifier without applying it; `least_numeric` features must be numbers."""

    stage: Stage
    amount: Amount
    least_numeric: int = 0
    has_chance: bool = True


KINDS = {
    "time": ModifierKind(Stage.ROLES, Amount.NAME, has_chance=False),
    "group": ModifierKind(Stage.ROLES, Amount.NAME, has_chance=False),
    "rows": ModifierKind(Stage.TABLE, Amount.ROWS),
    "noise_columns": ModifierKind(Stage.TABLE, Amount.COLUMNS, least_numeric=1),
    "missing": ModifierKind(Stage.TABLE, Amount.SHARE),
    "shuffle_columns": ModifierKind(Stage.TABLE, Amount.NONE),
    "rotate": ModifierKind(Stage.SPLIT, Amount.NONE, least_numeric=2),
    "gaussianise": ModifierKind(Stage.SPLIT, Amount.NONE, least_numeric=1, has_chance=False),
    "monotone": ModifierKind(Stage.SPLIT, Amount.NONE, least_numeric=1),
    "label_noise": ModifierKind(Stage.SPLIT, Amount.SHARE),
}

MOST_COLUMNS = 10_000
PATHS = ("file:", "folder:")
"""Sources whose names hold a path, in which `~` may stand for something else."""
IN_PATH = re.compile(r"~([A-Za-z_]+(?:=[\w.+%-]*)?(?:@\w*)?|(?:time|group)=[^~:]*)$")
PLAIN_COLUMN = re.compile(r"(?:[\w.-]|%[0-9A-Fa-f]{2})+")
"""A column as it stands in a name: whatever else it has is written as in an address, a blank as %20."""
FORM = re.compile(r"(?P<name>[^=@]*)(?:=(?P<amount>[^@]*))?(?:@(?P<seed>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Modifier:
    """One seeded change.

    Attributes:
        amount: Rows, columns or a share; 0 for a modifier that takes none.
        is_multiple: The amount is a multiple of the task's numeric features.
        column: Of a modifier that takes one, as the table names it.
    """

    name: str
    amount: float = 0.0
    is_multiple: bool = False
    seed: int = 0
    column: str = ""

    @property
    def kind(self) -> ModifierKind:
        """What there is to know of it."""
        return KINDS[self.name]

    @property
    def text(self) -> str:
        """The one way to write it.

        >>> parse_modifier("missing=.20@0").text
        'missing=0.2'
        >>> parse_modifier("time=sold%20on").column, parse_modifier("time=sold%20on").text
        ('sold on', 'time=sold%20on')
        """
        if self.column:
            return f"{self.name}={column_text(self.column)}"
        number = repr(self.amount).removesuffix(".0") + ("x" if self.is_multiple else "")
        amount = "" if self.kind.amount is Amount.NONE else f"={number}"
        return f"{self.name}{amount}" + (f"@{self.seed}" if self.seed else "")


class TaskName(NamedTuple):
    """A task's name in its parts."""

    base: str
    modifiers: tuple[Modifier, ...]


def split_name(name: str) -> TaskName:
    """The name of a task, and its modifiers.

    In the name of a file or folder only what looks like a modifier at its end is one: `file:~/my.csv::y~rotate`.

    Raises:
        UnknownNameError: For a modifier that there is none of.
        DataError: For an amount or a seed that it does not take, one that stands twice, or a wrong order.

    >>> base, modifiers = split_name("bundled/diamonds~rows=1000~missing=.2")
    >>> base, [modifier.text for modifier in modifiers]
    ('bundled/diamonds', ['rows=1000', 'missing=0.2'])
    """
    if not name.startswith(PATHS):
        base, *texts = name.split("~")
    else:
        base, texts = name, []
        while match := IN_PATH.search(base):
            base, texts = base[: match.start()], [match[1], *texts]
    modifiers = tuple(parse_modifier(text, name) for text in texts)
    _check_order(modifiers, base)
    return TaskName(base, modifiers)


def is_unmodified(name: str) -> bool:
    """Whether a task's name changes no rows: one without modifiers, or with such as give columns their roles.

    >>> is_unmodified("openml/d/41162~time=PurchDate"), is_unmodified("bundled/diamonds~rotate")
    (True, False)
    """
    return all(modifier.kind.stage is Stage.ROLES for modifier in split_name(name).modifiers)


def parse_modifier(text: str, where: str = "") -> Modifier:
    """One modifier from what stands between two `~`.

    Raises:
        UnknownNameError: If there is none of that name.
        DataError: If it does not take that amount or seed.
    """
    match = FORM.fullmatch(text)
    name, amount, seed = match.group("name", "amount", "seed") if match else (text, None, None)
    if name not in KINDS:
        hint = "A modifier is written ~NAME, ~NAME=AMOUNT or ~NAME@SEED."
        raise UnknownNameError("modifier", name, KINDS, where=where, hint=hint)
    kind = KINDS[name]
    if kind.amount is Amount.NAME:
        return _role(text, where)
    if seed is not None and not kind.has_chance:
        raise DataError(f"{where}: ~{name} holds no chance and takes no seed. Leave @{seed} off.")
    if seed is not None and not re.fullmatch(r"[0-9]{1,9}", seed):
        raise DataError(f"{where}: the seed of ~{name} must be a whole number of at most 9 digits, got {seed!r}.")
    is_multiple = kind.amount is Amount.COLUMNS and amount is not None and amount.endswith("x")
    number = _number(kind.amount, (amount or "").removesuffix("x") if is_multiple else amount)
    if number is None:
        got = f"~{name}" if amount is None else f"~{name}={amount}"
        raise DataError(f"{where}: ~{name} takes {kind.amount}, got {got}.")
    return Modifier(name, number, is_multiple, int(seed or 0))


def column_text(column: str) -> str:
    """A column's name as it stands in a task's: letters, digits, `_`, `.` and `-` as they are, others as %XX.

    >>> column_text("größe ~ m²")
    'größe%20%7E%20m²'
    """
    return re.sub(r"[^\w.-]+", lambda odd: quote(odd[0], safe="").replace("~", "%7E"), column)


def _role(text: str, where: str) -> Modifier:
    """`time=COLUMN` or `group=COLUMN`."""
    name, _, written = text.partition("=")
    if not written:
        raise DataError(f"{where}: ~{name} takes {Amount.NAME}: ~{name}=COLUMN.")
    if not PLAIN_COLUMN.fullmatch(written):
        raise DataError(
            f"{where}: in the name of a task, a column is written with letters, digits, '_', '.' and '-', and whatever "
            f"else it has as %XX. If the column is {written!r}: ~{name}={column_text(written)}"
        )
    return Modifier(name, column=unquote(written))


def _number(amount: Amount, text: str | None) -> float | None:
    """The number that a text stands for, None if it is none that is allowed."""
    if amount is Amount.NONE:
        return 0.0 if text is None else None
    if text is None or not re.fullmatch(r"[0-9]*\.?[0-9]+(e-?[0-9]{1,3})?|[0-9]+\.", text):
        return None
    number = float(text)
    is_allowed = {
        Amount.SHARE: 0 < number < 1,
        Amount.ROWS: number >= 2 and number == int(min(number, 1e15)),
        Amount.COLUMNS: 0 < number <= MOST_COLUMNS,
    }[amount]
    return number if is_allowed else None


def _check_order(modifiers: tuple[Modifier, ...], base: str) -> None:
    """Refuse one that stands twice, and one that stands behind one that is applied later."""
    names = [modifier.name for modifier in modifiers]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"{base}: ~{name} stands {names.count(name)} times. Give it once.")
    in_order = sorted(modifiers, key=lambda modifier: list(Stage).index(modifier.kind.stage))
    if in_order != [*modifiers]:
        right = base + "".join(f"~{modifier.text}" for modifier in in_order)
        raise DataError(
            f"{base}: modifiers that give roles come first, then those of the table, then those fitted on each "
            f"split: {right}"
        )

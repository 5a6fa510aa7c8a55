"""The split rule as it stands on a card."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from tabbench.data.card_checks import Keys, check_keys, check_types, check_word
from tabbench.errors import DataError
from tabbench.task import SplitKind, SplitRule, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST = {"n_repeats": 1, "n_folds": 1, "seed": 0}
FRACTIONS = frozenset({"test_fraction", "train_fraction", "valid_fraction"})
KEYS = {
    SplitKind.KFOLD: Keys(frozenset(), frozenset({"kind", *LEAST, "keeps_equal_rows"})),
    SplitKind.HOLDOUT: Keys(frozenset({"kind"}), frozenset({*LEAST, *FRACTIONS, "keeps_equal_rows"})),
    SplitKind.TEMPORAL: Keys(frozenset({"kind"}), frozenset({*LEAST, "window", "gap"})),
    SplitKind.GROUPED: Keys(frozenset({"kind"}), frozenset({*LEAST, "keeps_equal_rows"})),
    SplitKind.FIXED: Keys(frozenset({"kind", "file"}), frozenset({"rows_hash"})),
}
TYPES: dict[str, type] = {"keeps_equal_rows": bool, "file": str, "rows_hash": str}


class CardSplits(NamedTuple):
    """A split rule; of `fixed` splits only the file that holds their rows, beside the table, and perhaps their hash."""

    rule: SplitRule
    file: str = ""


def parse_split(said: Mapping[str, Any], where: str) -> CardSplits:
    """What a card says under `task.split`, checked.

    Raises:
        UnknownNameError: For a kind that there is none of, or a key that the kind does not take.
        DataError: For a value out of range.
    """
    kind = SplitKind.KFOLD
    if isinstance(said, dict):
        kind = check_word(SplitKind, said.get("kind", kind), where)
    check_keys(said, KEYS[kind], f"{where}: task.split of kind {kind}")
    check_types(said, TYPES, f"{where}: task.split")
    least = {**LEAST, "n_folds": 2} if kind in (SplitKind.KFOLD, SplitKind.GROUPED) else LEAST
    for key in sorted(LEAST.keys() & said.keys()):
        if type(said[key]) is not int or said[key] < least[key]:
            raise DataError(f"{where}: {key} must be a whole number of at least {least[key]}, got {said[key]!r}.")
    for key in sorted(FRACTIONS & said.keys()):
        _check_number(said[key], key, where, most=1.0)
    if "gap" in said and said["gap"] != 0:
        _check_number(said["gap"], "gap", where, most=math.inf)
    rest = {key: value for key, value in said.items() if key not in ("kind", "file", "gap", "window")}
    rule = SplitRule(
        kind,
        gap=float(said.get("gap", 0.0)),
        window=check_word(Window, said.get("window", Window.EXPANDING), where),
        **{**({"n_folds": 1} if kind is SplitKind.HOLDOUT else {}), **rest},
    )
    _check_holdout(rule, where)
    return CardSplits(rule, said.get("file", ""))


def split_text(rule: SplitRule, file: str = "") -> dict[str, Any]:
    """A rule as it is written on a card.

    Args:
        rule: Kept whole but for what its kind has no use for.
        file: Where the rows of `fixed` splits are.
    """
    said: dict[str, Any] = {"kind": rule.kind.value}
    if rule.kind is SplitKind.FIXED:
        return {**said, "file": file, "rows_hash": rule.rows_hash}
    said |= {"n_repeats": rule.n_repeats, "n_folds": rule.n_folds, "seed": rule.seed}
    if rule.kind is SplitKind.TEMPORAL:
        said |= {"window": rule.window.value, "gap": rule.gap}
    if rule.kind is SplitKind.HOLDOUT:
        said["test_fraction"] = rule.test_fraction
    return said


def _check_holdout(rule: SplitRule, where: str) -> None:
    if rule.kind is not SplitKind.HOLDOUT:
        return
    if rule.n_folds != 1:
        raise DataError(f"{where}: a holdout has one fold, got n_folds: {rule.n_folds}. Say n_repeats.")
    train = rule.train_fraction or 1 - rule.test_fraction
    if train + rule.test_fraction > 1 + 1e-9:
        raise DataError(
            f"{where}: test_fraction and train_fraction are {train + rule.test_fraction:g} together, over 1."
        )
    if rule.valid_fraction >= train:
        raise DataError(f"{where}: valid_fraction {rule.valid_fraction:g} leaves nothing of train, which is {train:g}.")


def _check_number(value: Any, key: str, where: str, most: float) -> None:
    if type(value) not in (int, float) or not 0 < value < most:
        span = "above 0" if most == math.inf else f"between 0 and {most:g}"
        raise DataError(f"{where}: {key} must be a number {span}, got {value!r}.")

"""Check what a person wrote on a card: keys, types and words."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tabbench.errors import DataError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

Word = TypeVar("Word", bound=StrEnum)


class Keys(NamedTuple):
    """What a mapping on a card must hold, and what it may."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def check_keys(card: Mapping[str, Any], keys: Keys, where: str) -> None:
    """Refuse what is no mapping, has a key that none is known by, or lacks one.

    Raises:
        UnknownNameError: For an unknown key.
        DataError: For the others.
    """
    if not isinstance(card, dict):
        raise DataError(f"{where} must be a mapping of keys to values, got {card!r}.")
    known = keys.required | keys.optional
    for key in card:
        if key not in known:
            raise UnknownNameError("key", str(key), known, where=where)
    absent = sorted(keys.required - set(card))
    if absent:
        raise DataError(f"{where}: {', '.join(absent)} must be given.")


def check_types(card: Mapping[str, Any], types: Mapping[str, type], where: str) -> None:
    """Refuse values of another type than their key asks for.

    Raises:
        DataError: For the first of them.
    """
    for key, value in card.items():
        if (wanted := types.get(key)) and not isinstance(value, wanted):
            hint = f" Quote it: {key}: '{value}'." if wanted is str else ""
            raise DataError(f"{where}: {key} must be a {wanted.__name__}, got {value!r}.{hint}")


def check_word(words: type[Word], value: str, where: str) -> Word:
    """The word of a closed set that a value is.

    Raises:
        UnknownNameError: If it is none of them.
    """
    try:
        return words(value)
    except ValueError:
        raise UnknownNameError(words.__name__, str(value), [*words], where=where) from None

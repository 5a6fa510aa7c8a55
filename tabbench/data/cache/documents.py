"""Frozen dataclasses as JSON documents and back, each value held to its type."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tabbench import task
from tabbench.errors import DataError
from tabbench.hashing import canonical_json

Document = TypeVar("Document")


def to_json(document: Any) -> bytes:
    """The one JSON text of a dataclass."""
    return canonical_json(asdict(document)).encode()


def from_json(kind: type[Document], text: bytes, where: str) -> Document:
    """A dataclass from its JSON text; keys that are absent have their defaults.

    Raises:
        DataError: If the text is no JSON, or a key or value is not what the dataclass declares.
    """
    try:
        made: Document = _made(kind, json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{where} is not what tabbench writes: {error}.") from error
    return made


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns=vars(task))  # some modules import them for types alone


def _made(hint: Any, value: Any) -> Any:
    """A value of JSON as the type that a hint names."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is UnionType:  # X | None, the only one in use
        return None if value is None else _made(inner[0], value)
    if origin is tuple:
        return tuple(_made(inner[0], one) for one in _of(list, value))
    if origin is dict:
        return {_of(str, key): _made(inner[1], one) for key, one in _of(dict, value).items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, _of(dict, value))
    if issubclass(hint, StrEnum):
        return hint(value)
    return float(value) if hint is float and type(value) is int else _of(hint, value)


def _dataclass(kind: type, value: dict[str, Any]) -> Any:
    unknown = sorted(set(value) - {f.name for f in fields(kind)})
    if unknown:
        raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}; a later release may have written it")
    return kind(**{name: _made(_hints(kind)[name], one) for name, one in value.items()})


def _of(kind: type[Document], value: Any) -> Document:
    if type(value) is not kind:
        raise TypeError(f"wanted {kind.__name__}, got {value!r:.80}")
    return value

"""Names for content: canonical JSON, its hash, and seeds derived from it."""

import hashlib
import json
from typing import Any

HASH_LENGTH = 16
"""Hex digits kept of a SHA-256: 64 bits, a collision in a billion documents has odds of 3 in 100."""


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no blanks, no NaN.

    Raises:
        ValueError: If the value holds NaN or an infinity.
        TypeError: If the value holds something JSON has no word for.

    >>> canonical_json({"b": 1, "a": [1.0, None]})
    '{"a":[1.0,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def content_id(value: Any) -> str:
    """Hash of a value's canonical JSON, 16 hex digits.

    >>> content_id({"alpha": 1.0}) == content_id(dict(alpha=1.0))
    True
    """
    return hash_bytes(canonical_json(value).encode())


def hash_bytes(data: bytes) -> str:
    """First 16 hex digits of the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()[:HASH_LENGTH]


def derive_seed(*parts: str | int) -> int:
    """A seed in [0, 2**31) that depends on all parts and on nothing else.

    >>> derive_seed("a", 1) == derive_seed("a", 1) != derive_seed("a", 2)
    True
    """
    return int(hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()[:8], 16) >> 1

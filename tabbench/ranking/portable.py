"""Random numbers that another language repeats to the digit: Philox4x32-10, addressed by counter.

Every number is a function of (seed, stream, round, position) alone: no state, no order of calls. Word number w of a
round is output w mod 4 of Philox4x32-10 for the counter (w div 4, round, stream, 0) and the key (seed mod 2³², seed
div 2³²). docs/uncertainty.md repeats this with test vectors and the same in JavaScript.

Source: Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 4.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tabbench.task import FloatArray, IntArray

    Words = NDArray[np.uint32]
    LongWords = NDArray[np.uint64]

TASKS, SPLITS, SIGNED_RANK, SIGNS, ORDERS = 1, 2, 3, 4, 5
"""Streams: what a draw is for. Draws for different ends never share numbers."""

MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)
PHILOX_ROUNDS = 10


def philox(counter: Words, key: Words) -> Words:
    """Philox4x32-10 of many counters under one key.

    Args:
        counter: Shape (…, 4).
        key: Shape (2,).

    Returns:
        Shape (…, 4).

    >>> [hex(word) for word in philox(np.zeros(4, dtype=np.uint32), np.zeros(2, dtype=np.uint32))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = (counter[..., i].astype(np.uint64) for i in range(4))
    k0, k1 = key.astype(np.uint64)
    for _ in range(PHILOX_ROUNDS):
        a, b = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (b >> SHIFT) ^ c1 ^ k0, b & LOW, (a >> SHIFT) ^ c3 ^ k1, a & LOW
        k0, k1 = (k0 + WEYL[0]) & LOW, (k1 + WEYL[1]) & LOW
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def random_words(seed: int, stream: int, n_rounds: int, n_words: int) -> Words:
    """The first words of the first rounds of a stream.

    Args:
        seed: 0 ≤ seed < 2⁶⁴.
        stream: What the draw is for: `TASKS`, `SPLITS` …
        n_rounds: How many rounds, each with words of its own.
        n_words: Words a round.

    Returns:
        Shape (n_rounds, n_words), each uniform on 0..2³²-1.

    Raises:
        ValueError: If the seed is out of range.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"a seed is a whole number from 0 to 2**64 - 1, not {seed}")
    n_blocks = -(-n_words // 4)
    counter = np.zeros((n_rounds, n_blocks, 4), dtype=np.uint32)
    counter[:, :, 0] = np.arange(n_blocks, dtype=np.uint32)
    counter[:, :, 1] = np.arange(n_rounds, dtype=np.uint32)[:, None]
    counter[:, :, 2] = stream
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], dtype=np.uint32)
    return philox(counter, key).reshape(n_rounds, -1)[:, :n_words]


def integers(words: Words, below: int | NDArray[np.int64]) -> IntArray:
    """Whole numbers 0..below-1: floor(word × below / 2³²).

    The multiply-shift rule without rejection (Lemire 2019, "Fast random integer generation in an interval", section
    3): no probability is off by more than 2⁻³². In JavaScript the product is exact while below < 2²¹.

    >>> integers(np.array([0, 2**31, 2**32 - 1], dtype=np.uint32), 10).tolist()
    [0, 5, 9]
    """
    scaled = words.astype(np.uint64) * np.asarray(below, dtype=np.uint64)
    return (scaled >> SHIFT).astype(np.int64)


def uniforms(words: Words) -> FloatArray:
    """Numbers inside (0, 1): (word + ½) / 2³², exact in float64."""
    return (words.astype(np.float64) + 0.5) / 2.0**32


def normals(words: Words) -> FloatArray:
    """Standard normal numbers, two from each pair of neighbours along the last axis, whose length is even.

    √(-2 log u₁) cos(2π u₂), and the same with sin; the cosine halves first, then the sine halves.

    Source: Box & Muller (1958), Annals of Mathematical Statistics 29:610-611.
    """
    uniform = uniforms(words)
    radius, angle = np.sqrt(-2.0 * np.log(uniform[..., 0::2])), 2.0 * np.pi * uniform[..., 1::2]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)

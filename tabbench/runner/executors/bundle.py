"""Bundles: jobs that one worker, or one element of an array, does in order."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tabbench.errors import StoreError
from tabbench.store.durable import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tabbench.runner.job import Job


@dataclass(frozen=True)
class Bundle:
    """Jobs that belong together.

    Attributes:
        jobs: In the order they are to be done.
        seconds: What they are expected to take one worker; 0 if nobody knows.
    """

    jobs: tuple[Job, ...]
    seconds: float = 0.0


def merged(bundles: Sequence[Bundle], n_most: int) -> tuple[Bundle, ...]:
    """The same jobs in at most so many bundles."""
    hands = [bundles[number::n_most] for number in range(min(n_most, len(bundles)))]
    return tuple(
        Bundle(tuple(job for bundle in hand for job in bundle.jobs), sum(bundle.seconds for bundle in hand))
        for hand in hands
    )


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Put a bundle where a node finds it.

    Raises:
        StoreError: If it cannot be written.
    """
    write_whole(path, partial(_write_bytes, pickle.dumps(bundle)))


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def read_bundle(path: Path) -> Bundle:
    """A bundle that this version of tabbench wrote.

    Raises:
        StoreError: If it cannot be read.
    """
    try:
        bundle = pickle.loads(path.read_bytes())
    except (OSError, pickle.UnpicklingError, AttributeError, ImportError, EOFError) as error:
        raise StoreError(
            f"The bundle {path} cannot be read: {error}. Start the same run again: it is bundled anew."
        ) from error
    assert isinstance(bundle, Bundle)
    return bundle

"""Names of entrants: a model, or in a pool of all regimes a model under a regime."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST_REGIME = "default"


def entrant_name(model: str, regime: str) -> str:
    """How an entrant is called where regimes are mixed.

    >>> entrant_name("knn", "tuned")
    'knn (tuned)'
    """
    return f"{model} ({regime})"


def entrant_named(entrants: Sequence[str], name: str) -> int | None:
    """Number of the entrant of that name: the very name, else the model by default, else under the first regime.

    >>> entrant_named(["knn (default)", "knn (tuned)"], "knn"), entrant_named(["knn"], "svm")
    (0, None)
    """
    names = [name, entrant_name(name, FIRST_REGIME), *(e for e in entrants if e.startswith(f"{name} ("))]
    return next((entrants.index(n) for n in names if n in entrants), None)

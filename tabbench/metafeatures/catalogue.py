"""All groups of metafeatures, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.errors import UnknownNameError
from tabbench.metafeatures.categories import CATEGORIES
from tabbench.metafeatures.dimension import DIMENSION
from tabbench.metafeatures.drift import DRIFT
from tabbench.metafeatures.group import OwnGroup
from tabbench.metafeatures.imbalance import IMBALANCE
from tabbench.metafeatures.irregularity import IRREGULARITY
from tabbench.metafeatures.learning_slope import LEARNING_SLOPE
from tabbench.metafeatures.missingness import MISSINGNESS
from tabbench.metafeatures.pymfe_groups import LANDMARKING, PYMFE_GROUPS, RELATIVE, PymfeGroup
from tabbench.metafeatures.regression_landmarks import REGRESSION_LANDMARKS
from tabbench.metafeatures.regression_target import REGRESSION_TARGET
from tabbench.metafeatures.rotation import ROTATION
from tabbench.metafeatures.row_structure import ROW_STRUCTURE

if TYPE_CHECKING:
    from collections.abc import Sequence


OWN_GROUPS: tuple[OwnGroup, ...] = (
    IMBALANCE, REGRESSION_TARGET, REGRESSION_LANDMARKS, CATEGORIES, MISSINGNESS, IRREGULARITY, ROW_STRUCTURE, DIMENSION,
    ROTATION, LEARNING_SLOPE, DRIFT,
)  # fmt: skip

Group = PymfeGroup | OwnGroup
"""A family of metafeatures that share rows and limits: `steps`, done one after another on what `open` returns."""

ALL_GROUPS: tuple[Group, ...] = (*PYMFE_GROUPS, *OWN_GROUPS)
GROUPS = {group.name: group for group in ALL_GROUPS}
"""In the order in which they are told."""


def groups_named(names: Sequence[str]) -> tuple[Group, ...]:
    """The groups of these names; all where none is named. `relative` is computed with `landmarking`.

    Raises:
        UnknownNameError: If there is none of a name.
    """
    chosen = {LANDMARKING if name == RELATIVE else name for name in names}
    for name in names:
        if name not in GROUPS and name != RELATIVE:
            raise UnknownNameError("group", name, [*GROUPS, RELATIVE], where="groups")
    return tuple(group for group in GROUPS.values() if not names or group.name in chosen)

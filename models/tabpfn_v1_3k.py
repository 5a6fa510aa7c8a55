"""TabPFN v1 on a random part of 3,000 train rows, as TabZilla (2023) ranked it, beyond what its authors advise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tabbench_models.tabpfn_v1 import TabPFNv1

if TYPE_CHECKING:
    from tabbench.model import Model, ModelCard


class TabPFNv1On3k(TabPFNv1):
    card: ClassVar[ModelCard] = replace(
        TabPFNv1.card, name="tabpfn_v1_3k", title="TabPFN v1, 3,000 rows", max_rows=None, train_subsample=3000
    )


MODEL: type[Model] = TabPFNv1On3k

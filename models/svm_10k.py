"""The support vector machine where train is larger than it takes: on a random part of 10,000 rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tabbench_models.svm import SVM

if TYPE_CHECKING:
    from tabbench.model import Model, ModelCard


class SVM10k(SVM):
    card: ClassVar[ModelCard] = replace(
        SVM.card, name="svm_10k", title="SVM (RBF), 10,000 rows", max_rows=None, train_subsample=10_000
    )


MODEL: type[Model] = SVM10k

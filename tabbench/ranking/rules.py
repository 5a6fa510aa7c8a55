"""The choices behind a ranking, each with its default, and the sentence that says them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tabbench.ranking.elo import WEAK_PRIOR
from tabbench.ranking.imputation import CONSTANT, Imputation
from tabbench.ranking.ties import Ties

FEWEST_TASKS = 10
"""Under this a ranking is a demonstration: no intervals, no groups, since hardly anything could be told apart."""


class Unit(StrEnum):
    """What is ranked: each split, with the ranks averaged by task, or each task, by its mean error over splits."""

    SPLIT = "split"
    TASK = "task"


class Pool(StrEnum):
    """Who is ranked together: the entrants of one regime, or those of all regimes."""

    REGIME = "regime"
    ALL = "all"


@dataclass(frozen=True)
class Rules:
    """How a ranking is made.

    Attributes:
        impute: What stands for a missing error.
        unit: What is ranked.
        ties: What ties, and the rank that those in a tie get.
        pool: Who is ranked together.
        anchor: The model whose Elo is 1000; empty for the mean of the bounded entrants.
        reference: The model of relative times and skill, and of imputation by reference; empty for `constant`.
        constant: Name of the constant predictor among the models.
        prior: C of the Elo's penalty.
    """

    impute: Imputation = Imputation.CONSTANT
    unit: Unit = Unit.SPLIT
    ties: Ties = field(default_factory=Ties)
    pool: Pool = Pool.REGIME
    anchor: str = ""
    reference: str = ""
    constant: str = CONSTANT
    prior: float = WEAK_PRIOR

    @property
    def reference_model(self) -> str:
        """The model that skill and relative times refer to."""
        return self.reference or self.constant

    def sentences(self) -> tuple[str, ...]:
        """The rules in words, as they are printed with every table."""
        unit = {
            Unit.SPLIT: "Ranks, wins and Elo per split, then the task's mean, then over tasks",
            Unit.TASK: "Ranks, wins and Elo by each task's mean error over its splits",
        }
        pool = {Pool.REGIME: "one regime", Pool.ALL: "all regimes together"}
        anchor = f"{self.anchor} = 1000" if self.anchor else "mean of the bounded = 1000"
        missing = f"reference ({self.reference_model})" if self.impute is Imputation.REFERENCE else str(self.impute)
        return (
            f"{unit[self.unit]}. Ties: {self.ties}. Pool: {pool[self.pool]}.",
            f"Missing errors: {missing}. Elo: Bradley-Terry, prior C = {self.prior:g}, {anchor}. "
            f"Skill and relative times: against {self.reference_model}.",
        )

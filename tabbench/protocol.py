"""The contract for a protocol: how valid is cut, how configurations are chosen, what may be spent."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tabbench.hashing import content_id


class SamplerKind(StrEnum):
    """Where configurations after the default one come from.

    random: a draw depends on (model, space version, trial number) alone: the same on every task and split.
    tpe: Optuna's tree-structured Parzen estimator, from the job's own history.
    fixed: a list, for replays and portfolios.
    """

    RANDOM = "random"
    TPE = "tpe"
    FIXED = "fixed"


@dataclass(frozen=True)
class Sampler:
    """A sampler with what its draws depend on.

    Attributes:
        configs: For `fixed`: canonical JSON of each configuration, in order.
    """

    kind: SamplerKind = SamplerKind.RANDOM
    seed: int = 0
    configs: tuple[str, ...] = ()

    @property
    def is_adaptive(self) -> bool:
        """Whether a draw depends on earlier scores."""
        return self.kind is SamplerKind.TPE


@dataclass(frozen=True)
class Limits:
    """What may be spent; never part of a job's identity. None is no limit.

    Attributes:
        n_trials: Configurations a job tries, the default one counted.
        trial_seconds: Wall seconds of one trial: fit and predict.
        job_seconds: Wall seconds of fits of a job; no trial starts once they are spent.
    """

    n_trials: int = 1
    trial_seconds: float | None = None
    job_seconds: float | None = None


@dataclass(frozen=True)
class Protocol:
    """How a job is done.

    Attributes:
        valid: How valid is cut out of train: `holdout`.
        valid_fraction: Share of train rows.
        metric: Primary metric for stopping and choosing; empty for log loss (classes) and RMSE (numbers).
        seed: The root of all chance in fits and in the valid cut.
        n_threads: Threads a fit runs with.
    """

    name: str = "quick"
    valid: str = "holdout"
    valid_fraction: float = 0.2
    metric: str = ""
    sampler: Sampler = field(default_factory=Sampler)
    seed: int = 0
    n_threads: int = 1
    limits: Limits = field(default_factory=Limits)

    def identity(self) -> dict[str, Any]:
        """The parts that change numbers: no name, budget, limit or engine."""
        parts = asdict(self)
        for name in ("name", "limits"):
            del parts[name]
        return parts

    @property
    def protocol_id(self) -> str:
        """Hash of the parts that change numbers."""
        return content_id(self.identity())

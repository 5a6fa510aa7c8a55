"""The contract for a protocol: how valid is cut, how configurations are chosen, what may be spent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tabbench.hashing import content_id
from tabbench.task import Role, SplitKind, primary_metric

if TYPE_CHECKING:
    from tabbench.task import Task

CV_BELOW_ROWS = 2_500
"""Tasks with fewer rows are cross-validated inside train under `auto`: one holdout of theirs is mostly luck."""


class ValidRule(StrEnum):
    """Which rows stop and choose.

    auto: `cv` for tasks under 2,500 rows that are not temporal, `holdout` for the others.
    holdout: a part cut out of train.
    cv: every part of train once; the test prediction is the mean of the folds' models.
    next_fold: the test rows of the next fold, as TabZilla has it.
    given: the valid rows that came with the task.
    """

    AUTO = "auto"
    HOLDOUT = "holdout"
    CV = "cv"
    NEXT_FOLD = "next_fold"
    GIVEN = "given"


class StopOn(StrEnum):
    """What early stopping looks at: the valid rows, or an inner part of train, so that valid only chooses."""

    VALID = "valid"
    INNER = "inner"


class SamplerKind(StrEnum):
    """Where configurations after the default one come from.

    random: a draw depends on (model, space version, trial number) alone: the same on every task and split.
    qmc: points of a scrambled Sobol sequence, which fill the space more evenly; depends on the same alone.
    tpe: Optuna's tree-structured Parzen estimator, from the job's own history.
    gp: Optuna's Gaussian process, likewise.
    fixed: a list, for replays and portfolios.
    """

    RANDOM = "random"
    QMC = "qmc"
    TPE = "tpe"
    GP = "gp"
    FIXED = "fixed"


class PrunerKind(StrEnum):
    """What stops a configuration that looks hopeless.

    median: a learning curve worse than the median of those before it.
    halving: one that is not among the best third at a rung; rungs are three times as far apart each.
    hyperband: successive halving with several first rungs.
    wilcoxon: inner folds that a signed-rank test finds worse than the best configuration's; needs `cv`.
    """

    NONE = "none"
    MEDIAN = "median"
    HALVING = "halving"
    HYPERBAND = "hyperband"
    WILCOXON = "wilcoxon"

    @property
    def looks_at_curves(self) -> bool:
        """Whether it judges learning curves."""
        return self in (PrunerKind.MEDIAN, PrunerKind.HALVING, PrunerKind.HYPERBAND)


@dataclass(frozen=True)
class Sampler:
    """A sampler with what its draws depend on.

    Attributes:
        configs: For `fixed`: canonical JSON of each configuration, in order, the same for every model.
        configs_of: For `fixed`: JSON of the configurations of each model by its name; empty where `configs` holds them.
            Whole, since a protocol is the same for all models of a run.
        space: JSON of a named space, an entry for each model; empty for the models' own. Whole, since a protocol is the
            same for all models of a run.
    """

    kind: SamplerKind = SamplerKind.RANDOM
    seed: int = 0
    configs: tuple[str, ...] = ()
    space: str = ""
    configs_of: str = ""

    def listed(self, model: str) -> list[dict[str, Any]]:
        """The configurations that `fixed` has for a model, in order.

        >>> Sampler(configs_of='{"knn": [{"n_neighbors": 3}]}').listed("knn")
        [{'n_neighbors': 3}]
        """
        if self.configs_of:
            return list(json.loads(self.configs_of).get(model, []))
        return [json.loads(config) for config in self.configs]

    @property
    def is_adaptive(self) -> bool:
        """Whether a draw depends on earlier scores."""
        return self.kind in (SamplerKind.TPE, SamplerKind.GP)


@dataclass(frozen=True)
class Limits:
    """What may be spent; never part of a job's identity. None is no limit.

    Attributes:
        n_trials: Configurations a job tries, the default one counted; None: until its seconds are spent.
        trial_seconds: Wall seconds of one trial: all its fits and predictions.
        job_seconds: Wall seconds of fits of a job; no trial starts once they are spent.
        memory_mib: Resident memory of the process that fits and of all that it starts.
    """

    n_trials: int | None = 1
    trial_seconds: float | None = None
    job_seconds: float | None = None
    memory_mib: float | None = None


@dataclass(frozen=True)
class Protocol:
    """How a job is done.

    Attributes:
        valid: Which rows stop and choose.
        valid_fraction: Share of train rows in a holdout, and of the fitted rows in the part that `stop_on=inner` cuts.
        n_inner_folds: Folds of `cv`; a grouped task with fewer groups has as many as it has groups.
        stop_on: What early stopping looks at.
        refit: Fit once more on train and valid, without early stopping; that model predicts test.
        metric: Primary metric for stopping and choosing; empty for log loss (classes) and RMSE (numbers).
        metrics: (task type, metric) where task types have metrics of their own.
        seed: The root of all chance in fits and in the valid cut.
        n_threads: Threads a fit runs with.
        keep_predictions: Store what each trial predicted; scores are computed either way.
    """

    name: str = "quick"
    valid: ValidRule = ValidRule.AUTO
    valid_fraction: float = 0.2
    n_inner_folds: int = 8
    stop_on: StopOn = StopOn.VALID
    refit: bool = False
    metric: str = ""
    metrics: tuple[tuple[str, str], ...] = ()
    sampler: Sampler = field(default_factory=Sampler)
    pruner: PrunerKind = PrunerKind.NONE
    seed: int = 0
    n_threads: int = 1
    limits: Limits = field(default_factory=Limits)
    keep_predictions: bool = True

    def identity(self) -> dict[str, Any]:
        """The parts that change numbers: no name, budget, limit, storage or engine, and nothing that is switched off.

        What is off leaves no trace, so that an option which tabbench learns later does not orphan older rows.
        """
        parts = asdict(self)
        for name in ("name", "limits", "keep_predictions"):
            del parts[name]
        for name in ("space", "configs_of"):
            if not parts["sampler"][name]:
                del parts["sampler"][name]
        if self.valid not in (ValidRule.CV, ValidRule.AUTO):
            del parts["n_inner_folds"]
        if self.valid not in (ValidRule.HOLDOUT, ValidRule.AUTO) and self.stop_on is StopOn.VALID:
            del parts["valid_fraction"]
        for name, off in (("metrics", ()), ("stop_on", StopOn.VALID), ("refit", False), ("pruner", PrunerKind.NONE)):
            if parts[name] == off:
                del parts[name]
        return parts

    def valid_rule(self, task: Task) -> ValidRule:
        """The rule on one task: `auto` decided."""
        if self.valid is not ValidRule.AUTO:
            return self.valid
        kind = task.split_rule.kind
        has_time = kind is SplitKind.FIXED and any(column.role is Role.TIME for column in task.dataset.columns)
        is_small = task.dataset.n_rows < CV_BELOW_ROWS
        return ValidRule.CV if is_small and kind is not SplitKind.TEMPORAL and not has_time else ValidRule.HOLDOUT

    @property
    def is_adaptive(self) -> bool:
        """Whether what becomes of a trial depends on those before it."""
        return self.sampler.is_adaptive or self.pruner is not PrunerKind.NONE

    @property
    def valid_role(self) -> str:
        """What valid rows are used for, as rows say it."""
        return "stopping+choosing" if self.stop_on is StopOn.VALID else "choosing"

    def primary_metric(self, task: Task) -> str:
        """The metric that stops and chooses on a task."""
        return dict(self.metrics).get(task.type) or self.metric or primary_metric(task.type)

    @property
    def protocol_id(self) -> str:
        """Hash of the parts that change numbers."""
        return content_id(self.identity())

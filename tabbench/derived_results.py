"""The rows that are computed from stored trials, never from a fit: ensembles, and scores by metrics that came later."""

from dataclasses import dataclass
from datetime import datetime

from tabbench.results import Scores
from tabbench.schema import identity, measured, outcome


@dataclass(frozen=True, kw_only=True)
class EnsembleRow:
    """What greedy selection on valid made of the trials of a job, or of the jobs of several models on one split."""

    ensemble_id: str = identity("hash of the jobs, the metric and the steps")
    job_ids: tuple[str, ...] = identity("jobs chosen from: one, or one a model of a portfolio")
    inputs: tuple[str, ...] = identity("for each job the hash of its trials, attempts and starts: see `job_inputs`")
    metric: str = identity("metric that the selection improved on valid")
    max_steps: int = identity("steps that the selection took", "steps")
    member_jobs: tuple[str, ...] = outcome("job of each trial in the ensemble")
    member_trials: tuple[int, ...] = outcome("number of each of them in its job")
    member_weights: tuple[float, ...] = outcome("share of each of them; they sum to 1")
    n_candidates: int = outcome("scored trials that it was chosen from")
    valid_error: float | None = outcome("error on valid by that metric; lower is better")
    test_error: float | None = outcome("error on test by that metric")
    valid: Scores = outcome("valid")
    test: Scores = outcome("test")
    made_at: datetime = measured("UTC")


@dataclass(frozen=True, kw_only=True)
class NewScoreRow:
    """One stored trial, scored by a metric that it was not scored by when it ran."""

    job_id: str = identity("the job")
    trial: int = identity("the trial")
    attempt: int = identity("the attempt")
    metric: str = identity("name of the metric")
    metric_hash: str = identity("hash of its source file; `tabbench` for one of its own")
    valid_error: float | None = outcome("error on valid by it; lower is better, NULL where undefined")
    test_error: float | None = outcome("error on test by it; lower is better, NULL where undefined")
    made_at: datetime = measured("UTC")

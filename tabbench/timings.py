"""The rows of the timing pass: a chosen configuration fitted again, alone, several times."""

from dataclasses import dataclass
from datetime import datetime

from tabbench.results import Status
from tabbench.schema import identity, measured


@dataclass(frozen=True, kw_only=True)
class TimingRow:
    """One stored trial, fitted again alone on its machine, each time in a fresh process; medians over the times."""

    job_id: str = identity("the job")
    trial: int = identity("the trial")
    attempt: int = identity("the attempt")
    model: str = identity("name on the card")
    source_hash: str = identity("hash of the plugin's source file")
    task: str = identity("name of the task")
    repeat: int = identity("which shuffle, from 0")
    fold: int = identity("which part of it is test, from 0")
    status: Status = measured("how the fits ended; no times unless ok")
    reason: str | None = measured("why, unless ok")
    n_repeats: int = measured("times that the trial was fitted", "times")
    n_fits: int = measured("models trained each time; seconds are sums over them", "fits")
    n_train: int = measured("rows fitted on, largest of its fits", "rows")
    n_test: int = measured("rows predicted as one batch", "rows")
    valid_error: float | None = measured("error on valid the last time: the stored one, for a deterministic model")
    fit_seconds: float | None = measured("wall time of `prepare` and `fit`", "s")
    fit_seconds_each: tuple[float, ...] | None = measured("the same, each time", "s")
    predict_seconds: float | None = measured("wall time of predicting the test part at once", "s")
    predict_row_seconds: float | None = measured("wall time of predicting one row, after a first one", "s")
    cpu_seconds: float | None = measured("CPU time of fit and predict, all threads", "s")
    peak_memory_mib: float | None = measured("peak resident memory of the fitting process", "MiB")
    model_bytes: int | None = measured("size of the fitted models as pickles", "bytes")
    no_model_bytes: str | None = measured("why they cannot be pickled")
    n_threads: int = measured("threads it was told to use")
    n_beside: int = measured("worker processes of the same run, this one counted")
    load: float | None = measured("load average of the last minute when it began, all programs of the machine")
    environment_id: str = measured("where it ran: see `environments`")
    worker_id: str = measured("the process that supervised it: see `workers`")
    made_at: datetime = measured("UTC")

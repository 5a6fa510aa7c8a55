"""What a store holds, and what of it must be the same twice."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tabbench.results import FitRow, TrialRow
from tabbench.schema import Mark, columns_of, flatten
from tabbench.store.history import read_job
from tabbench.store.layout import Store, is_pack, job_of
from tabbench.store.shards import read_shard

if TYPE_CHECKING:
    from pathlib import Path


def all_trials(root: Path) -> list[Any]:
    """Every finished trial of a store, ordered by job and number."""
    store = Store(root)
    loose = {job_of(path) for path in [*store.all_journals(), *store.all_shards()] if not is_pack(path)}
    packed = {job for path in store.all_shards() if is_pack(path) for job in read_shard(path)["job_id"].to_pylist()}
    jobs = sorted(loose | packed)
    return [done for job in jobs for done in read_job(store, job, with_predictions=True)]


def stable_rows(root: Path) -> list[Any]:
    """What two runs of the same jobs must agree in: identity and outcome of trials and fits, and predictions."""
    return [
        (
            _stable(done.trial, TrialRow),
            [_stable(fit, FitRow) for fit in done.fits],
            [(p.part, p.rows.tolist(), p.values.tobytes()) for p in done.predictions],
        )
        for done in all_trials(root)
    ]


def _stable(row: Any, row_type: type) -> dict[str, Any]:
    flat = flatten(row)
    return {c.name: flat[c.name] for c in columns_of(row_type) if c.mark is not Mark.MEASURED}


TABBENCH = [sys.executable, "-m", "tabbench.cli.main"]

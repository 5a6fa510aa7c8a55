"""Turn a verified bundle into a store: every row is written by us, from what was read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.data.catalog import known_suites, load_suite
from tabbench.documents import ProtocolRow
from tabbench.errors import StoreError
from tabbench.hashing import canonical_json
from tabbench.runner.describe import dataset_row, suite_rows, task_row
from tabbench.store.documents import write_document
from tabbench.store.history import finish_job
from tabbench.store.journal import Journal
from tabbench.store.layout import Store
from tabbench.store.records import FinishedTrial
from tabbench.submission.archive import open_bundle
from tabbench.submission.own_job import own_job
from tabbench.submission.rescoring import MissingPredictionsError, take_predictions
from tabbench.submission.verdict import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.submission.archive import Bundle
    from tabbench.submission.own_job import OwnJob
    from tabbench.submission.verification import Verified


def unpack_bundle(path: Path, verified: Verified, folder: Path) -> int:
    """Write a store with the trials of a bundle. Tasks, datasets and suites are told as they are known here.

    Args:
        path: The bundle that was verified.
        verified: What came of that.
        folder: The store to make; absent or empty.

    Returns:
        Trials written.

    Raises:
        StoreError: If the bundle is not verified, or the folder holds anything or cannot be written.
        BundleError: If the file is another by now.
    """
    if verified.report.verdict is not Verdict.VERIFIED:
        raise StoreError(
            f"{path} is {verified.report.verdict}; only a verified bundle is unpacked. Nothing was written."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StoreError(f"{folder} is there already. Name a folder that is not: --unpack DIR.")
    store = Store(folder).create()
    with open_bundle(path) as bundle:
        tasks = {}
        n_trials = 0
        for job in verified.jobs:
            own = own_job(job.first, verified.documents.protocols[job.first.protocol_id])
            tasks[own.task.task_hash, own.task.splits_hash] = own.task
            n_trials += _write_job(bundle, own, store)
    for task in tasks.values():
        write_document(store, "tasks", task_row(task))
        write_document(store, "datasets", dataset_row(task))
    names = {task.name for task in tasks.values()}
    for suite in map(load_suite, known_suites()):
        if names & set(suite.tasks):
            write_document(store, "suites", suite_rows(suite))
    _write_documents(store, verified)
    return n_trials


def _write_job(bundle: Bundle, own: OwnJob, store: Store) -> int:
    n_written, job_id, worker_id = 0, own.job.job_id, "bundle"
    with Journal.open(store, job_id, worker_id) as journal, bundle.predictions(job_id) as take:
        for line in bundle.trials(job_id):
            try:
                predictions = take_predictions(line, own, take)
            except MissingPredictionsError as error:
                raise StoreError(f"{bundle.path} changed while it was read. Verify it again.") from error
            journal.append(FinishedTrial(line.trial, line.fits, predictions))
            n_written += 1
    finish_job(store, job_id, worker_id)
    return n_written


def _write_documents(store: Store, verified: Verified) -> None:
    """Rows of the small tables that some trial refers to."""
    documents, first = verified.documents, [job.first for job in verified.jobs]
    for model in documents.models.values():
        if model.source_hash in {trial.source_hash for trial in first}:
            write_document(store, "models", model)
    for identity, protocol in documents.protocols.items():
        settings = canonical_json(protocol.identity())
        write_document(store, "protocols", ProtocolRow(protocol_id=identity, settings=settings))
    for table, rows in (
        ("environments", documents.environments.values()),
        ("workers", documents.workers.values()),
        ("calibrations", documents.calibrations),
        ("all_timings", documents.timings),
    ):
        for row in rows:
            write_document(store, table, row)

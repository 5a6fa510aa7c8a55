"""Write finished trials so that nothing but the current one can be lost."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.results import SCHEMA_VERSION
from tabbench.store.arrow_schema import prediction_schema
from tabbench.store.durable import is_same_file, sync_folder, unlock, write_error
from tabbench.store.layout import Store, predictions_beside
from tabbench.store.records import FinishedTrial, Prediction, json_text, trial_record

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FinishedTrial", "Journal", "Prediction"]


class Journal:
    """One worker's finished trials of one job, locked while it is open.

    Predictions are synced before the line that counts them, so a line that is complete is true.
    """

    def __init__(self, path: Path, lines: int, arrows: int) -> None:
        """Use `Journal.open`. Takes over two open, locked descriptors."""
        self.path = path
        self._lines, self._arrows = lines, arrows
        self._lines_end, self._arrows_end = os.fstat(lines).st_size, os.fstat(arrows).st_size
        self._is_open = True

    @classmethod
    def open(cls, store: Store, job_id: str, worker_id: str) -> Journal:
        """Start this worker's journal of a job, or go on with it.

        Raises:
            StoreError: If it cannot be written, or another process writes under the same worker id.
        """
        path = store.journal(job_id, worker_id)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = _open_locked(path)
            predictions_end = _cut_torn_line(lines)
            arrows = os.open(predictions_beside(path), os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.ftruncate(arrows, predictions_end)
            journal = cls(path, lines, arrows)
            if journal._lines_end == 0:
                journal._write(b"", (json_text({"schema_version": SCHEMA_VERSION}) + "\n").encode())
                sync_folder(path.parent)
        except OSError as error:
            raise write_error(path, error, "nothing, the job has not begun") from error
        return journal

    def append(self, finished: FinishedTrial) -> None:
        """Put one trial on disk; when this returns it survives `kill -9` and a power cut.

        Raises:
            StoreError: If the disk is full or gone. All earlier trials are safe.
        """
        arrows = _arrow_stream(finished) if finished.predictions else b""
        record = trial_record(finished) | {"predictions_end": self._arrows_end + len(arrows)}
        line = (json_text(record) + "\n").encode()
        try:
            self._write(arrows, line)
        except OSError as error:
            self._cut_torn_tail()
            lost = f"trial {finished.trial.trial} of job {finished.trial.job_id}, all earlier trials are safe"
            raise write_error(self.path, error, lost) from error

    def close(self) -> None:
        """Let others read the journal into a shard. Closing twice does nothing."""
        if self._is_open:
            self._is_open = False
            os.close(self._arrows)
            unlock(self._lines)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, arrows: bytes, line: bytes) -> None:
        for fd, data in ((self._arrows, arrows), (self._lines, line)):
            if data:
                _write_all(fd, data)
                os.fdatasync(fd)
        self._arrows_end += len(arrows)
        self._lines_end += len(line)

    def _cut_torn_tail(self) -> None:
        try:
            os.ftruncate(self._lines, self._lines_end)
            os.ftruncate(self._arrows, self._arrows_end)
        except OSError:
            pass  # readers ignore a torn line


def _open_locked(path: Path) -> int:
    while True:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise StoreError(
                f"{path} is being written by another process. Give each worker an id of its own, or wait for it to end."
            ) from None
        if is_same_file(fd, path):
            return fd
        unlock(fd)  # it became a shard between our open and our lock


def _cut_torn_line(fd: int) -> int:
    """Cut what a killed process left of a line; how many bytes of predictions the whole lines count."""
    data = os.pread(fd, os.fstat(fd).st_size, 0)
    end = data.rfind(b"\n") + 1
    os.ftruncate(fd, end)
    lines = data[:end].splitlines()
    return int(json.loads(lines[-1])["predictions_end"]) if len(lines) > 1 else 0


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def prediction_batch(finished: FinishedTrial) -> Any:
    """The predictions of a trial as an Arrow record batch, a row a part."""
    import numpy as np
    import pyarrow as pa

    trial, parts = finished.trial, finished.predictions
    schema, n = prediction_schema(), len(finished.predictions)

    def lists(arrays: list[Any], dtype: Any) -> Any:
        flat = [np.ascontiguousarray(a, dtype=dtype).ravel() for a in arrays]
        offsets = np.concatenate([[0], np.cumsum([len(a) for a in flat])]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.concatenate(flat)))

    columns = {
        "job_id": pa.array([trial.job_id] * n, pa.string()),
        "trial": pa.array([trial.trial] * n, pa.int64()),
        "attempt": pa.array([trial.attempt] * n, pa.int64()),
        "part": pa.array([p.part for p in parts], pa.string()),
        "rows": lists([p.rows for p in parts], np.int32).cast(schema.field("rows").type),
        "n_outputs": pa.array([p.n_outputs for p in parts], pa.int64()),
        "values": lists([p.values for p in parts], np.float32).cast(schema.field("values").type),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def _arrow_stream(finished: FinishedTrial) -> bytes:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, prediction_schema(), options=options) as writer:
        writer.write_batch(prediction_batch(finished))
    return bytes(sink.getvalue())

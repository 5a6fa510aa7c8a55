"""The small tables of a bundle: each row is what its hash says, and every trial's model, place and protocol is told."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tabbench.discovery import find_models
from tabbench.hashing import content_id, hash_bytes
from tabbench.results import Status
from tabbench.schema import flatten
from tabbench.submission.bundle import printable
from tabbench.submission.own_job import read_protocols
from tabbench.submission.typed_rows import WrongRowError, is_finite, parse_line
from tabbench.submission.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tabbench.discovery import ModelSource
    from tabbench.documents import CalibrationRow, EnvironmentRow, ModelRow, WorkerRow
    from tabbench.protocol import Protocol
    from tabbench.results import TrialRow
    from tabbench.submission.archive import Bundle
    from tabbench.submission.bundle import SubmittedModel
    from tabbench.submission.values import Wrong
    from tabbench.submission.verdict import Report
    from tabbench.timings import TimingRow


@dataclass(frozen=True)
class Documents:
    """The small tables, by what trials refer to them with."""

    models: Mapping[str, ModelRow]
    protocols: Mapping[str, Protocol]
    environments: Mapping[str, EnvironmentRow]
    workers: Mapping[str, WorkerRow]
    calibrations: tuple[CalibrationRow, ...]
    timings: tuple[TimingRow, ...]

    def unknown(self, trial: TrialRow) -> Iterator[Wrong]:
        """What a trial refers to and the bundle does not hold."""
        model = self.models.get(trial.source_hash)
        told = (trial.model, trial.model_version, trial.space_version)
        if model is None or told != (model.model, model.model_version, model.space_version):
            yield (
                "unknown model",
                f"no model {printable(told[0], 40)}, version {told[1]}, has source {trial.source_hash}",
            )
        if trial.environment_id not in self.environments:
            yield "unknown environment", f"nothing is told of the environment {printable(trial.environment_id, 40)}"
        elif trial.worker_id not in self.workers:
            yield "unknown worker", f"nothing is told of the worker {printable(trial.worker_id, 40)}"


def check_documents(bundle: Bundle, report: Report) -> Documents:
    """Read the small tables and note what is wrong with them.

    Raises:
        BundleError: If a line is no row of its table.
    """
    models = _by_id(bundle, "models", "source_hash", report)
    environments = _by_id(bundle, "environments", "environment_id", report)
    protocols = bundle.table("protocols")
    found = Documents(
        models=models,
        protocols=read_protocols(protocols),
        environments=environments,
        workers=_by_id(bundle, "workers", "worker_id", report),
        calibrations=tuple(bundle.table("calibrations")),
        timings=tuple(bundle.table("all_timings")),
    )
    for row in protocols:
        if row.protocol_id not in found.protocols:
            message = f"the settings of protocol {printable(row.protocol_id, 40)} do not give this id here"
            report.add(Severity.FALSE, "not the protocol", message)
    for identity, row in environments.items():
        facts = {name: value for name, value in flatten(row).items() if name != "environment_id"}
        if content_id(facts) != identity:
            report.add(Severity.FALSE, "changed environment", f"{printable(identity, 40)} is not the hash of its row")
    for worker in found.workers.values():
        if not worker.worker_id.isalnum() or worker.environment_id not in environments:
            report.add(
                Severity.FALSE, "unknown worker", f"{printable(worker.worker_id, 40)}: no such environment or name"
            )
    for timing in found.timings:
        for message in _wrong_timing(timing):
            report.add(Severity.FALSE, "impossible value", message, f"timing of {timing.job_id}:{timing.trial}")
    installed = find_models()
    for model in bundle.contents.models:
        _check_model(bundle, model, models, installed, report)
    return found


def _by_id(bundle: Bundle, table: str, column: str, report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in bundle.table(table):
        identity = getattr(row, column)
        if found.setdefault(identity, row) is not row:
            report.add(Severity.FALSE, "twice", f"{printable(identity, 40)} stands twice in {table}")
    return found


def _check_model(
    bundle: Bundle,
    model: SubmittedModel,
    rows: Mapping[str, ModelRow],
    installed: Mapping[str, ModelSource],
    report: Report,
) -> None:
    sources = bundle.source(model)
    found = hash_bytes(b"".join(sources[name] for name in sorted(sources)))
    if found != model.source_hash or f"{model.name}.py" not in sources:
        message = f"its source gives the hash {found}, the bundle says {printable(model.source_hash, 40)}"
        report.add(Severity.FALSE, "changed source", message, model.name)
    row = rows.get(model.source_hash)
    if row is None or (row.model, row.model_version) != (model.name, model.version):
        report.add(Severity.FALSE, "unknown model", "the bundle has no card of it", model.name)
    elif not _is_card_of(row):
        report.add(Severity.FALSE, "changed card", "its card is no JSON object, or says another name", model.name)
    if model.name in installed and installed[model.name].source_hash != model.source_hash:
        message = "a model of this name with another source is installed here; a name stands for one model"
        report.add(Severity.NOTE, "name in use", message, model.name)


def _is_card_of(row: ModelRow) -> bool:
    try:
        card = parse_line(row.card.encode())
    except WrongRowError:
        return False
    same = ("title", "family", "kind", "is_deterministic", "paper", "code", "licence", "space_version")
    is_object = isinstance(card, dict) and card.get("name") == row.model and card.get("version") == row.model_version
    return is_object and all(card.get(name) == getattr(row, name) for name in same)


def _wrong_timing(row: TimingRow) -> Iterator[str]:
    for name, value in flatten(row).items():
        numbers = value if isinstance(value, tuple) else (value,)
        for number in numbers:
            if isinstance(number, float) and (not is_finite(number) or (name != "valid_error" and number < 0)):
                yield f"{name} is {number}"
    each = row.fit_seconds_each
    if row.status is Status.OK and (not each or row.fit_seconds != statistics.median(each)):
        yield f"fit_seconds is {row.fit_seconds}, not the median of its {len(each or ())} times"

"""From settings to a protocol: every value checked, with the nearest right word where one is wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tabbench.errors import SettingsError, UnknownNameError
from tabbench.hashing import canonical_json
from tabbench.metrics import METRICS, error_of_stored
from tabbench.protocol import Limits, Protocol, PrunerKind, Sampler, SamplerKind, StopOn, ValidRule
from tabbench.results import Status
from tabbench.runner.named_spaces import named_space
from tabbench.tuning.adaptive import check_library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tabbench.runner.settings import Settings
    from tabbench.task import Task

RETRYABLE = tuple(s.value for s in Status if s not in (Status.OK, Status.PRUNED))


def make_protocol(settings: Settings) -> Protocol:
    """The protocol of a run, checked.

    Raises:
        SettingsError: For a value out of range.
        UnknownNameError: For a metric, sampler or valid rule that does not exist.
    """
    _check(settings)
    p = settings.protocol
    return Protocol(
        name=p.name,
        valid=ValidRule(p.valid),
        valid_fraction=p.valid_fraction,
        n_inner_folds=p.n_inner_folds,
        stop_on=StopOn(p.stop_on),
        refit=p.refit,
        metric=p.metric,
        metrics=tuple((name, metric) for name, metric in asdict(p.metrics).items() if metric),
        sampler=_sampler(settings),
        pruner=PrunerKind(settings.pruner.kind),
        seed=p.seed,
        n_threads=p.n_threads,
        limits=Limits(p.n_trials, p.trial_seconds, p.job_seconds, p.memory_mib),
        keep_predictions=p.keep_predictions,
    )


def _sampler(settings: Settings) -> Sampler:
    """The sampler with its named space, or with its list: a list of configurations is drawn from nowhere."""
    s = settings.sampler
    if s.kind != SamplerKind.FIXED:
        return Sampler(SamplerKind(s.kind), s.seed, space=named_space(s.space))
    assert s.configs is not None  # _check
    content = read_configs(Path(s.configs))
    if isinstance(content, dict):
        return Sampler(SamplerKind.FIXED, s.seed, configs_of=canonical_json(content))
    return Sampler(SamplerKind.FIXED, s.seed, configs=tuple(canonical_json(config) for config in content))


def read_configs(path: Path) -> list[dict[str, Any]] | dict[str, list[dict[str, Any]]]:
    """A list of configurations, or a list for each model by name.

    Raises:
        SettingsError: If the file cannot be read or holds neither.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"sampler.configs: {path} cannot be read: {error}") from error
    lists = content.values() if isinstance(content, dict) else [content]
    for configs in lists:
        if not isinstance(configs, list) or not all(isinstance(config, dict) for config in configs):
            raise SettingsError(
                f"sampler.configs: {path} must hold a list of configurations, or a list for each model name; "
                f"it holds {json.dumps(configs, default=str)[:80]}."
            )
    return cast("list[dict[str, Any]] | dict[str, list[dict[str, Any]]]", content)


def check_metrics(protocol: Protocol, tasks: Sequence[Task]) -> None:
    """Refuse a metric that a task has no use for.

    Raises:
        SettingsError: Naming the task, and the metrics that fit it.
    """
    for task in tasks:
        try:
            error_of_stored(protocol.primary_metric(task), task.type)
        except SettingsError as error:
            raise SettingsError(f"protocol.metric on {task.name}: {error}") from error


def _check(settings: Settings) -> None:
    _check_words(settings)
    p = settings.protocol
    if settings.pruner.kind == PrunerKind.WILCOXON and p.valid not in (ValidRule.CV, ValidRule.AUTO):
        raise SettingsError(f"pruner=wilcoxon compares inner folds, and protocol.valid={p.valid} has one. Use cv.")
    _between("protocol.n_inner_folds", p.n_inner_folds, 2, 100)
    _between("protocol.valid_fraction", p.valid_fraction, 0.01, 0.9)
    if p.n_trials is not None:
        _between("protocol.n_trials", p.n_trials, 1, 10**6)
    elif p.job_seconds is None:
        raise SettingsError("protocol.n_trials=null leaves a job without an end: give protocol.job_seconds as well.")
    _between("protocol.n_threads", p.n_threads, 1, 1024)
    _between("executor.bundle_minutes", settings.executor.bundle_minutes, 1e-4, 1e6)
    if settings.executor.n_workers is not None:
        _between(
            "executor.n_workers", settings.executor.n_workers, 1, 1024 if settings.executor.kind == "local" else 100_000
        )
    _between("executor.ray.gpus", settings.executor.ray.gpus, 0, 64)
    _between("executor.ray.retries", settings.executor.ray.retries, 0, 1000)
    for name in ("trial_seconds", "job_seconds"):
        if (seconds := getattr(p, name)) is not None:
            _between(f"protocol.{name}", seconds, 0.001, 1e9)
    if p.memory_mib is not None:
        _between("protocol.memory_mib", p.memory_mib, 1, 1e9)
        if sys.platform != "linux":
            raise SettingsError("protocol.memory_mib: memory is watched on Linux only. Leave the limit out here.")
    if (settings.sampler.kind == SamplerKind.FIXED) != (settings.sampler.configs is not None):
        raise SettingsError("sampler=fixed and sampler.configs=FILE go together.")


def _check_words(settings: Settings) -> None:
    p = settings.protocol
    _known("protocol.valid", p.valid, list(ValidRule))
    _known("protocol.stop_on", p.stop_on, list(StopOn))
    _known("sampler.kind", settings.sampler.kind, list(SamplerKind))
    _known("pruner.kind", settings.pruner.kind, list(PrunerKind))
    check_library(SamplerKind(settings.sampler.kind))
    for status in settings.retry:
        _known("retry", status, RETRYABLE)
    for metric in filter(None, (p.metric, *asdict(p.metrics).values())):
        _known("protocol.metric", metric, METRICS)


def _known(setting: str, value: str, known: Any) -> None:
    if value not in known:
        raise UnknownNameError(setting, value, list(known), where="settings")


def _between(setting: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SettingsError(f"{setting}={value}: must be between {low:g} and {high:g}.")

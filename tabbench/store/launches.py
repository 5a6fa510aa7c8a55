"""What was handed to a cluster: a folder for each launch, with what was submitted and how each bundle ended.

::

    launches/LAUNCH/launch.json         what was submitted, where and when
    launches/LAUNCH/bundles/N.pickle    the jobs of bundle N
    launches/LAUNCH/ended/N.json        how bundle N ended, written by itself
    launches/LAUNCH/again/N             bundle N has stopped before its wall time and is to go on
    launches/LAUNCH/engine/             the engine's own files: logs above all
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tabbench.errors import StoreError
from tabbench.store.durable import write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from tabbench.store.layout import Store


@dataclass(frozen=True)
class Launch:
    """One submission.

    Attributes:
        launch_id: Drawn at the launch; sorts by time.
        engine: slurm or ray.
        engine_id: What the engine calls it: the id of a SLURM array; empty if the launch died before it was known.
        host: Where the launching command ran.
        started_at: ISO, UTC.
    """

    launch_id: str
    engine: str
    engine_id: str
    n_bundles: int
    n_jobs: int
    n_trials: int
    host: str
    started_at: str


@dataclass(frozen=True)
class FailedJob:
    """A job that could not be done at all."""

    job_id: str
    model: str
    task: str
    reason: str


@dataclass(frozen=True)
class BundleEnd:
    """How one bundle ended.

    Attributes:
        n_done: Jobs done, or found done.
        n_left: Jobs that were not begun, or were stopped at the wall time.
        failures: Jobs that could not be done.
        cluster_job: What the engine called it.
        ended_at: ISO, UTC.
    """

    number: int
    n_done: int
    n_left: int
    failures: tuple[FailedJob, ...]
    host: str
    cluster_job: str
    ended_at: str


@dataclass(frozen=True)
class LaunchFolder:
    """Where everything of one launch lies."""

    root: Path

    @property
    def engine(self) -> Path:
        """The engine's own files."""
        return self.root / "engine"

    def bundle(self, number: int) -> Path:
        """The jobs of a bundle."""
        return self.root / "bundles" / f"{number}.pickle"

    def end(self, number: int) -> Path:
        """How a bundle ended."""
        return self.root / "ended" / f"{number}.json"

    def again(self, number: int) -> Path:
        """There while a bundle waits to go on."""
        return self.root / "again" / str(number)

    def write(self, launch: Launch) -> None:
        """Keep what was submitted.

        Raises:
            StoreError: If it cannot be written.
        """
        _write_json(self.root / "launch.json", launch)

    def write_end(self, end: BundleEnd) -> None:
        """Keep how a bundle ended; a bundle that runs again says so anew.

        Raises:
            StoreError: If it cannot be written.
        """
        _write_json(self.end(end.number), end)

    def ends(self) -> dict[int, BundleEnd]:
        """How each bundle that has ended did."""
        found = {}
        for path in sorted((self.root / "ended").glob("[0-9]*.json")):
            content = _read_json(path)
            failures = tuple(FailedJob(**failure) for failure in content.pop("failures"))
            end = BundleEnd(failures=failures, **content)
            found[end.number] = end
        return found


def launch_folder(store: Store, launch_id: str) -> LaunchFolder:
    """The folder of a launch; it need not exist."""
    return LaunchFolder(store.root / "launches" / launch_id)


def launches_of(store: Store) -> list[Launch]:
    """All launches, the earliest first."""
    return [Launch(**_read_json(path)) for path in sorted((store.root / "launches").glob("*/launch.json"))]


def _write_json(path: Path, record: Launch | BundleEnd) -> None:
    write_whole(path, partial(_write_text, json.dumps(asdict(record))))


def _write_text(text: str, path: Path) -> None:
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path} cannot be read: {error}. Remove the folder of that launch; no row is in it."
        ) from error
    assert isinstance(content, dict)
    return content

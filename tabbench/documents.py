"""What the rows of trials refer to by hash: tasks, tables, models, protocols, suites, places."""

from dataclasses import dataclass
from datetime import datetime

from tabbench.schema import identity, measured


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One task, as it was when its rows were made."""

    task_hash: str = identity("hash of rows, roles, target and type")
    splits_hash: str = identity("hash of the split rule and the rows it applies to")
    task: str = identity("its name")
    dataset_hash: str = identity("content hash of its table")
    target: str = identity("target column")
    task_type: str = identity("binary, multiclass or regression")
    metric: str = identity("primary metric")
    classes: str = identity("labels in the order of probability columns, JSON list")
    n_rows: int = identity("rows", "rows")
    n_columns: int = identity("feature columns", "columns")
    n_categorical: int = identity("categorical feature columns", "columns")
    n_classes: int = identity("0 for regression", "classes")
    missing_share: float = identity("share of feature cells that are missing", "0..1")
    n_repeats: int = identity("shuffles")
    n_folds: int = identity("parts of a shuffle")
    split_rule: str = identity("the recipe, JSON")


@dataclass(frozen=True, kw_only=True)
class DatasetRow:
    """One table's card."""

    dataset_hash: str = identity("content hash")
    dataset: str = identity("its name")
    version: int = identity("raised when its rows change")
    title: str = identity("for people")
    n_rows: int = identity("rows", "rows")
    source: str = identity("where it was taken from")
    licence: str = identity("the table's own")
    origin: str = identity("real, simulated, fictional or unknown")
    family: str = identity("tables that are variants of one source share it")
    citation: str = identity("how to cite it")
    openml_id: int | None = identity("dataset id on OpenML")
    traps: str = identity("known faults, JSON list")
    columns: str = identity("name, kind, role, missing and levels of each column, JSON list")


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One version of a model's source and what its card says."""

    source_hash: str = identity("hash of the plugin's source file")
    model: str = identity("its name")
    model_version: int = identity("version on the card")
    title: str = identity("for people")
    family: str = identity("baseline, linear, boosted_trees, network …")
    kind: str = identity("model, system or baseline")
    is_deterministic: bool = identity("the same seed gives the same bytes")
    pretrained_on: str | None = identity("what pretrained weights saw")
    defaults_tuned_on: str | None = identity("what its default configuration was tuned on")
    paper: str = identity("where it is described")
    code: str = identity("whose implementation runs")
    licence: str = identity("of that implementation")
    space_version: int = identity("version of the search space")
    card: str = identity("the whole card, JSON")
    has_space: bool = identity("whether there is anything to tune")


@dataclass(frozen=True, kw_only=True)
class ProtocolRow:
    """One protocol: the parts that change numbers, in full."""

    protocol_id: str = identity("hash of those parts")
    settings: str = identity("those parts, JSON")


@dataclass(frozen=True, kw_only=True)
class SuiteRow:
    """One task of one suite."""

    suite: str = identity("its name")
    version: int = identity("its version")
    task: str = identity("name of the task")
    is_ranked: bool = identity("false for smoke tasks, which are run but never ranked")
    title: str = identity("for people")
    citation: str = identity("how to cite the suite")


@dataclass(frozen=True, kw_only=True)
class EnvironmentRow:
    """Where fits ran, one row for each different place and set of packages."""

    environment_id: str = identity("hash of all that follows")
    python: str = identity("version")
    platform: str = identity("operating system and kernel")
    cpu: str = identity("model name")
    n_cores: int = identity("logical cores")
    memory_mib: int = identity("physical memory", "MiB")
    gpu: str | None = identity("model names and driver")
    tabbench_version: str = identity("of this package")
    git_revision: str | None = identity("of the checkout it ran from")
    is_git_dirty: bool | None = identity("whether that checkout had changes")
    thread_settings: str = identity("environment variables that set threads, JSON")
    packages: str = identity("versions of all installed packages, JSON")


@dataclass(frozen=True, kw_only=True)
class WorkerRow:
    """One supervising process."""

    worker_id: str = identity("drawn at its start")
    environment_id: str = identity("where it ran")
    host: str = identity("host name")
    pid: int = identity("process id on that host")
    executor: str = identity("local, slurm or ray")
    container: str | None = identity("container it ran in")
    cluster_job: str | None = identity("job id that the cluster gave")
    started_at: datetime = identity("UTC")


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """A short fixed workload that a worker timed on its machine."""

    worker_id: str = identity("the worker")
    workload: str = identity("tree_fit, matrix_product or memory_copy")
    seconds: float = measured("median of three", "s")
    measured_at: datetime = measured("UTC")

"""What each page of the site shows: plain data, no database, no HTML.

`gather` fills these from a store, `rendering` turns them into files. Text in them may come from strangers and is
never trusted: it is escaped by the templates, and file names are made from hashes. None is "not there", shown
as a dash.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tabbench_leaderboard.analyses.shown import Analyses

MIN_TASKS_FOR_EVIDENCE = 10
"""Under so many families of ranked tasks every page says that it is a demonstration."""

REGIMES = {"default": "Default", "tuned": "Tuned", "tuned_ensembled": "Tuned + ensembled"}
"""The regimes in the order they are offered, with the word on the switch."""


@dataclass(frozen=True)
class Standing:
    """One model under one regime over the ranked tasks: a row of the leaderboard.

    Attributes:
        mean_rank: 1 is best.
        normalised_score: 0..1, higher is better.
        win_rate: 0..1, share of comparisons won.
        fit_seconds: Wall time of one fit on a shared machine, as the ranking gives it; so is predict_seconds.
        search_seconds: Of all trials of a job together.
        n_finished: Ranked tasks with every split done.
        imputed_share: 0..1, share of the numbers behind the row that were filled in.
    """

    model: str
    regime: str
    mean_rank: float | None
    normalised_score: float | None
    win_rate: float | None
    fit_seconds: float | None
    predict_seconds: float | None
    search_seconds: float | None
    n_finished: int
    imputed_share: float | None


@dataclass(frozen=True)
class ModelFacts:
    """What a model's card says of it."""

    name: str
    title: str
    family: str
    kind: str = "model"
    version: int = 1
    paper: str = ""
    code: str = ""
    licence: str = ""
    space_source: str = ""
    defaults_tuned_on: str | None = None
    pretrained_on: str | None = None
    is_deterministic: bool = True


@dataclass(frozen=True)
class ColumnFacts:
    """One column of a dataset."""

    name: str
    kind: str
    role: str
    n_missing: int = 0
    n_levels: int = 0


@dataclass(frozen=True)
class FindingFacts:
    """One thing that a check found suspicious about a task."""

    severity: str
    check: str
    message: str
    columns: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class TaskFacts:
    """A task and its dataset's card."""

    name: str
    title: str
    task_type: str
    metric: str
    target: str
    n_rows: int
    n_columns: int
    n_categorical: int
    n_classes: int
    missing_share: float
    splits: str
    source: str = ""
    licence: str = ""
    origin: str = ""
    citation: str = ""
    dataset: str = ""
    dataset_version: int = 1
    content_hash: str = ""
    openml_id: int | None = None
    traps: tuple[str, ...] = ()
    columns: tuple[ColumnFacts, ...] = ()
    findings: tuple[FindingFacts, ...] = ()
    is_ranked: bool = True
    family: str = ""


@dataclass(frozen=True)
class SplitError:
    """Test error on one split; None where the model did not finish it."""

    repeat: int
    fold: int
    error: float | None


@dataclass(frozen=True)
class TaskResult:
    """One model on one task under one regime.

    Attributes:
        error: Mean test error over the splits; None unless every split is there.
        rank: Rank on this task among the models of the regime; 1 is best.
        is_imputed: The rank rests on a filled-in error.
    """

    model: str
    task: str
    regime: str
    error: float | None
    rank: float | None
    splits: tuple[SplitError, ...]
    fit_seconds: float | None = None
    predict_seconds: float | None = None
    is_imputed: bool = False


@dataclass(frozen=True)
class Failure:
    """Trials of one model on one task that ended alike, other than ok."""

    model: str
    task: str
    status: str
    reason: str
    n_trials: int
    where: str


@dataclass(frozen=True)
class BestConfig:
    """The configuration chosen on valid for one split; `config` holds (name, value) pairs."""

    model: str
    task: str
    repeat: int
    fold: int
    trial: int
    n_trials: int
    config: tuple[tuple[str, str], ...]
    valid_error: float | None
    test_error: float | None


@dataclass(frozen=True)
class TriedSetting:
    """What trials tried of one hyperparameter of a model; `default` is that of trial 0."""

    model: str
    name: str
    default: str
    tried: str
    n_values: int


@dataclass(frozen=True)
class ProtocolFacts:
    """A protocol behind the rows; `settings` holds (name, value) pairs of the parts that change numbers."""

    protocol_id: str
    name: str
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TaskFeature:
    """A metafeature of a task: mean over its splits, of training rows alone."""

    task: str
    name: str
    value: float


@dataclass(frozen=True)
class Environment:
    """Where fits ran."""

    environment_id: str
    python: str
    platform: str
    cpu: str
    n_cores: int
    memory_mib: int
    gpu: str | None
    tabbench_version: str
    git_revision: str | None
    packages: tuple[tuple[str, str], ...]
    models: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PublishedFile:
    """A file of rows that the site offers.

    Attributes:
        path: From the site's root.
        table: Which it holds; empty for all of them.
        form: `DuckDB`, `Parquet` or `CSV`.
        n_rows: Of the table; of all tables, trials.
    """

    path: str
    table: str
    form: str
    n_rows: int
    content: bytes


@dataclass(frozen=True)
class Site:
    """Everything the site shows of one suite of one store.

    Attributes:
        data_as_of: Start of the newest trial, UTC, as text; never the time of the build.
        standings: Of every regime; `standings_of` gives one of them, best first.
        imputation: The rule by which missing numbers were filled in, in words.
        notes: Sentences that belong beside the numbers (several protocols in the store …).
        published: Files of the rows, to take away.
        data_licence: What they may be used under.
        analyses: What the analysis page shows.
    """

    suite: str
    suite_title: str
    data_as_of: str
    tabbench_version: str
    standings: tuple[Standing, ...]
    models: tuple[ModelFacts, ...]
    tasks: tuple[TaskFacts, ...]
    results: tuple[TaskResult, ...]
    failures: tuple[Failure, ...] = ()
    best_configs: tuple[BestConfig, ...] = ()
    environments: tuple[Environment, ...] = ()
    settings: tuple[TriedSetting, ...] = ()
    protocols: tuple[ProtocolFacts, ...] = ()
    features: tuple[TaskFeature, ...] = ()
    suite_citation: str = ""
    imputation: str = ""
    n_trials: int = 0
    notes: tuple[str, ...] = field(default=())
    published: tuple[PublishedFile, ...] = ()
    data_licence: str = "CC BY 4.0"
    analyses: Analyses = field(default_factory=Analyses)

    @property
    def n_ranked_tasks(self) -> int:
        """Tasks that count for the ranking."""
        return sum(task.is_ranked for task in self.tasks)

    @property
    def n_ranked_families(self) -> int:
        """The same, related ones, such as changed copies, counted as one."""
        return len({task.family or task.name for task in self.tasks if task.is_ranked})

    @property
    def is_demonstration(self) -> bool:
        """Whether there are too few tasks for evidence."""
        return self.n_ranked_families < MIN_TASKS_FOR_EVIDENCE

    @property
    def regimes(self) -> tuple[str, ...]:
        """The regimes there are numbers for, in the order of the switch."""
        present = {s.regime for s in self.standings}
        return tuple(r for r in REGIMES if r in present)

    def standings_of(self, regime: str) -> tuple[Standing, ...]:
        """The leaderboard of one regime, best mean rank first, unranked last."""
        rows = [s for s in self.standings if s.regime == regime]
        return tuple(sorted(rows, key=lambda s: (s.mean_rank is None, s.mean_rank or 0.0, s.model)))

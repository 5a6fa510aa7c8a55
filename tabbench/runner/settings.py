"""The typed tree that `tabbench run` composes: every key, its type and its default."""

from dataclasses import dataclass, field


@dataclass
class MetricsSettings:
    """Metrics of single task types; empty: that of the protocol."""

    binary: str = ""
    multiclass: str = ""
    regression: str = ""


@dataclass
class ProtocolSettings:
    """How a job is done; presets in configs/protocol."""

    name: str = "quick"
    splits: str = "own"  # the task's own, or a study's: tabzilla, tabarena, grinsztajn
    valid: str = "auto"  # which rows stop and choose: holdout, cv, next_fold, given, or auto (cv under 2,500 rows)
    valid_fraction: float = 0.2  # share of train rows in a holdout
    n_inner_folds: int = 8  # folds of cv
    stop_on: str = "valid"  # what early stopping looks at: valid, or inner (a part of train: valid only chooses)
    refit: bool = False  # fit once more on train and valid, without early stopping
    metric: str = ""  # stops and chooses; empty: log loss for classes, RMSE for numbers
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    seed: int = 0  # root of all chance in fits and in the valid cut
    n_threads: int = 1  # threads a fit runs with
    n_trials: int | None = 10  # configurations a job tries, the default one counted; null: until job_seconds are spent
    trial_seconds: float | None = None  # wall seconds of one trial
    job_seconds: float | None = None  # wall seconds of a job; no trial starts once they are spent
    memory_mib: float | None = None  # resident memory of the process that fits, and of all that it starts
    keep_predictions: bool = True  # store what each trial predicted: ensembles and new metrics need it


@dataclass
class SamplerSettings:
    """Where configurations after the default one come from; presets in configs/sampler."""

    kind: str = "random"  # random, qmc, tpe, gp or fixed
    seed: int = 0
    space: str = ""  # a space of configs/space (tabzilla) or a YAML file, in place of each model's own
    configs: str | None = None  # fixed: a YAML or JSON file, a list of configurations or a list for each model


@dataclass
class PrunerSettings:
    """What stops configurations that look hopeless; presets in configs/pruner."""

    kind: str = "none"  # none, median, halving, hyperband or wilcoxon


@dataclass
class SlurmSettings:
    """What is asked of SLURM for each element of the array; empty texts: the cluster's own default."""

    partition: str = ""
    account: str = ""
    qos: str = ""
    gres: str = ""  # gpu:1
    constraint: str = ""
    minutes: int | None = None  # wall time of an element, which then goes on when scheduled again; null: 240 or less
    cpus: int = 1  # of an element; each protocol.n_threads of them make a worker
    memory_mib: int | None = None  # of an element; null: what its jobs are expected to need
    setup: list[str] = field(default_factory=list)  # shell lines before Python starts: module load …
    container: str = ""  # a command in front of Python: apptainer exec image.sif


@dataclass
class RaySettings:
    """Which Ray cluster, and what is asked of it for each job."""

    address: str = ""  # of a cluster that runs: auto, or HOST:PORT; empty: one of this machine, for this run alone
    gpus: float = 0.0  # of each job: 1, or a fraction
    retries: int = 3  # of a job whose worker or node died
    shared_store: bool = True  # false: nodes do not see the store, and rows come back through Ray


@dataclass
class ExecutorSettings:
    """What runs the jobs; presets in configs/executor."""

    kind: str = "local"  # local, slurm or ray
    n_workers: int | None = None  # worker processes at once; null: one a core here, as many as a cluster gives
    bundle_minutes: float = 30.0  # expected work of one element of an array
    wait: bool = False  # of a cluster: follow the jobs to their end; else submit them and leave
    slurm: SlurmSettings = field(default_factory=SlurmSettings)
    ray: RaySettings = field(default_factory=RaySettings)


@dataclass
class Settings:
    """One run."""

    suite: str | None = "quickstart"  # a suite by name; null when tasks are named
    tasks: list[str] = field(default_factory=list)  # tasks by name; they replace the suite
    where: str = ""  # only tasks for which this holds: "n_rows<5000 and has_missing"; facts in docs/data.md
    models: list[str] = field(default_factory=lambda: ["all"])  # names, paths of plugin files, or all
    repeats: list[int] = field(default_factory=list)  # only these repeats; empty: all
    folds: list[int] = field(default_factory=list)  # only these folds of each repeat; empty: all
    store: str = "results"
    strict: bool = False  # refuse tasks in which a check finds a fault
    dry_run: bool = False  # print the plan and stop
    retry: list[str] = field(default_factory=list)  # statuses tried again: error, timeout, memory, skipped
    protocol: ProtocolSettings = field(default_factory=ProtocolSettings)
    sampler: SamplerSettings = field(default_factory=SamplerSettings)
    pruner: PrunerSettings = field(default_factory=PrunerSettings)
    executor: ExecutorSettings = field(default_factory=ExecutorSettings)

"""A million jobs planned and bundled, a million trials ingested, a half-done million resumed, and bundles on 200 slots.

    python scripts/bench/scale.py plan                      jobs, seconds, peak memory
    python scripts/bench/scale.py ingest [N_SHARDS]         shards of 50 trials each, into a new database
    python scripts/bench/scale.py resume [N_TRIALS]         a run of a million jobs, half of them in a packed store
    python scripts/bench/scale.py makespan STORE [SLOTS]    recorded job times of a store, drawn 50,000 times

Seconds are wall seconds, with CPU seconds beside them. Run it on an otherwise idle machine.
"""

from __future__ import annotations

import hashlib
import heapq
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tabbench.data.card_writing import add_card, card_text
from tabbench.data.catalog import describe_task, known_tasks
from tabbench.results import Status
from tabbench.runner.bundles import bundle_jobs
from tabbench.runner.compose import compose_settings
from tabbench.runner.describe import write_plan_documents
from tabbench.runner.executors.bundle import write_bundle
from tabbench.runner.executors.under_way import jobs_under_way
from tabbench.runner.expansion import Entrant, Expansion, SplitTask, to_do
from tabbench.runner.expected_costs import ExpectedCosts
from tabbench.runner.findings import check_plan
from tabbench.runner.launch import launch, plan_run
from tabbench.runner.plan import make_plan, planned_models
from tabbench.runner.protocol_settings import make_protocol
from tabbench.runner.slices import sliced
from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.packs import write_pack
from tabbench.store.shards import read_shard, write_shard
from tabbench.store.summary import HeldTrial, JobProgress, Spent, done_trials

if TYPE_CHECKING:
    from tabbench.runner.job import Job

MODELS = "models=[constant,linear,knn,svm,random_forest,lightgbm,xgboost,catboost,mlp]"
N_TASKS, N_REPEATS, N_FOLDS = 112, 100, 10
N_SLOTS, MINUTES = 200, 30.0
TRIALS_PER_SHARD = 50
N_DRAWN = 50_000


class Clock:
    """Prints the wall and CPU seconds of what stands in its block, and the peak memory so far."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{self._name:<34} {wall:7.1f} s  CPU {cpu:7.1f} s  peak {peak:6.0f} MiB", flush=True)


def plan() -> None:
    """Plan and bundle a million jobs of bundled tasks on a thousand splits each; then as if half were held."""
    settings = compose_settings([MODELS, "store=nowhere"])
    base = [describe_task(name) for name in known_tasks()]
    protocol = make_protocol(settings)
    entrants = [Entrant(planned, protocol) for planned in planned_models(settings)]
    tasks = []
    for number in range(N_TASKS):
        task = base[number % len(base)]
        rule = replace(task.split_rule, n_repeats=N_REPEATS, n_folds=N_FOLDS, seed=number)
        tasks.append(replace(task, name=f"{task.name}#{number}", split_rule=rule))
    jobs = _timed_plan(f"plan {N_TASKS * N_REPEATS * N_FOLDS * len(entrants):,} jobs", tasks, entrants, {})
    with Clock(f"bundle {len(jobs):,} jobs"):
        n_bundles = len(bundle_jobs(jobs, [job.cost for job in jobs], MINUTES, N_SLOTS))
    print(f"{n_bundles:,} bundles for {N_SLOTS} slots")
    one = HeldTrial(Status.OK, 1, "source")
    held = {job.job_id: JobProgress(dict.fromkeys(job.numbers, one), Spent(1.0)) for job in jobs[::2]}
    left = _timed_plan("plan again, every second held", tasks, entrants, held)
    print(f"{len(left):,} jobs left")


def _timed_plan(name: str, tasks: list[Any], entrants: list[Entrant], held: dict[str, JobProgress]) -> tuple[Job, ...]:
    with Clock(name):
        split = [SplitTask.of(task, task.splits) for task in tasks]
        return to_do(Expansion(held, ExpectedCosts(), None, ()), split, entrants)[0]


def ingest(n_shards: int) -> None:
    """Read shards of 50 real trials each, under other job ids, into a new database; then plan's view of them."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store").create()
        table = _some_trials(Path(folder) / "real")
        with Clock(f"write {n_shards:,} shards"):
            for number in range(n_shards):
                job_id = hashlib.sha256(str(number).encode()).hexdigest()[:16]
                path = store.shard(job_id, 1)
                path.parent.mkdir(exist_ok=True)
                write_shard(path, _of_job(table, job_id))
        with Clock(f"ingest {n_shards * TRIALS_PER_SHARD:,} trials"):
            open_database(store).close()
        with Clock("open it again"):
            open_database(store).close()
        with Clock("what is held, for planning"):
            n_jobs = len(done_trials(store).jobs)
        print(f"{n_jobs:,} jobs held; load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


def _some_trials(root: Path) -> Any:
    """Fifty trials of a model on iris."""
    asked = ["tasks=[bundled/iris]", "models=[knn]", "folds=[0]", f"protocol.n_trials={TRIALS_PER_SHARD}"]
    settings = compose_settings([*asked, "executor.n_workers=1", f"store={root}"])
    launch(settings, plan_run(settings))
    return read_shard(next(Store(root).all_shards()))


def _of_job(table: Any, job_id: str) -> Any:
    """The trials of a table, as those of another job."""
    found = table.set_column(*_fits_with(table, pa.array([job_id] * len(table["fits"].combine_chunks().flatten()))))
    ids = pa.array([job_id] * table.num_rows)
    return found.set_column(table.schema.get_field_index("job_id"), table.schema.field("job_id"), ids)


def resume(n_trials: int) -> None:
    """All that `tabbench run` does before it submits, with half a million jobs in a packed store (no predictions)."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TABBENCH_CACHE"] = f"{folder}/cache"
        root = Path(folder) / "store"
        names = _tables(Path(folder) / "tables")
        asked = [f"tasks=[{','.join(names)}]", MODELS, f"protocol.n_trials={n_trials}", f"store={root}"]
        writer = multiprocessing.get_context("spawn").Process(target=_write_half, args=(asked, root, n_trials))
        writer.start()  # elsewhere, so that the peak memory told is that of the run alone
        writer.join()
        assert not writer.exitcode
        for database in ("no database yet", "a database that is up to date"):
            print(f"With {database}:")
            _resume(asked, Store(root), Path(folder) / database)


def _resume(asked: list[str], store: Store, bundles_folder: Path) -> None:
    started = time.perf_counter()
    settings = compose_settings(asked)
    with Clock("open the database"):
        open_database(store).close()
    with Clock("what is under way"):
        under_way = jobs_under_way(store)
    with Clock("what is held"):
        held = done_trials(store)
    with Clock("plan"):
        plan = make_plan(settings, held.jobs, held.costs)
    with Clock("check tasks, write documents"):
        check_plan(store, plan.tasks, is_strict=False)
        write_plan_documents(store, plan)
    with Clock("bundle"):
        pieces = sliced(under_way.without(plan.jobs), N_SLOTS)
        bundles = bundle_jobs(pieces, [piece.cost for piece in pieces], MINUTES, N_SLOTS)
    with Clock(f"write {len(bundles):,} bundles"):
        for number, bundle in enumerate(bundles):
            write_bundle(bundles_folder / f"{number}.pickle", bundle)
    print(f"{plan.n_held:,} jobs held, {len(plan.jobs):,} left; {time.perf_counter() - started:.1f} s in all")


def _tables(folder: Path) -> list[str]:
    """Small tables with cards that ask for a thousand splits of each."""
    folder.mkdir()
    names = []
    for number in range(N_TASKS):
        rows = [f"{i % 7},{(i * i + number) % 13},{'yes' if i % 2 else 'no'}" for i in range(200)]
        path = folder / f"t{number}.csv"
        path.write_text("\n".join(["a,b,y", *rows]) + "\n")
        task, card = add_card(str(path), "y", {})
        rule = replace(task.split_rule, n_repeats=N_REPEATS, n_folds=N_FOLDS)
        card.write_text(card_text(replace(task, split_rule=rule), path.name))
        names.append(task.name)
    return names


def _write_half(asked: list[str], root: Path, n_trials: int) -> None:
    """Every second job of the run, as `tabbench store compact` would leave it: a pack for each folder."""
    plan = plan_run(compose_settings(asked))
    jobs = plan.jobs[::2]
    store = Store(root).create()
    check_plan(store, plan.tasks, is_strict=False)  # the run that was interrupted had checked its tasks
    template = _some_trials(root.parent / "real").slice(0, n_trials)
    folders: dict[str, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.job_id):
        folders.setdefault(job.job_id[:2], []).append(job)
    with Clock(f"write {len(jobs) * n_trials:,} trials of {len(jobs):,} jobs"):
        for name, held in folders.items():
            for kind in ("shards", "predictions"):
                (root / kind / name).mkdir()
            replaced = [store.shard(job.job_id, 1) for job in held]
            write_pack(store, name, _of_jobs(template, held), (), replaced)


def _of_jobs(template: Any, jobs: list[Job]) -> Any:
    """The trials of a template, once for each job."""
    n = template.num_rows
    table = template.take(pa.array(list(range(n)) * len(jobs))).combine_chunks()
    columns = {
        "job_id": [job.job_id for job in jobs],
        "model": [job.model.name for job in jobs],
        "source_hash": [job.model.source_hash for job in jobs],
        "task": [job.task for job in jobs],
        "task_hash": [job.task_hash for job in jobs],
        "splits_hash": [job.splits_hash for job in jobs],
        "repeat": [job.repeat for job in jobs],
        "fold": [job.fold for job in jobs],
    }
    fits_per_trial = table["fits"].chunk(0).value_lengths().to_numpy()
    for name, values in columns.items():
        repeated = pa.array(np.repeat(np.array(values), n).tolist())
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), repeated)
    ids = np.repeat(np.repeat(np.array(columns["job_id"]), n), fits_per_trial)
    return table.set_column(*_fits_with(table, pa.array(ids.tolist())))


def _fits_with(table: Any, job_ids: Any) -> tuple[int, Any, Any]:
    """The column of fits with other job ids: where it stands, its field and its values."""
    fits = table["fits"].combine_chunks()
    flat = fits.flatten()
    columns = [job_ids if f.name == "job_id" else flat.field(f.name) for f in flat.type]
    named = pa.StructArray.from_arrays(columns, fields=list(flat.type))
    place = table.schema.get_field_index("fits")
    return place, table.schema.field("fits"), pa.ListArray.from_arrays(fits.offsets, named)


def makespan(root: Path, n_slots: int) -> None:
    """Bundle by costs expected from the other half of the rows; when each slot takes the next bundle, who ends last."""
    with open_database(Store(root)) as connection:
        rows = connection.execute("SELECT model, task, seconds FROM jobs WHERE seconds > 0 ORDER BY job_id").fetchall()
    rng = np.random.default_rng(0)
    known: dict[tuple[str, str], list[float]] = {}
    for model, task, seconds in rows[::2]:
        known.setdefault((model, task), []).append(seconds)
    fallback = float(np.mean([seconds for *_, seconds in rows[::2]]))
    drawn = [rows[i] for i in rng.integers(0, len(rows), N_DRAWN)]
    expected = [float(np.mean(known.get((model, task), [fallback]))) for model, task, _ in drawn]
    template = plan_run(compose_settings(["tasks=[bundled/iris]", "models=[constant]", "store=nowhere"])).jobs[0]
    jobs = [replace(template, job_id=str(i), task=drawn[i][1]) for i in range(len(drawn))]
    bundles = bundle_jobs(jobs, expected, MINUTES, n_slots)
    true = [sum(drawn[int(job.job_id)][2] for job in bundle.jobs) for bundle in bundles]
    free = [0.0] * n_slots
    for seconds in true:
        heapq.heappush(free, heapq.heappop(free) + seconds)
    ideal = max(sum(true) / n_slots, max(row[2] for row in drawn))
    print(
        f"{N_DRAWN:,} jobs drawn from {len(rows)} recorded ones, {len(bundles)} bundles on {n_slots} slots: "
        f"makespan {max(free):.0f} s, ideal {ideal:.0f} s, ratio {max(free) / ideal:.3f}"
    )


def main() -> None:
    """Do one of the four."""
    what, *more = sys.argv[1:] or ["plan"]
    if what == "plan":
        plan()
    elif what == "ingest":
        ingest(int(more[0]) if more else 20_000)
    elif what == "resume":
        resume(int(more[0]) if more else 2)
    elif what == "makespan":
        makespan(Path(more[0]), int(more[1]) if len(more) > 1 else N_SLOTS)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

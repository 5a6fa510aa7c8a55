"""`tabbench recommend FILE --target COLUMN`: which models are worth trying on a table of one's own."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from tabbench.cli.analyze.material import material_of
from tabbench.cli.analyze.metafeatures import metafeatures_of
from tabbench.cli.rank_more import Panel, print_panels
from tabbench.cli.rank_options import check_seed
from tabbench.counted import counted
from tabbench.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from tabbench.analysis.known_tasks import Metafeatures
    from tabbench.analysis.material import Material
    from tabbench.analysis.recommendation import Recommendation
    from tabbench.task import Task

NOT_ASKED = {
    "file": None, "where": None, "metric": None, "regime": "all", "sensitivity": False, "metafeatures": None,
}  # fmt: skip
"""Options of `tabbench analyze` that this verb has not."""
FEWEST_OF_KIND = 5


def main(arguments: Sequence[str]) -> int:
    """Profile the table, compare it with what the store knows, and say what that is worth."""
    options = _parser().parse_args(list(arguments), argparse.Namespace(**NOT_ASKED))
    check_seed(options.seed)
    from tabbench.analysis.model_candidates import model_candidates
    from tabbench.analysis.recommendation import recommend
    from tabbench.data.catalog import describe_task

    task = describe_task(_task_name(options))
    material = material_of(options)
    of_kind, tasks = _of_kind(material, task)
    known = metafeatures_of(options, tasks)
    says = [] if tasks == of_kind else [_few_of_kind(len(known.table.index.intersection(of_kind)), task)]
    wanted = _profile(task, known)
    regime, names, models = model_candidates(material, set(known.table.index))
    found = recommend(known.table.reindex(models.tasks), wanted, models, names, options.seed)
    seconds = _seconds(material, regime, list(found.nearest["task"]))
    shown = found.models.assign(seconds_on_nearest=found.models["model"].map(seconds))
    lines = [*material.notices, *known.notices, *says, *_in_words(found, regime, len(models.tasks))]
    if options.json:
        facts = {"models": shown, "nearest": found.nearest}
        text = {name: json.loads(frame.to_json(orient="records")) for name, frame in facts.items()}
        text |= {"is_learnt": found.is_learnt, "doubts": list(found.doubts)}
        sys.stdout.write(json.dumps(text, indent=1, ensure_ascii=False) + "\n")
    else:
        print_panels([
            Panel(f"{task.name}: {regime}, least expected rank first", shown.assign(pool="")),
            Panel("The nearest known tasks", found.nearest.assign(pool="")),
        ])  # fmt: skip
    for line in lines:
        sys.stderr.write(f"{line}\n")
    return 0


def _task_name(options: argparse.Namespace) -> str:
    """The table and its column as a task.

    Raises:
        DataError: If neither the options nor a card say what is to be predicted.
    """
    from tabbench.data.local import FILE, parse_file_name

    name = f"{FILE}{options.table}" + (f"::{options.target}" if options.target else "")
    parts = parse_file_name(name)
    if not parts.target and not parts.card.is_file():
        raise DataError(
            f"Which column of {parts.path} is to be predicted? There is no card {parts.card} that says it. "
            "Say --target COLUMN."
        )
    return name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tabbench recommend",
        description="Which models are worth trying on a table, by what a store knows: docs/analysis.md says how.",
    )
    parser.add_argument("table", metavar="FILE", help="a CSV, TSV, Parquet, Feather or ARFF file")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict (without: the file's card names it)")
    parser.add_argument("--store", default="results", help="results folder (default: ./results)")
    parser.add_argument("--suite", help="learn from this suite's tasks alone")
    parser.add_argument("--protocol", help="id or name of the protocol whose rows are taken")
    parser.add_argument("--latest", action="store_true", help="of several protocols or versions take the last one run")
    parser.add_argument("--seed", type=int, default=0, help="seed of all draws (default: 0)")
    parser.add_argument("--json", action="store_true", help="print as JSON")
    return parser


def _of_kind(material: Material, task: Task) -> tuple[list[str], list[str]]:
    """Known tasks that also predict classes, or also numbers; and those to learn from: all where these are few."""
    rows = material.errors.drop_duplicates("task")
    is_alike = (rows["task_type"] == "regression") == (task.type == "regression")
    mine = sorted(rows.loc[is_alike, "task"])
    return mine, mine if len(mine) >= FEWEST_OF_KIND else sorted(rows["task"])


def _few_of_kind(n: int, task: Task) -> str:
    """What is said where tasks of the other kind are taken as well; only those with metafeatures count."""
    deed = "predicts" if n == 1 else "predict"
    what = "numbers" if task.type == "regression" else "classes"
    return f"Only {counted(n, 'known task')} {deed} {what}, as this one: the others are taken as well."


def _profile(task: Task, known: Metafeatures) -> pd.DataFrame:
    """The table's metafeatures, of the groups that the store has; what its columns tell where the store has none."""
    import pandas as pd

    from tabbench.analysis.known_tasks import FACTS

    if set(FACTS) <= set(known.table):
        n_columns = len(task.features)
        facts = {
            "n_rows": task.dataset.n_rows, "n_columns": n_columns, "n_classes": len(task.classes),
            "n_categorical": sum(column.n_levels > 0 for column in task.features),
            "missing_share": sum(column.n_missing for column in task.features) / (task.dataset.n_rows * n_columns),
            "rows_per_column": task.dataset.n_rows / n_columns,
        }  # fmt: skip
        return pd.DataFrame(facts, index=[task.name], dtype="float64")
    from tabbench.runner.metafeature_launch import profile_task

    groups = sorted({str(name).partition(".")[0] for name in known.table})
    sys.stderr.write(f"Computing metafeatures of {task.name}: {', '.join(groups)}.\n")
    return profile_task(task.name, groups)


def _seconds(material: Material, regime: str, tasks: list[str]) -> dict[str, float]:
    """Median over the nearest tasks of what a model took there: one fit, or under `tuned` the whole search."""
    rows = material.errors[(material.errors["regime"] == regime) & material.errors["task"].isin(tasks)]
    column = "search_seconds" if regime == "tuned" else "fit_seconds"
    by_task = rows.groupby(["model", "task"])[column].mean()
    medians = by_task.groupby("model").median()
    return {str(model): float(value) for model, value in medians.items()}


def _in_words(found: Recommendation, regime: str, n_tasks: int) -> list[str]:
    worth = ", ".join(found.models.loc[found.models["is_worth_trying"], "model"])
    basis = (
        f"by a forest on metafeatures of {n_tasks} tasks" if found.is_learnt else f"by mean ranks over {n_tasks} tasks"
    )
    said = [f"I do not know: {doubt}" for doubt in found.doubts]
    return [*said, f"Worth trying, {basis} ({regime}): {worth}. Choose among them on valid."]

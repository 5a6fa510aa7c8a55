"""A comparison of two models as words, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from tabbench.ranking.comparison import advice
from tabbench.ranking.rules import FEWEST_TASKS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tabbench.cli.compare import Compared
    from tabbench.ranking.comparison import Comparison, Interval
    from tabbench.ranking.equivalence import Beliefs

LINE = 110
WIDE_P = 10
"""Columns of a p-value."""


def to_json(compared: Sequence[Compared], first: str, second: str) -> str:
    """A list with an object a regime, every digit kept; null where there is no number."""
    objects = []
    for one in compared:
        found = asdict(one.comparison)
        found["tasks"] = [{"task": name, **task} for name, task in zip(one.tasks, found["tasks"], strict=True)]
        head = {"regime": one.regime, "first": first, "second": second, "n_splits_left_out": one.n_left_out}
        if len(one.tasks) == 1:
            found["mcnemar"], found["mcnemar_says"] = one.mcnemar, one.mcnemar_says
        objects.append(_plain({**head, **found, "advice": advice(one.comparison)}))
    return json.dumps(objects, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def to_text(one: Compared, first: str, second: str, options: argparse.Namespace) -> str:
    """The comparison in plain words, for a terminal."""
    c = one.comparison
    n_splits = sum(task.n_splits for task in c.tasks)
    lines = [
        f"{one.regime}: {first} against {second} over {_count(len(c.tasks), 'task')}, {_count(n_splits, 'split')}",
        "",
        f"{first} wins on {c.won}, loses on {c.lost}, ties on {c.tied}.",
        f"{first}'s error is {_share(c.difference)}: mean over tasks of the share of the larger error.",
        f"  other tasks like these    {_between(c.new_tasks, f'not drawn under {FEWEST_TASKS} families of tasks')}",
        f"  other splits of the same  {_between(c.this_suite, 'unknown: a task has one split')}",
    ]
    if one.n_left_out:
        lines.append(f"{_count(one.n_left_out, 'split')} left out: one of the two has no error there.")
    lines += ["", *(_one_task(one) if len(c.tasks) == 1 else _over_tasks(c))]
    lines += ["", *_belief_lines(c, first, second, options.rope), ""]
    if options.tasks:
        lines += [*_task_lines(one, first, second), ""]
    for sentence in advice(c):
        lines += wrap(sentence, LINE, initial_indent="- ", subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def _over_tasks(c: Comparison) -> list[str]:
    return [
        f"{'test':<24}{'p':<{WIDE_P}}what it asks",
        f"{'Wilcoxon signed-rank':<24}{c.wilcoxon.p:<{WIDE_P}.3g}are differences as large and as frequent either way?"
        f" ({c.wilcoxon.n} tasks)",
        f"{'sign test':<24}{c.sign.p:<{WIDE_P}.3g}does each win as often? ({c.sign.n} tasks, ties left out)",
    ]


def _one_task(one: Compared) -> list[str]:
    task = one.comparison.tasks[0]
    if math.isnan(task.difference.p):
        lines = ["One split of one task: nothing can be tested over splits."]
    else:
        between = _between((task.difference.low, task.difference.high))
        lines = [f"corrected resampled t-test: p = {task.difference.p:.3g}, over {task.n_splits} splits, {between}"]
    found = one.mcnemar
    if found is None:
        return [*lines, f"McNemar's test: not made, {one.mcnemar_says}."]
    only = f"only the first is right on {found.only_first}, only the second on {found.only_second}"
    return [*lines, f"McNemar's test: p = {found.p:.3g}, {only} ({one.mcnemar_says})"]


def _belief_lines(c: Comparison, first: str, second: str, rope: float) -> list[str]:
    shown: list[tuple[str, Beliefs | None]] = [
        ("signed-rank, over tasks", c.signed_rank), ("hierarchical, over tasks", c.hierarchy),
        ("the same, on a new task", c.next_task),
    ]  # fmt: skip
    if len(c.tasks) == 1:
        shown = [("correlated t, this task", c.tasks[0].beliefs)]
    width = max(len(first), len(second), 8) + 2
    heads = f"{first:>{width}}{'the same':>{width}}{second:>{width}}"
    lines = [f"{'probability of better by over ' + f'{rope:.2g}':<34}{heads}"]
    for name, beliefs in shown:
        if beliefs is not None:
            lines.append(f"  {name:<32}" + "".join(f"{value:>{width}.2f}" for value in beliefs))
    if c.mixing is not None and c.mixing > 1.1 and len(c.tasks) > 1:
        lines.append(f"  The chains of the hierarchical test do not agree (R-hat {c.mixing:.2f}): do not rely on it.")
    return lines


def _task_lines(one: Compared, first: str, second: str) -> list[str]:
    width = max(len(name) for name in (*one.tasks, "task")) + 2
    columns = [max(len(name), 10) + 2 for name in (first, second)]
    lines = [f"{'task':<{width}}{first:>{columns[0]}}{second:>{columns[1]}}{'difference':>12}{'p':>8}{'splits':>8}"]
    for name, task in zip(one.tasks, one.comparison.tasks, strict=True):
        p = "-" if math.isnan(task.difference.p) else f"{task.difference.p:.2g}"
        lines.append(
            f"{name:<{width}}{task.first_error:>{columns[0]}.4g}{task.second_error:>{columns[1]}.4g}"
            f"{task.difference.mean:>+12.1%}{p:>8}{task.n_splits:>8}"
        )
    return [*lines, "p: corrected resampled t-test of that task alone, not adjusted for the number of tasks."]


def _between(interval: Interval | tuple[float, float] | None, otherwise: str = "") -> str:
    if interval is None:
        return otherwise
    low, high = interval
    return f"between {_share(low)} and {_share(high)} (95 %)"


def _share(difference: float) -> str:
    return "the same" if difference == 0 else f"{abs(difference):.2%} {'lower' if difference < 0 else 'higher'}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _plain(value: Any) -> Any:
    """NaN as null, named tuples as objects."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value

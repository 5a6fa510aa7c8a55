"""Print one task for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.data.modifiers.names import Stage, parse_modifier
from tabbench.data.profile import QUANTILES, TaskProfile
from tabbench.task import REGRESSION, Role, SplitKind, Task, Window

if TYPE_CHECKING:
    from rich.table import Table

BAR_WIDTH = 24
BLOCKS = "▁▂▃▄▅▆▇█"


def print_page(profile: TaskProfile) -> None:
    """Print card, target, features, splits and traps."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    task, card = profile.task, profile.task.dataset
    console.print(f"[bold]{escape(task.name)}[/bold]  {escape(card.title)}\n")
    facts = _plain_table()
    for label, text in (
        ("task", f"{task.type}, target {task.target}, scored by {task.metric}"),
        ("rows", f"{card.n_rows:,}"),
        ("columns", f"{len(task.features)} features{_other_roles(profile)}"),
        ("changed", "; ".join(map(_modifier_words, task.modifiers))),
        ("splits", f"{split_words(task)}: {_sizes(profile)}"),
        ("origin", f"{card.origin}; family {card.family}"),
        ("source", card.source),
        ("licence", card.licence),
        ("cite", card.citation),
        ("OpenML", str(card.openml_id or "")),
        ("hash", f"{card.content_hash} (version {card.version})"),
    ):
        if text:
            facts.add_row(f"[bold]{label}[/bold]", escape(text))
    console.print(facts)
    console.print(f"\n[bold]Target {escape(task.target)}[/bold]")
    console.print(_quantiles(profile) if task.type is REGRESSION else _classes(profile))
    console.print("\n[bold]Features[/bold]")
    console.print(_features(profile))
    console.print("\n[bold]Traps[/bold]")
    for trap in card.traps or ("none known",):
        console.print(f"- {escape(trap)}", soft_wrap=False)


def _modifier_words(text: str) -> str:
    is_fitted = parse_modifier(text).kind.stage is Stage.SPLIT
    return f"{text} (on each split, not shown below)" if is_fitted else text


def split_words(task: Task) -> str:
    """The split rule in words."""
    rule = task.split_rule
    column = {c.role: c.name for c in task.dataset.columns}
    if rule.kind is SplitKind.TEMPORAL:
        window = "all that lies before" if rule.window is Window.EXPANDING else "the block before"
        gap = f", less a gap of {rule.gap:g}" if rule.gap else ""
        return f"{rule.n_folds} test blocks in the order of {column[Role.TIME]}, train is {window}{gap}"
    if rule.kind is SplitKind.GROUPED:
        return f"{rule.n_repeats} x {rule.n_folds} folds, each {column[Role.GROUP]} whole in one"
    if rule.kind is SplitKind.FIXED:
        return f"{rule.n_repeats} x {rule.n_folds} splits that came with the task"
    equal = ", equal rows together" if rule.keeps_equal_rows else ""
    if rule.kind is SplitKind.HOLDOUT:
        return f"{rule.n_repeats} x {rule.test_fraction:.0%} of the rows, stratified by target{equal}"
    return f"{rule.n_repeats} x {rule.n_folds} folds, stratified by target{equal}"


def _plain_table() -> Table:
    from rich.table import Table

    return Table(box=None, show_header=False, pad_edge=False)


def _other_roles(profile: TaskProfile) -> str:
    others = [c for c in profile.task.dataset.columns if c.role not in (Role.FEATURE, Role.TARGET)]
    return "".join(f", {c.name} ({c.role})" for c in others)


def _sizes(profile: TaskProfile) -> str:
    return ", ".join(f"{split.n_train:,} train + {split.n_test:,} test" for split in profile.splits[:3]) + (
        ", …" if len(profile.splits) > 3 else ""
    )


def _classes(profile: TaskProfile) -> Table:
    from rich.markup import escape

    table = _plain_table()
    most = max(profile.class_counts)
    for label, n in zip(profile.task.classes, profile.class_counts, strict=True):
        bar = "█" * max(round(BAR_WIDTH * n / most), 1)
        table.add_row(escape(label), f"{n:,}", f"{n / profile.task.dataset.n_rows:.1%}", bar)
    return table


def _quantiles(profile: TaskProfile) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="dim", pad_edge=False)
    for q in QUANTILES:
        table.add_column({0.0: "least", 0.5: "median", 1.0: "most"}.get(q, f"{q:.0%}"), justify="right")
    table.add_column("histogram")
    most = max(profile.histogram)
    bars = "".join(BLOCKS[(len(BLOCKS) - 1) * n // most] if n else " " for n in profile.histogram)
    table.add_row(*(f"{value:,.4g}" for value in profile.quantiles), bars)
    return table


def _features(profile: TaskProfile) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("name", "kind", "missing", "levels", "values"):
        table.add_column(heading, justify="right" if heading in ("missing", "levels") else "left")
    n_rows = profile.task.dataset.n_rows
    for feature in profile.features:
        column = feature.column
        missing = f"{column.n_missing / n_rows:.1%}" if column.n_missing else ""
        levels = f"{column.n_levels:,}" if column.n_levels else ""
        table.add_row(escape(column.name), str(column.kind), missing, levels, escape(feature.summary))
    return table

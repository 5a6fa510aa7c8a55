"""Print one task for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tabbench.counted import counted
from tabbench.data.modifiers.names import Stage, parse_modifier
from tabbench.data.profile import MOST_LETTERS, QUANTILES, ColumnProfile, TaskProfile, cut
from tabbench.task import REGRESSION, ColumnKind, Role, SplitKind, Task, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from tabbench.data.checks import Finding

BAR_WIDTH = 24
N_SHOWN = 6
MOST_FEATURES, SOME_FEATURES = 100, 40  # of more than the first number, so many are shown
MOST_CLASSES = 40
BLOCKS = "▁▂▃▄▅▆▇█"


def print_page(profile: TaskProfile) -> None:
    """Print card, target, features, splits, findings and traps."""
    from rich.console import Console
    from rich.markup import escape

    console = Console()
    task, card = profile.task, profile.task.dataset
    console.print(f"[bold]{escape(task.name)}[/bold]  {escape(card.title)}\n")
    facts = _plain_table()
    for label, text in (
        ("task", f"{task.type}, target {task.target}, scored by {task.metric}"),
        ("rows", f"{card.n_rows:,}"),
        ("columns", counted(len(task.features), "feature") + _other_roles(profile)),
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
    if task.type is REGRESSION:
        console.print(_quantiles(profile))
        most = max(profile.histogram)
        bars = "".join(BLOCKS[(len(BLOCKS) - 1) * n // most] if n else " " for n in profile.histogram)
        console.print(f"from least to most: {bars}", highlight=False)
    else:
        console.print(_classes(profile))
    console.print("\n[bold]Features[/bold]")
    console.print(_features(profile, console.width))
    if rest := profile.features[len(_shown(profile)) :]:
        kinds = Counter(feature.column.kind.value for feature in rest)
        told = ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        n_gaps = sum(feature.column.n_missing > 0 for feature in rest)
        gaps = f", {n_gaps} of them with missing values" if n_gaps else ""
        console.print(f"… {len(rest)} more columns: {told}{gaps}. All of them: --json")
    if profile.findings:
        console.print("\n[bold]Findings[/bold]")
        print_findings(console, profile.findings)
    console.print("\n[bold]Traps[/bold]")
    for trap in card.traps or ("none known",):
        console.print(f"- {escape(trap)}", soft_wrap=False)


def _modifier_words(text: str) -> str:
    stage = parse_modifier(text).kind.stage
    if stage is Stage.ROLES:
        return f"{text} (no feature any more; splits made here, not those of the source)"
    return f"{text} (on each split, not shown below)" if stage is Stage.SPLIT else text


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print what checks found, a line each."""
    from rich.markup import escape

    for finding in findings:
        where = _some("columns", finding.columns) + _some("rows", finding.rows)
        console.print(f"- [bold]{finding.severity}[/bold] {finding.check}: {escape(finding.told + where)}")


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


def _some(what: str, where: tuple[str | int, ...]) -> str:
    shown = ", ".join(str(one) for one in where[:N_SHOWN]) + (", …" if len(where) > N_SHOWN else "")
    return f" [{what}: {shown}]" if where else ""


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
    counted = list(zip(profile.task.classes, profile.class_counts, strict=True))
    for label, n in counted[:MOST_CLASSES]:
        bar = "█" * max(round(BAR_WIDTH * n / most), 1)
        table.add_row(escape(label), f"{n:,}", f"{n / profile.task.dataset.n_rows:.1%}", bar)
    if rest := counted[MOST_CLASSES:]:
        n_rows = sum(n for _, n in rest)
        table.add_row(f"… {len(rest)} more", f"{n_rows:,}", f"{n_rows / profile.task.dataset.n_rows:.1%}", "")
    return table


def _quantiles(profile: TaskProfile) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="dim", pad_edge=False)
    for q in QUANTILES:
        table.add_column({0.0: "least", 0.5: "median", 1.0: "most"}.get(q, f"{q:.0%}"), justify="right")
    table.add_row(*(_number(value) for value in profile.quantiles))
    return table


def _number(value: float) -> str:
    """Four digits, or all of a large number that people read whole."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"


def _shown(profile: TaskProfile) -> tuple[ColumnProfile, ...]:
    """All features, or the first of very many."""
    return profile.features if len(profile.features) <= MOST_FEATURES else profile.features[:SOME_FEATURES]


def _features(profile: TaskProfile, width: int) -> Table:
    from rich.cells import cell_len
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, header_style="dim", pad_edge=False)
    longest = max((cell_len(feature.column.name) for feature in _shown(profile)), default=0)
    widest = max(min(longest, max(MOST_LETTERS, width // 3)), len("name"))
    widths = {"name": widest, "kind": len(ColumnKind.CATEGORICAL), "missing": 7, "levels": 6}
    room = width - sum(n + 2 for n in widths.values())  # rich would fold the names rather than cut the values
    for heading, n in {**widths, "values": room}.items():
        table.add_column(heading, justify="right" if heading in ("missing", "levels") else "left", width=n)
    n_rows = profile.task.dataset.n_rows
    for feature in _shown(profile):
        column = feature.column
        missing = f"{column.n_missing / n_rows:.1%}" if column.n_missing else ""
        levels = f"{column.n_levels:,}" if column.n_levels else ""
        table.add_row(escape(column.name), str(column.kind), missing, levels, escape(cut(feature.summary, room)))
    return table

"""Write docs/metafeatures.md from the groups and their docstrings: `python scripts/write_metafeatures_docs.py`."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tabbench.metafeatures.catalogue import OWN_GROUPS
from tabbench.metafeatures.group import SUMMARIES, gives_list
from tabbench.metafeatures.pymfe_groups import PYMFE_GROUPS, SUMMARY_FUNCTIONS, methods

if TYPE_CHECKING:
    from collections.abc import Callable

    from tabbench.metafeatures.group import OwnGroup
    from tabbench.metafeatures.pymfe_groups import PymfeGroup

TARGET = Path(__file__).resolve().parents[1] / "docs" / "metafeatures.md"
PARTS = ("Formula", "Source", "Range", "Cost", "Missing")

HEAD = f"""# Metafeatures

Numbers that say what a task is like, computed for every split from its training part alone. Only the group `drift`
looks at test inputs (never at test labels); its rows are marked `reads_test`, and nothing that recommends may read
them.

<!-- test -->
```bash
tabbench metafeatures 'tasks=[bundled/penguins]' 'folds=[0]' 'groups=[general,missingness]'
tabbench sql "select feature, value, status, reason from metafeatures where feature_group = 'missingness'"
```

A feature is named GROUP.NAME, or GROUP.NAME.SUMMARY where it is a list: one number a column, a pair, a fold. What
pymfe computes keeps pymfe's names, summaries and values (`statistical.cor.mean`, `relative.one_nn.median.relative`),
with the settings of TabZilla: gaps in numbers filled by the mean, a gap in a category a level of its own, balanced
accuracy, `random_state=0`, and the summaries {", ".join(SUMMARY_FUNCTIONS)}. So they can be compared with TabZilla's
columns `f__pymfe.GROUP.NAME`. pymfe 0.4.4 fails on `quantiles` under numpy 2; they are taken through scipy, by
numpy's definition. `f1v` fails there on every table and is left out. Our own lists are told by {", ".join(SUMMARIES)}.

`scripts/compare_with_tabzilla.py FILE --store STORE` holds a store beside TabZilla's values. Their table of all columns
lies on the authors' drive and has not been had; the `dataset_summary.csv` of their repository has six of them. Of 38
tables of the same names, 167 of 188 counts of classes and of all, numeric, categorical and binary columns are equal.
The other 21 are in ten tables: in nine the files differ (a column more or less, categories coded as whole numbers, a
class of two rows), in `anneal` one binary column. Counts of rows were not compared: ours are of two thirds of a table,
theirs of 80 %.

## What is stored

Table `metafeatures`: a row a feature and split, with `value`, `status`, `reason` and `seconds` (columns:
results/README.md). View `metafeatures_wide`: a row a split, a column a feature, in quotes: `"general.nr_inst"`. A
feature without a value is NULL, never 0, and has a reason: `undefined` (it has no value on this table), `skipped` (it
is for another type of task), `timeout` and `memory` (a limit of its group), `error`. An infinite value is kept where
pymfe gives one. What is stored is not computed again for the same table, split, group, cap and seed; raise a limit,
or name a status in `retry`, and what ended so is.

The first splits of 55 real tables (`scripts/bench/metafeatures.py tables`) have 96,635 values: 58,873 numbers, 20,095
skipped, 17,667 undefined, none over a limit, none in error. Of the undefined 9,208 lack numeric columns, 4,170
categorical ones, 605 a group or time column, 279 gaps; 1,554 are ranks of landmarkers of which one has no number,
1,182 summaries of a list in which a value is undefined, 645 of a list without values, with one, or with equal ones; 22
are formulas that divide by zero or take its logarithm, 2 learning slopes of a class too rare. A second run gave the
same values.

## Cost

Each group runs in a process of its own under `seconds` and `memory_mib`; what it finished before a limit stands. A
group with a cap computes on at most so many rows, drawn with the seed, each class in its share (`n_rows_used`,
`max_rows`, `rows_hash`); beyond the cap more rows cost nothing, and where there is none the cost is linear in rows.
`max_rows` lowers the caps. Seconds are those of a shared machine, what a group needs to get ready is charged to its
first feature, and a list's seconds are shared out among its summaries.

Measured with `scripts/bench/metafeatures.py growth` on a made table of 50 columns and three classes, in one process:
the groups take 25 CPU seconds of 200,000 rows and 30 of 800,000. Without a cap are `general`, `imbalance` and
`row-structure`: 0.9 and 3.7 s, 4.1 times for four times the rows; every other group grew by at most a third. Reading,
checking and caching a table for the first time comes before that: 6 CPU seconds of 200,000 rows. All of 1,000,000 × 50
(`large`), two thirds of it train, took 26 s to read, check and cache and 24 s to compute, with two workers on two idle
cores.
Asking pymfe for one feature at a time takes 1.01 (landmarking, 0.46 s) to 2.6 times (info-theory, 0.013 s) what pymfe
takes when it is called bare, at most 0.02 s more, on 379 rows of `bundled/breast_cancer` (`overhead`).

Two runs with one seed give the same values.
"""


class Told(NamedTuple):
    """A docstring taken apart."""

    summary: str
    parts: dict[str, str]


def told(function: Callable[..., object]) -> Told:
    """The first sentence and the parts of a feature's docstring.

    Raises:
        ValueError: If a part is missing.
    """
    text = inspect.getdoc(function) or ""
    summary, _, rest = text.partition("\n\n")
    places = [(m.start(), m[1], m.end()) for m in re.finditer(rf"\b({'|'.join(PARTS)}): ", " ".join(rest.split()))]
    rest = " ".join(rest.split())
    if tuple(name for _, name, _ in places) != PARTS:
        raise ValueError(f"the docstring of {function.__name__} must tell {', '.join(PARTS)}, in this order: {text!r}")
    ends = [start for start, _, _ in places[1:]] + [len(rest)]
    parts = {name: rest[at:end].strip().rstrip(".") for (_, name, at), end in zip(places, ends, strict=True)}
    return Told(" ".join(summary.split()).rstrip("."), parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def own_section(group: OwnGroup) -> str:
    """A table of the features of one of our groups."""
    lines = [f"## {group.name}", "", _about(group), ""]
    lines += ["| feature | what | formula | source | range | cost | no value if |", "|---|---|---|---|---|---|---|"]
    for function in group.functions:
        what, parts = told(function)
        name = f"`{group.name}.{function.__name__}`" + (" (list)" if gives_list(function) else "")
        lines.append("| " + " | ".join([name, *(_cell(text) for text in (what, *parts.values()))]) + " |")
    return "\n".join(lines)


def pymfe_section(group: PymfeGroup, described: dict[str, tuple[str, str]]) -> str:
    """A table of the features of one of pymfe's groups."""
    lines = [f"## {group.name} (pymfe)", "", _about(group)]
    lines += [f"Range: {group.range}. Cost: {group.cost}. No value: {group.missing}.", ""]
    lines += ["| feature | what (pymfe's words) | source |", "|---|---|---|"]
    for method, is_list in methods(group.name).items():
        what, source = described[method]
        lines.append(f"| `{group.name}.{method}`{' (list)' * is_list} | {_cell(what)} | {_cell(source)} |")
    if group.name == "landmarking":
        lines += ["", "Ranks of these seven among each other, a summary at a time: "]
        lines[-1] += ", ".join(f"`relative.{method}.….relative`" for method in methods(group.name)) + "."
    return "\n".join(lines)


def _about(group: OwnGroup | PymfeGroup) -> str:
    cap = "all rows" if group.max_rows is None else f"at most {group.max_rows:,} rows"
    kinds = "all tasks" if len(group.task_types) == 3 else " and ".join(sorted(group.task_types)) + " tasks"
    return f"{group.purpose} For {kinds}, on {cap}."


def _described() -> dict[str, tuple[str, str]]:
    from pymfe.mfe import MFE

    table, *_ = MFE.metafeature_description(print_table=False, include_references=True)
    return {name: (" ".join(what.split()), _reference(source)) for _, name, what, source in table[1:]}


def _reference(text: str) -> str:
    first = " ".join(text.split()).removeprefix("[1] ").partition(" [2] ")[0]
    return first or "pymfe"


def page() -> str:
    """The whole text."""
    described = _described()
    sections = [pymfe_section(group, described) for group in PYMFE_GROUPS]
    return "\n\n".join([HEAD.rstrip(), *sections, *map(own_section, OWN_GROUPS)]) + "\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(f"Wrote {TARGET}")

"""What OpenML says of a dataset, as a card."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tabbench.task import Column, ColumnKind, DatasetCard, Origin, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tabbench.data.openml_table import OpenmlTable

MOST_TITLE = 120
CITE = re.compile(r"\*\*(?:Please cite|Citation)[*: \t]*(\w.*)", re.IGNORECASE)
HEADING = re.compile(r"\*\*(?:Author|Source|Please cite|Citation|Creator|Donor)", re.IGNORECASE)
WORD = re.compile(r"[^\W\d]{3}")
MARKS = re.compile(
    r"<[^>]+>|[*#`_]{2,}|^#+|!\[[^\]]*\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)|^[\d.\s]*Title(?: of Database)?:"
)


def dataset_card(
    table: OpenmlTable, columns: tuple[Column, ...], content_hash: str, server: str, how: str
) -> DatasetCard:
    """The card of a downloaded dataset.

    Args:
        table: As downloaded.
        columns: With kinds, roles and counts.
        content_hash: Of the table.
        server: The server's address, without the path of its API.
        how: What else tells how the dataset was found, or nothing.
    """
    dataset = table.dataset
    description = str(dataset.description or "")
    uploaded = f", uploaded {dataset.upload_date}" if dataset.upload_date else ""
    of = f"; made from {dataset.original_data_url}" if dataset.original_data_url else ""
    return DatasetCard(
        name=dataset.name,
        version=dataset.version,
        title=_title(dataset.name, description),
        columns=columns,
        n_rows=len(table.frame),
        content_hash=content_hash,
        source=f"OpenML dataset {dataset.dataset_id}, version {dataset.version} of {dataset.name}{how}, "
        f"{server}/d/{dataset.dataset_id}{uploaded}{of}",
        licence=_text(dataset.licence) or "unknown",
        origin=Origin.UNKNOWN,
        family=dataset.name,
        citation=_text(dataset.citation) or (match[1].strip() if (match := CITE.search(description)) else ""),
        openml_id=dataset.dataset_id,
        traps=_traps(table, columns),
    )


def roles_of(table: OpenmlTable, target: str) -> Mapping[str, Role]:
    """Columns that OpenML says are no features: row ids and those to ignore."""
    names = {feature.name for feature in table.features}
    marked: list[str] = []
    for attribute in (table.dataset.ignore_attribute, table.dataset.row_id_attribute):
        for one in [attribute] if isinstance(attribute, str) else attribute or ():
            marked += [one] if one in names else [part.strip() for part in str(one).split(",")]
    return {name: Role.IGNORED for name in marked if name in names and name != target}


def _text(value: Any) -> str:
    """A field that the server may leave out, or send more than once."""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "").strip()


def _title(name: str, description: str) -> str:
    """The name and the first line of the description that is more than a heading."""
    for line in description.splitlines():
        text = " ".join(MARKS.sub(lambda mark: mark[1] or "", line).split())
        if WORD.search(text) and " " in text and not HEADING.match(line.strip()):
            return f"{name}: {text if len(text) <= MOST_TITLE else text[: MOST_TITLE - 1] + '…'}"
    return name


def _traps(table: OpenmlTable, columns: tuple[Column, ...]) -> tuple[str, ...]:
    """What the description says that the table doesn't show, or shows otherwise."""
    traps = []
    by_name = {column.name: column for column in columns}
    for feature in table.features:
        column = by_name[feature.name]
        if column.role is Role.TARGET and (absent := set(feature.levels) - set(table.frame[feature.name].dropna())):
            traps.append(f"Classes {sorted(absent)} are declared, but no row has them.")
        if feature.data_type == "string" and column.role is Role.FEATURE:
            traps.append(f"Column {feature.name!r} is free text on OpenML, read as {column.n_levels:,} levels.")
        if column.kind is ColumnKind.CATEGORICAL and column.role is Role.TARGET and feature.data_type == "numeric":
            traps.append("The classes are numbers on OpenML.")
    return tuple(traps)

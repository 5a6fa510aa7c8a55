"""What an analysis found, and the folder it is written to: every table as CSV, every figure as SVG."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tabbench.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from tabbench.cli.rank_more import Panel


@dataclass(frozen=True, eq=False)
class Found:
    """What an analysis found.

    Attributes:
        panels: What people are shown.
        data: What --csv and --json print.
        notices: Sentences.
        tables: What is written to a folder, by file name without ending.
        figures: SVG texts by file name without ending.
        texts: Other files, by file name.
    """

    panels: Sequence[Panel]
    data: pd.DataFrame
    notices: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]
    figures: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def write_found(found: Found, folder: str) -> list[Path]:
    """Write tables and figures; files of the same name are replaced.

    Raises:
        SettingsError: If the folder cannot be written.
    """
    from tabbench.ranking.rendering import to_csv

    texts = {f"{name}.csv": to_csv(table) for name, table in found.tables.items()}
    texts |= {f"{name}.svg": figure for name, figure in found.figures.items()} | dict(found.texts)
    written = {Path(folder) / name: text for name, text in sorted(texts.items())}
    try:
        for path, text in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"-o {folder} cannot be written: {error}") from error
    return list(written)

"""A table in the one form of `data.tables` as a Parquet file and back.

Numbers and dates are stored as they are, categories as a dictionary in level order, and missing as null, so that other
readers of Parquet see the same. One row group: on reading nothing is joined or sorted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tabbench.task import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from tabbench.task import Column

ALL_ROWS = 1 << 40
WHOLE_DICTIONARY = 1 << 30
"""Bytes beyond which Parquet would give up the dictionary, and with it the order of levels."""


def write_table(typed: pd.DataFrame, path: Path) -> None:
    """Write a table in the one form."""
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.table({str(name): _arrow(typed[name]) for name in typed.columns})
    parquet.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=ALL_ROWS,
        dictionary_pagesize_limit=WHOLE_DICTIONARY,
    )


def read_arrow(data: Any) -> Any:
    """A stored table, its categories as dictionaries.

    Args:
        data: The file's bytes, or its path.
    """
    import pyarrow as pa
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(data) if isinstance(data, bytes) else data)
    return file.read(use_threads=_has_threads())


def as_frame(table: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a stored table, in the one form already."""
    chosen = table.select(list(columns))
    frame: pd.DataFrame = chosen.to_pandas(ignore_metadata=True, use_threads=_has_threads())
    return frame


def is_in_form(frame: pd.DataFrame, columns: Iterable[Column]) -> bool:
    """Whether a read table has the types of its columns' kinds, and levels in their order."""
    import pandas as pd

    from tabbench.data.tables import sorted_levels

    types = {ColumnKind.NUMERIC: "float64", ColumnKind.DATE: "datetime64[us]"}
    for column in columns:
        values = frame[column.name]
        if not isinstance(values.dtype, pd.CategoricalDtype):
            is_right = values.dtype == types.get(column.kind)
        else:
            levels = tuple(values.cat.categories)
            is_right = column.kind is ColumnKind.CATEGORICAL and levels == sorted_levels(map(str, levels))
        if not is_right:
            return False
    return True


def _has_threads() -> bool:
    """Whether Arrow may use more than the thread that calls it; a process that will be forked must have no other."""
    import pyarrow as pa

    return bool(pa.cpu_count() > 1)


def _arrow(values: pd.Series) -> Any:
    import pyarrow as pa

    if values.dtype.kind != "O":
        return pa.array(values.to_numpy(), from_pandas=True)
    codes = values.cat.codes.to_numpy()
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0), pa.array(values.cat.categories.to_numpy(dtype=object), pa.string())
    )

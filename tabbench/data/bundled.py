"""Open the tables that come with tabbench or with scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabbench.data.cards import datasets_folder
from tabbench.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

SKLEARN = "sklearn/"


def read_table(table: str) -> pd.DataFrame:
    """A bundled table as it is stored, with all its columns.

    Args:
        table: `NAME.parquet` in the datasets folder, or `sklearn/NAME`.

    Raises:
        DataError: If the file is absent or is no Parquet file.
    """
    if table.startswith(SKLEARN):
        return _read_sklearn(table.removeprefix(SKLEARN))
    import pyarrow as pa
    from pyarrow import parquet

    file = datasets_folder() / table
    try:
        stored = parquet.ParquetFile(file).read(use_threads=False)  # small, and read in a process that will be forked
        frame: pd.DataFrame = stored.to_pandas(use_threads=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"The table {file} cannot be read: {error}. Install tabbench again.") from error
    return frame


def _read_sklearn(name: str) -> pd.DataFrame:
    """A table of the installed scikit-learn; classes under their names, `target` last."""
    import pandas as pd
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    frame = pd.DataFrame(bunch.data, columns=[str(column) for column in bunch.feature_names])
    if name == "diabetes":  # scaled columns hide a category: sex is one of two numbers
        raw = datasets.load_diabetes(scaled=False).data
        frame = pd.DataFrame(raw, columns=frame.columns)
        frame["sex"] = frame["sex"].map({1.0: "1", 2.0: "2"})
        return frame.assign(target=bunch.target)
    return frame.assign(target=[str(bunch.target_names[label]) for label in bunch.target])

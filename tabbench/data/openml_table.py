"""Download a dataset's table from OpenML and give each column the kind that OpenML declares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tabbench.data.arff import read_arff
from tabbench.data.files import read_file
from tabbench.data.openml_client import environment
from tabbench.data.tables import typed_column
from tabbench.errors import DataError, TransientError
from tabbench.task import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

KINDS = {
    "numeric": ColumnKind.NUMERIC,
    "nominal": ColumnKind.CATEGORICAL,
    "string": ColumnKind.CATEGORICAL,
    "date": ColumnKind.DATE,
}
ACTIVE = "active"
SKIP_PARQUET = {"OPENML_SKIP_PARQUET": "true"}


@dataclass(frozen=True)
class Feature:
    """A column as OpenML describes it; `levels` are those declared, empty unless it is nominal."""

    name: str
    data_type: str
    levels: tuple[str, ...] = ()

    @property
    def kind(self) -> ColumnKind:
        """How its values are to be read; the package knows no other types."""
        return KINDS[self.data_type]


@dataclass(frozen=True, eq=False)
class OpenmlTable:
    """A dataset's description, as the package has it, and its table in the one form.

    Attributes:
        dataset: `openml.OpenMLDataset`.
    """

    dataset: Any
    features: tuple[Feature, ...]
    frame: pd.DataFrame


def download_table(openml: Any, dataset_id: int) -> OpenmlTable:
    """An active dataset, from Parquet where the server has it and it fits the description, else from ARFF.

    Raises:
        TransientError: If the download fails in a way that may pass.
        DataError: If the dataset is not active, or its table is damaged or is not the one described.
    """
    n_rows = _listed_rows(openml, dataset_id)
    dataset = openml.datasets.get_dataset(dataset_id, download_data=False, download_features_meta_data=True)
    features = tuple(_feature(feature) for _, feature in sorted(dataset.features.items()))
    where = f"OpenML dataset {dataset_id}"
    frame = _from_parquet(openml, dataset_id, features, n_rows, where)
    if frame is None:
        with environment(SKIP_PARQUET):
            path = openml.datasets.get_dataset(dataset_id, download_data=True).data_file
        frame = _as_described(read_arff(Path(path)), features, n_rows, where)
    return OpenmlTable(dataset, features, frame)


def _listed_rows(openml: Any, dataset_id: int) -> int | None:
    """How many rows the server counted, if it did.

    Raises:
        DataError: If there is no such dataset, or it is not active.
    """
    listed = openml.datasets.list_datasets(data_id=[dataset_id], status="all", output_format="dataframe")
    found = listed[listed["did"] == dataset_id] if "did" in listed else listed
    if found.empty:
        raise DataError(f"There is no dataset {dataset_id} on OpenML. Look it up there, and correct the number.")
    status = str(found["status"].iloc[0])
    if status != ACTIVE:
        why = "was withdrawn there" if status == "deactivated" else "is still in processing there, or awaits approval"
        raise DataError(f"OpenML dataset {dataset_id} is {status}: it {why}. Use an active version of it.")
    n_rows = found["NumberOfInstances"].iloc[0] if "NumberOfInstances" in found else math.nan
    return None if math.isnan(n_rows) else int(n_rows)


def _feature(feature: Any) -> Feature:
    levels = tuple(level for level in feature.nominal_values or () if level is not None)
    return Feature(str(feature.name), str(feature.data_type), levels)


def _from_parquet(
    openml: Any, dataset_id: int, features: Sequence[Feature], n_rows: int | None, where: str
) -> pd.DataFrame | None:
    """None if there is no Parquet that can be read and fits: it has no checksum, ARFF has."""
    from minio.error import MinioException
    from urllib3.exceptions import HTTPError

    try:
        found = openml.datasets.get_dataset(dataset_id, download_data=True).parquet_file
        if found is None:
            return None
        named = Path(found).with_suffix(".parquet")
        return _as_described(read_file(Path(found).rename(named)), features, n_rows, where)
    except TransientError:  # of the ARFF that the package turned to: the request is over
        raise
    except (DataError, MinioException, HTTPError, ValueError):  # an address or header that the client refuses
        return None


def _as_described(frame: pd.DataFrame, features: Sequence[Feature], n_rows: int | None, where: str) -> pd.DataFrame:
    """The table in the one form, its columns in the order, names and kinds of the description."""
    import pandas as pd

    names = [feature.name for feature in features]
    if len(frame.columns) != len(names):
        raise DataError(f"{where}: the file has {len(frame.columns)} columns, the description {len(names)}. {CUT}")
    if n_rows is not None and len(frame) != n_rows:
        raise DataError(f"{where}: the file has {len(frame):,} rows, the server counted {n_rows:,}. {CUT}")
    if set(frame.columns) != set(names):  # quotes and escapes differ
        frame = frame.set_axis(names, axis=1)
    columns = {f.name: _spelt(typed_column(frame[f.name], f.kind), f.levels) for f in features}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


CUT = "It is cut short or damaged there; tell OpenML, or take the table from elsewhere as a file."


def _spelt(values: pd.Series, declared: Sequence[str]) -> pd.Series:
    """Levels as the description spells them: Parquet has truth values and numbers where ARFF has words."""
    if not declared or values.dtype.kind in "fM":
        return values
    levels = list(values.cat.categories)
    spelt = [level if level in declared else _only_like(level, declared) for level in levels]
    if spelt == levels or len(set(spelt)) < len(spelt):
        return values
    return typed_column(values.cat.rename_categories(spelt), ColumnKind.CATEGORICAL)


def _only_like(level: str, declared: Sequence[str]) -> str:
    """The one declared level that means the same, or the level itself."""
    like = [one for one in declared if _meaning(one) == _meaning(level)]
    return like[0] if len(like) == 1 else level


def _meaning(level: str) -> str | float:
    try:
        return float(level)
    except ValueError:
        return level.strip().lower()

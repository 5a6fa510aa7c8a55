"""Tasks on a folder of arrays, `folder:PATH`, with the splits that came with it.

::

    N_train.npy C_train.npy y_train.npy, the same for val and test, info.json     Yandex and TALENT: one split
    X.npy.gz y.npy.gz metadata.json split_indeces.npy.gz                          TabZilla: ten splits

Rows of the first layout stand in the order train, val, test. Rows of val are train rows that the source holds out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tabbench.data.inference import infer_task
from tabbench.data.npy_files import read_npy
from tabbench.data.source import OpenedTask
from tabbench.data.splits import fixed_rule
from tabbench.data.tables import content_hash
from tabbench.errors import DataError
from tabbench.task import BINARY, MULTICLASS, REGRESSION, Array, Split, TaskType

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


FOLDER = "folder:"
TARGET = "y"
PARTS = ("train", "val", "test")
INFO, METADATA = "info.json", "metadata.json"
TYPES = {"regression": REGRESSION, "binclass": BINARY, "binary": BINARY, "multiclass": MULTICLASS}
TYPES |= {"classification": MULTICLASS}  # TabZilla's word for three classes or more


@dataclass(frozen=True, eq=False)
class _Content:
    """What a layout gives: the table with its target, the type, the splits and what the source calls itself."""

    frame: pd.DataFrame
    type: TaskType
    splits: tuple[Split, ...]
    name: str
    source: str


def open_folder_task(name: str) -> OpenedTask:
    """A task on a folder of arrays: `folder:PATH`.

    Raises:
        DataError: If there is no such folder, it has no known layout, or its files contradict each other.
    """
    path = name.removeprefix(FOLDER)
    folder = Path(path).expanduser()
    if not path or not folder.is_dir():
        raise DataError(f"There is no folder {path!r}. Tasks on folders of arrays are named folder:PATH.")
    if (folder / METADATA).is_file():
        content = _tabzilla(folder)
    elif (folder / INFO).is_file():
        content = _parts(folder)
    else:
        raise DataError(
            f"{folder} holds neither {INFO} (with y_train.npy, N_train.npy, C_train.npy …) nor {METADATA} (with "
            "X.npy.gz, y.npy.gz, split_indeces.npy.gz). A single table is named file:PATH::TARGET."
        )
    task = infer_task(content.frame, name, TARGET, content_hash(content.frame), task_type=content.type)
    dataset = replace(
        task.dataset, name=content.name, title=content.name, source=content.source, family=content.name, traps=()
    )
    task = replace(task, dataset=dataset, split_rule=fixed_rule(content.splits))
    return OpenedTask(task, content.frame, content.splits)


def _parts(folder: Path) -> _Content:
    """Arrays by part: numbers in N, categories in C, the target in y."""
    info = _json(folder / INFO)
    task_type = _type(info, "task_type", folder / INFO)
    parts = [part for part in PARTS if part != "val" or (folder / "y_val.npy").is_file()]
    tables = [_part(folder, part, task_type) for part in parts]
    if len({tuple(table) for table in tables}) > 1:
        told = ", ".join(f"{part} {len(table.columns) - 1}" for part, table in zip(parts, tables, strict=True))
        raise DataError(f"{folder}: the parts have different columns ({told}).")
    import pandas as pd

    ends = np.cumsum([0, *(len(table) for table in tables)])
    rows = {part: np.arange(ends[i], ends[i + 1]) for i, part in enumerate(parts)}
    train = np.concatenate([rows["train"], rows.get("val", np.arange(0))])
    split = Split(0, 0, train, rows["test"], rows.get("val"))
    title = str(info.get("name") or folder.resolve().name)
    source = f"a local folder of arrays ({INFO}: {info.get('id', title)})"
    return _Content(pd.concat(tables, ignore_index=True), task_type, (split,), title, source)


def _part(folder: Path, part: str, task_type: TaskType) -> pd.DataFrame:
    import pandas as pd

    y = _target(read_npy(folder / f"y_{part}.npy"), task_type, folder)
    columns: dict[str, Any] = {}
    for letter, convert in (("N", _numbers), ("C", _levels)):
        file = folder / f"{letter}_{part}.npy"
        if not file.is_file():
            continue
        values = read_npy(file)
        if values.ndim != 2 or len(values) != len(y):
            raise DataError(f"{file} has the shape {values.shape}, y_{part}.npy has {len(y)} rows.")
        columns |= {f"{letter}{i}": convert(values[:, i], file) for i in range(values.shape[1])}
    if not columns:
        raise DataError(f"{folder} holds neither N_{part}.npy nor C_{part}.npy.")
    return pd.DataFrame({**columns, TARGET: y})


def _tabzilla(folder: Path) -> _Content:
    """One table, and the rows of train, val and test of each of its folds."""
    import pandas as pd

    metadata = _json(folder / METADATA)
    X, y = read_npy(folder / "X.npy.gz"), read_npy(folder / "y.npy.gz")
    if X.ndim != 2 or len(X) != len(y):
        raise DataError(f"{folder}: X has the shape {X.shape}, y has {len(y)} rows.")
    categorical = metadata.get("cat_idx", [])
    if not isinstance(categorical, list) or not set(categorical) <= set(range(X.shape[1])):
        raise DataError(f"{folder / METADATA}: cat_idx {categorical!r} must list columns 0 to {X.shape[1] - 1}.")
    task_type = _type(metadata, "target_type", folder / METADATA)
    columns: dict[str, Any] = {}
    for i in range(X.shape[1]):
        convert = _levels if i in categorical else _numbers
        columns[f"x{i}"] = convert(X[:, i], folder / "X.npy.gz")
    frame = pd.DataFrame({**columns, TARGET: _target(y, task_type, folder)})
    splits = tuple(_folds(folder, read_npy(folder / "split_indeces.npy.gz"), len(y)))
    title = str(metadata.get("name") or folder.resolve().name)
    return _Content(frame, task_type, splits, title, f"a local folder of TabZilla's arrays ({METADATA}: {title})")


def _folds(folder: Path, folds: Array, n_rows: int) -> list[Split]:
    splits = []
    for number, fold in enumerate(folds):
        if not isinstance(fold, dict) or not {"train", "test"} <= set(fold):
            raise DataError(f"{folder}/split_indeces.npy.gz: fold {number} does not name its train and test rows.")
        rows = {part: np.sort(np.asarray(fold[part])).astype(np.int64) for part in PARTS if part in fold}
        every = np.concatenate([*rows.values()])
        if len(np.unique(every)) < len(every) or every.min() < 0 or every.max() >= n_rows:
            raise DataError(
                f"{folder}/split_indeces.npy.gz: fold {number} has a row twice, or one outside 0..{n_rows - 1}."
            )
        train = np.sort(np.concatenate([rows["train"], rows.get("val", rows["train"][:0])]))
        splits.append(Split(0, number, train, rows["test"], rows.get("val")))
    if not splits:
        raise DataError(f"{folder}/split_indeces.npy.gz holds no fold.")
    return splits


def _numbers(values: Array, file: Path) -> Array:
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{file}: a numeric column cannot be read as numbers: {error}.") from error


def _levels(values: Array, file: Path) -> Array:
    """Categories as text, so that codes are not taken for numbers; None and NaN are missing."""
    return np.array([None if _is_gap(value) else _text(value) for value in values.tolist()], dtype=object)


def _target(values: Array, task_type: TaskType, folder: Path) -> Array:
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(f"{folder}: y has the shape {values.shape}; one target is wanted.")
    return _numbers(values, folder / "y") if task_type is REGRESSION else _levels(values, folder / "y")


def _is_gap(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _type(said: Mapping[str, Any], key: str, file: Path) -> TaskType:
    if said.get(key) not in TYPES:
        raise DataError(f"{file}: {key} is {said.get(key)!r}; known are {', '.join(TYPES)}.")
    return TYPES[said[key]]


def _json(file: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(said, dict):
        raise DataError(f"{file} must hold a mapping, got {type(said).__name__}.")
    return said

#!/usr/bin/env python
"""Hold stored metafeatures beside those that TabZilla published, table by table.

    python scripts/compare_with_tabzilla.py FILE --store results

FILE is TabZilla's `metafeatures.csv` (a row a fold, `dataset_name` such as `openml__vehicle__53__fold_0`, columns
`f__pymfe.GROUP.NAME`; on the authors' drive), or the `dataset_summary.csv` of their repository, which has six of them.
Tables are matched by name. Where the store was made with other splits than `splits=tabzilla`, or on other types of
columns than OpenML declares, values differ by that: what is printed is how near they are, not a verdict.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tabbench.store.database import open_database
from tabbench.store.layout import Store
from tabbench.store.metafeatures import task_metafeatures

if TYPE_CHECKING:
    import pandas as pd

OF_SUMMARY = {
    "num_training_inst": "nr_inst", "num_classes": "nr_class", "num_feats": "nr_attr",
    "num_numerical_feats": "nr_num", "num_categorical_feats": "nr_cat", "num_binary_feats": "nr_bin",
}  # fmt: skip
"""What their summary calls features of pymfe's group `general`."""
NEAR = (1e-6, 0.01, 0.1)
MOST_SHOWN = 40


def published(path: Path) -> pd.DataFrame:
    """Index names of tables, a column a metafeature under our name: the median over folds."""
    import pandas as pd

    frame = pd.read_csv(path)
    frame = frame.rename(columns={old: f"general.{new}" for old, new in OF_SUMMARY.items()})
    frame.columns = frame.columns.str.removeprefix("f__pymfe.")
    names = frame["dataset_name"].map(lambda name: plain(name.split("__")[1]))
    numbers = frame.select_dtypes("number")
    return numbers[[name for name in numbers if "." in name]].groupby(names).median()


def plain(name: str) -> str:
    """A table's name without its source, ending, target and choice of dashes.

    >>> plain("file:/data/kr-vs-kp.parquet::class"), plain("bundled/credit_g")
    ('kr_vs_kp', 'credit_g')
    """
    name = name.partition("::")[0].rpartition("/")[2].removesuffix(".parquet").removesuffix(".csv")
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def compare(theirs: pd.DataFrame, ours: pd.DataFrame) -> None:
    """Print how near the values of each group are, then the pairs that are farthest."""
    import pandas as pd

    tables = theirs.index.intersection(ours.index)
    features = theirs.columns.intersection(ours.columns)
    pairs = pd.concat(
        [f.loc[tables, features].stack().rename(name) for name, f in (("theirs", theirs), ("ours", ours))],
        axis=1, join="inner",
    )  # fmt: skip
    if pairs.empty:
        raise SystemExit("No table, or no metafeature, is in both.")
    scale = pairs.abs().max(axis=1).replace(0, 1)
    pairs["apart"] = (pairs["ours"] - pairs["theirs"]).abs() / scale
    pairs["group"] = [feature.partition(".")[0] for _, feature in pairs.index]
    print(f"{len(tables)} tables and {len(features)} metafeatures in both")
    many = len(features) > MOST_SHOWN
    for name, mine in pairs.groupby("group" if many else pairs.index.get_level_values(1)):
        shares = "  ".join(f"within {near:g}: {int((mine['apart'] <= near).sum()):6}" for near in NEAR)
        print(f"{name:22} {len(mine):6} values  {shares}")
    far = pairs[pairs["apart"] > NEAR[1]].sort_values("apart", ascending=False, kind="stable")
    print(far[["theirs", "ours"]].head(MOST_SHOWN).to_string())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--store", type=Path, default=Path("results"))
    options = parser.parse_args()
    with open_database(Store(options.store)) as connection:
        stored = task_metafeatures(connection)
    compare(published(options.file), stored.groupby(np.array([plain(task) for task in stored.index])).median())

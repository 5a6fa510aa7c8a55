"""Tasks, datasets and suites from an OpenML server: tables of ours, and recorded answers of the true server."""

import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openml_server import CLUSTERING, LEARNING_CURVE, REGRESSION, STREAM, OpenmlServer, openml_server, served_frame

from tabbench.data.catalog import task_data
from tabbench.data.openml_client import SERVER
from tabbench.data.openml_source import open_openml_task, openml_suite
from tabbench.errors import DataError, TabbenchError, TransientError
from tabbench.task import ColumnKind, Role, SplitKind, TaskType

SHARED = Path(os.environ.get("TABBENCH_SHARED", Path(__file__).parents[4] / "shared" / "data"))
RECORDED, CACHED = SHARED / "raw" / "sklearn_openml_fixtures", SHARED / "raw" / "openml_python_fixtures"
N_ROWS = 60
HALVES = [("TRAIN" if row % 2 == fold else "TEST", row, 0, fold) for fold in (0, 1) for row in range(N_ROWS)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path))
    with openml_server() as running:
        monkeypatch.setenv(SERVER, running.api)
        yield running


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(N_ROWS, dtype=float),
            "größe in %": rng.normal(size=N_ROWS),
            "stufe": pd.Categorical(rng.choice(["1", "2", "10"], N_ROWS), categories=["10", "2", "1"]),
            "flag": pd.Categorical(rng.choice(["True", "False"], N_ROWS)),
            "text": rng.choice(["x, y", "50%", "it's", "日本"], N_ROWS).astype(object),
            "price": rng.normal(size=N_ROWS) * 1e6,
            "class": pd.Categorical(rng.choice(["good", "böse"], N_ROWS), categories=["never", "good", "böse"]),
        }
    )
    frame.loc[3, "größe in %"] = np.nan
    frame.loc[[4, 5], "stufe"] = None
    return frame


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink)
    return sink.getvalue()


def test_a_task_has_openmls_target_kinds_and_splits(server: OpenmlServer):
    server.add(served_frame(31, "credit-g", table(), "price", description={"row_id_attribute": "id"}))
    server.add_task(7, 31, "class", HALVES)
    opened = open_openml_task("openml/7")
    task = opened.task
    assert (task.name, task.target, task.type, task.classes) == (
        "openml/7", "class", TaskType.BINARY, ("böse", "good"),
    )  # fmt: skip
    assert [c.kind for c in task.dataset.columns] == [
        ColumnKind.NUMERIC, ColumnKind.NUMERIC, *[ColumnKind.CATEGORICAL] * 3, ColumnKind.NUMERIC,
        ColumnKind.CATEGORICAL,
    ]  # fmt: skip
    assert {c.name: c.role for c in task.dataset.columns if c.role is not Role.FEATURE} == {
        "id": Role.IGNORED,
        "class": Role.TARGET,
    }
    assert [c.n_missing for c in task.dataset.columns] == [0, 1, 2, 0, 0, 0, 0]
    assert (task.split_rule.kind, task.split_rule.n_repeats, task.split_rule.n_folds) == (SplitKind.FIXED, 1, 2)
    assert task.split_rule.rows_hash
    assert opened.splits is not None
    assert [split.train.tolist() for split in opened.splits] == [[*range(0, 60, 2)], [*range(1, 60, 2)]]
    assert [split.test.tolist() for split in opened.splits] == [[*range(1, 60, 2)], [*range(0, 60, 2)]]
    data = task_data(task, opened.frame)
    assert data.X["stufe"].cat.categories.tolist() == ["1", "2", "10"]
    assert np.array_equal(data.X["price"].to_numpy(), table()["price"].to_numpy())


def test_a_regression_task_and_a_dataset_by_its_default_target(server: OpenmlServer):
    server.add(served_frame(31, "houses", table(), "price"))
    server.add_task(8, 31, "price", HALVES, kind=REGRESSION)
    task, dataset = open_openml_task("openml/8").task, open_openml_task("openml/d/31").task
    assert task.type is dataset.type is TaskType.REGRESSION
    assert task.task_hash == dataset.task_hash
    assert dataset.split_rule.kind is SplitKind.KFOLD
    assert open_openml_task("openml/d/31").splits is None


def test_the_card_says_what_openml_says(server: OpenmlServer):
    about = {
        "description": "**Author**: Jürgen  \n**Please cite**: Müller (1999), *J. Böse* \n\n### **Kreditwürdigkeit** "
        "von [1000](http://x) Kunden\nmore",
        "licence": "CC BY 4.0 ©", "ignore_attribute": ["id", "text", "class"], "original_data_url": "http://uci/ü",
    }  # fmt: skip
    server.add(served_frame(31, "kredit", table(), "class", version=3, description=about))
    card = open_openml_task("openml/d/31").task.dataset
    assert (card.name, card.version, card.openml_id, card.family) == ("kredit", 3, 31, "kredit")
    assert card.title == "kredit: Kreditwürdigkeit von 1000 Kunden"
    assert card.citation == "Müller (1999), *J. Böse*"
    assert card.licence == "CC BY 4.0 ©"
    assert f"OpenML dataset 31, version 3 of kredit, http://{server.host}/d/31, uploaded 2014" in card.source
    assert [c.name for c in card.columns if c.role is Role.IGNORED] == ["id", "text"]
    assert card.traps == ("Classes ['never'] are declared, but no row has them.",)


def test_a_name_means_the_latest_active_version(server: OpenmlServer):
    for number, version, status in ((5, 1, "active"), (9, 2, "active"), (12, 3, "deactivated"), (3, 0, "active")):
        server.add(served_frame(number, "credit-g", table(), "class", version=version, status=status))
    opened = open_openml_task("openml/d/credit-g")
    assert (opened.task.name, opened.task.dataset.openml_id, opened.task.dataset.version) == ("openml/d/credit-g", 9, 2)
    assert "the latest active one of that name" in opened.task.dataset.source


def test_parquet_and_arff_are_the_same_task(server: OpenmlServer):
    frame = table()
    as_parquet = frame.assign(flag=frame["flag"] == "True", stufe=pd.to_numeric(frame["stufe"]))
    server.add(served_frame(1, "t", frame, "class"))
    server.add(served_frame(2, "t", frame, "class", parquet=parquet_bytes(as_parquet)))
    arff, parquet = (open_openml_task(f"openml/d/{number}").task for number in (1, 2))
    assert any("/datasets/2.pq" in path for path in server.asked)
    assert not any("/data/v1/download/2/" in path for path in server.asked)
    assert arff.task_hash == parquet.task_hash


@pytest.mark.parametrize(
    "parquet",
    [
        b"PAR1 no parquet PAR1",
        parquet_bytes(table())[:-100],
        parquet_bytes(table().head(9)),
        parquet_bytes(table()[["id"]]),
    ],
)
def test_a_damaged_parquet_is_passed_over_for_the_arff(server: OpenmlServer, parquet: bytes):
    server.add(served_frame(1, "t", table(), "class"))
    server.add(served_frame(2, "t", table(), "class", parquet=parquet))
    first, second = (open_openml_task(f"openml/d/{number}").task for number in (1, 2))
    assert first.task_hash == second.task_hash


@pytest.mark.parametrize("how", [{"status": 503}, {"status": 404}, {"status": 403}, {"is_cut": True}, {"body": b""}])
def test_a_store_of_parquet_that_fails_is_passed_over_for_the_arff(server: OpenmlServer, how: dict[str, object]):
    server.add(served_frame(2, "t", table(), "class", parquet=parquet_bytes(table())))
    server.fail("/datasets/", **how)
    assert open_openml_task("openml/d/2").task.dataset.n_rows == N_ROWS
    assert any("/data/v1/download/2/" in path for path in server.asked)


def test_text_without_a_declared_charset_is_utf_8(server: OpenmlServer):
    server.add(served_frame(31, "t", table(), "class"))
    server.content_types = dict.fromkeys(server.files, "text/plain")
    assert open_openml_task("openml/d/31").task.classes == ("böse", "good")


def test_a_dataset_without_missing_qualities_or_checksum_is_read(server: OpenmlServer):
    server.add(served_frame(31, "t", table(), "class", description={"md5_checksum": None, "licence": None}))
    assert open_openml_task("openml/d/31").task.dataset.licence == "unknown"


def test_a_study_is_a_suite(server: OpenmlServer):
    server.add_study(99, "OpenML-CC18", [3, 31, 3])
    by_number, by_alias = openml_suite("openml/s/99"), openml_suite("openml/s/OpenML-CC18")
    assert by_number.tasks == by_alias.tasks == ("openml/3", "openml/31")
    assert (by_alias.name, by_alias.title) == ("openml/s/OpenML-CC18", "The OpenML-CC18 suite")
    assert "study 99" in by_alias.notes[0]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("openml/99", "openml/99 does not exist on .*code 151"),
        ("openml/d/99", "no dataset 99 on OpenML"),
        ("openml/d/none", "No active dataset .* is named 'none'"),
        ("openml/s/99", "openml/s/99 does not exist"),
        ("openml/s/5", "openml/s/5 holds no tasks"),
        ("openml/s/6", "Unexpected entity type 'run'"),
        ("openml/x/1", "names nothing on OpenML. Tasks are openml/31"),
        ("openml/031", "names nothing on OpenML"),
        ("openml/d/../1", "names nothing on OpenML"),
        ("openml/d/a b?", "names nothing on OpenML"),
        ("openml/d/32", "OpenML dataset 32 is in_preparation: it is still in processing"),
        ("openml/d/33", "OpenML dataset 33 is deactivated: it was withdrawn"),
        ("openml/d/34", "names no target by default.*Its columns: id, "),
        ("openml/d/35", r"several targets on OpenML \(price,class\)"),
        ("openml/d/36", "Unknown column 'klass'.*Did you mean class"),
        ("openml/d/37", "Column 'stufe' of openml/d/37 has gaps in 2 of 60 rows .4, 5;"),
        ("openml/d/38", "does not follow the protocol.*found: relational"),
        ("openml/d/41", "does not follow the protocol .TypeError: .*`nominal_values`"),
        ("openml/d/39", "answer of .* does not follow the protocol"),
        ("openml/d/40", "file has 60 rows, the server counted 61. It is cut short"),
        ("openml/1", "type 'Type 5' on OpenML; only supervised"),
        ("openml/2", "type 'Type 3' on OpenML; only supervised.*openml/d/31"),
        ("openml/3", "cannot be run: Task type Type 4 not supported"),
        ("openml/4", r"split \(0, 0\): 60 test rows are train rows as well"),
        ("openml/5", r"split \(0, 0\) names row 60, but the table has 60 rows"),
        ("openml/6", r"split \(0, 0\) names a train row twice"),
        ("openml/8", r"the file of splits has 1 as number_folds, its task says 2. It is cut short"),
        ("openml/11", r"split \(0, 1\) leaves rows out. It is cut short"),
        ("openml/12", r"split \(0, 0\) has no test rows"),
        ("openml/9", "does not follow the protocol"),
        ("openml/10", "Column 'class' cannot be read as numeric"),
    ],
)
def test_what_cannot_be_a_task_says_why(server: OpenmlServer, name: str, words: str):
    server.add(served_frame(31, "t", table(), "class"))
    for number, status in ((32, "in_preparation"), (33, "deactivated")):
        server.add(served_frame(number, "t", table(), "class", status=status))
    for number, target in ((34, ""), (35, "price,class"), (36, "klass"), (37, "stufe")):
        server.add(served_frame(number, "u", table(), target))
    server.add(served_frame(38, "u", table(), "class"))
    features = server.files["/api/v1/xml/data/features/38"]
    server.files["/api/v1/xml/data/features/38"] = features.replace(b">numeric<", b">relational<")
    server.add(served_frame(39, "u", table(), "class"))
    server.files["/api/v1/xml/data/features/39"] = features.replace(b">numeric<", b">whatever<")
    server.add(served_frame(41, "u", table(), "class"))
    server.files["/api/v1/xml/data/features/41"] = features.replace(b"nominal_value>", b"no_value>")
    server.add(served_frame(40, "u", table(), "class"))
    server.datasets[40].n_rows = 61
    server.add_study(5, "empty", [])
    server.add_study(6, "runs", [1], kind="run")
    for number, kind in ((1, CLUSTERING), (2, LEARNING_CURVE), (3, STREAM), (10, REGRESSION)):
        server.add_task(number, 31, "class", HALVES, kind=kind)
    rows = [(part, row, 0, fold) for fold in (0, 1) for part in ("TRAIN", "TEST") for row in range(N_ROWS)]
    server.add_task(4, 31, "class", rows)
    server.add_task(5, 31, "class", [*HALVES, ("TRAIN", 60, 0, 0)])
    server.add_task(6, 31, "class", [*HALVES, ("TRAIN", 0, 0, 0)])
    server.add_task(8, 31, "class", [("TRAIN", 0, 0, 0)])
    server.add_task(11, 31, "class", HALVES[:-5])
    server.add_task(12, 31, "class", [("TRAIN", 0, 0, 0), ("TEST", 0, 0, 1)])
    server.add_task(9, 31, "class", [*HALVES, ("TRAIN", 0, 1, 0)])
    with pytest.raises(DataError if "klass" not in words else TabbenchError, match=words) as caught:
        openml_suite(name) if name.startswith("openml/s/") else open_openml_task(name)
    assert not isinstance(caught.value, TransientError)


needs_recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers at {RECORDED}")


@needs_recorded
@pytest.mark.parametrize("number", [3, 61, 62, 561, 40675, 40945, 42585])
def test_recorded_datasets_have_the_counts_of_the_true_server(server: OpenmlServer, number: int):
    counted = server.add_recorded_json(RECORDED / f"id_{number}")
    opened = open_openml_task(f"openml/d/{number}")
    card = opened.task.dataset
    assert card.openml_id == number
    assert card.n_rows == len(opened.frame) == counted["NumberOfInstances"]
    columns = [c for c in card.columns if c.role is not Role.IGNORED]  # as the server counts
    assert len(columns) == counted["NumberOfFeatures"]
    assert sum(c.n_missing for c in columns) == counted["NumberOfMissingValues"]
    assert sum(c.kind is ColumnKind.NUMERIC for c in columns) == counted["NumberOfNumericFeatures"]
    assert len(opened.task.classes) == max(counted["NumberOfClasses"], 0)
    if opened.task.classes:
        sizes = opened.frame[opened.task.target].value_counts()
        assert (sizes.max(), sizes[sizes > 0].min()) == (counted["MajorityClassSize"], counted["MinorityClassSize"])
    task_data(opened.task, opened.frame)


@needs_recorded
def test_a_recorded_task_has_its_own_ten_folds(server: OpenmlServer):
    server.add_recorded_json(RECORDED / "id_3")
    server.add_recorded_task(CACHED / "org/openml/test/tasks/3")
    opened = open_openml_task("openml/3")
    assert opened.splits is not None
    assert [len(split.test) for split in opened.splits] == [320] * 6 + [319] * 4
    tested = np.concatenate([split.test for split in opened.splits])
    assert np.array_equal(np.sort(tested), np.arange(3196))
    lines = server.files["/api_splits/get/3/splits.arff"].decode().splitlines()
    of_fold_2 = sorted(int(line.split(",")[1]) for line in lines if line.startswith("TEST") and line.endswith(",0,2"))
    assert opened.splits[2].test.tolist() == of_fold_2
    same = pd.read_parquet(SHARED / "tables" / "kr-vs-kp.parquet")
    assert opened.frame.shape == same.shape
    assert opened.frame["class"].value_counts().tolist() == same["class"].value_counts().tolist()


@needs_recorded
def test_recorded_xml_of_a_task_with_ten_repeats(server: OpenmlServer):
    server.add_recorded_xml(CACHED / "org/openml/test/datasets/2", n_rows=898)
    server.add_recorded_task(CACHED / "org/openml/test/tasks/1882")
    opened = open_openml_task("openml/1882")
    assert (opened.task.split_rule.n_repeats, opened.task.split_rule.n_folds) == (10, 10)
    assert opened.task.classes == ("1", "2", "3", "5", "U")
    assert sum(c.n_missing for c in opened.task.dataset.columns) == 22175
    assert opened.task.dataset.title.startswith("anneal: Annealing Data")
    assert opened.task.dataset.traps == ("Classes ['4'] are declared, but no row has them.",)

"""The rows to take away: what the site shows and no more, in files that others read, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import gzip
import io

import duckdb
import pyarrow.parquet as pq
import pytest
from synthetic_store import make_store, write_job
from tabbench_leaderboard.ask_page import EXAMPLES
from tabbench_leaderboard.published import for_people, published_files
from tabbench_leaderboard.table_schema import schema

from tabbench.store.database import open_database

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Of a store with a model whose name is a formula, on a task that the site does not show beside."""
    store = make_store(tmp_path_factory.mktemp("published") / "store", models=("constant", "ridge", "trees"))
    for fold in range(3):
        write_job(store, FORMULA, "bundled/alpha", fold, (0, 1))
        write_job(store, "ridge", "bundled/hidden", fold, (0, 1))
    return publish(store)


def publish(store):
    with open_database(store) as connection:
        connection.execute("create temp table taken_trials as select * from trials where task != 'bundled/hidden'")
        return published_files(connection)


@pytest.fixture(scope="module")
def database(files, tmp_path_factory):
    """The DuckDB file, opened."""
    path = tmp_path_factory.mktemp("database") / "tabbench.duckdb"
    path.write_bytes(files[0].content)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def content(files, path):
    return next(file.content for file in files if file.path == f"data/tables/{path}")


def test_the_database_comes_first_and_each_table_in_both_forms(files):
    assert (files[0].path, files[0].form) == ("data/tabbench.duckdb", "DuckDB")
    assert [file.form for file in files[1:]] == ["Parquet", "CSV"] * ((len(files) - 1) // 2)
    assert {"best_trials", "trials", "fits", "tasks", "datasets", "models"} <= {file.table for file in files}


def test_only_what_the_site_shows_is_published(files, database):
    assert database.execute("select count(*) from trials where task = 'bundled/hidden'").fetchall() == [(0,)]
    trials = pq.read_table(io.BytesIO(content(files, "trials.parquet")))
    assert set(trials["task"].to_pylist()) == {"bundled/alpha", "bundled/beta", "bundled/gamma"}
    n_trials = files[0].n_rows
    assert n_trials == trials.num_rows == database.execute("select count(*) from trials").fetchall()[0][0]


def test_hosts_and_logs_stay_behind(database):
    assert database.execute("select distinct host, pid from workers").fetchall() == [("", 0)]
    assert database.execute("select count(traceback) + count(log) from trials").fetchall() == [(0,)]


def test_a_formula_is_only_text_in_a_csv_and_itself_in_parquet(files):
    text = gzip.decompress(content(files, "trials.csv.gz")).decode()
    models = {row["model"] for row in csv.DictReader(io.StringIO(text))}
    assert models == {"constant", "ridge", "trees", f"'{FORMULA}"}
    trials = pq.read_table(io.BytesIO(content(files, "trials.parquet")))
    assert FORMULA in trials["model"].to_pylist()


@pytest.mark.parametrize("bad", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\r1", "\uff1d1"])
def test_each_way_to_begin_a_formula_is_met(bad):
    with duckdb.connect() as connection:
        query = f"select {for_people('c', 'VARCHAR')} from (select $1 as c)"
        assert connection.execute(query, [bad]).fetchall() == [("'" + bad,)]
        assert connection.execute(query, ["a=1"]).fetchall() == [("a=1",)]


def test_numbers_in_a_csv_are_those_of_the_rows(files):
    text = content(files, "best_trials.csv").decode()
    errors = sorted(float(row["test_error"]) for row in csv.DictReader(io.StringIO(text)))
    table = pq.read_table(io.BytesIO(content(files, "best_trials.parquet")))
    assert errors == sorted(table["test_error"].to_pylist())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_is_answered(example, database):
    database.execute(example.sql).fetchall()


def test_the_schema_is_that_of_the_database(database):
    for table in schema():
        columns = {name for name, *_ in database.execute(f"describe {table.name}").fetchall()}
        assert {column.name for column in table.columns} <= columns, table.name
        assert table.purpose


def test_any_client_since_1_0_may_read_the_file(files):
    """The header of a DuckDB file says its storage version at byte 12: 64 is that of 0.10 to 1.1."""
    assert int.from_bytes(files[0].content[12:20], "little") == 64

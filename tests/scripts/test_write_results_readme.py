"""The results folder's README says what the schema says, and its queries run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from synthetic_store import make_store

from tabbench.store.database import open_database
from tabbench.store.query import ReadOnlyDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tabbench.store.layout import Store

SCRIPT = Path(__file__).parents[2] / "scripts" / "write_results_readme.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("write_results_readme", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


script = load()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadOnlyDatabase]:
    store: Store = make_store(tmp_path_factory.mktemp("readme") / "store")
    with ReadOnlyDatabase(store) as found:
        yield found


def test_readme_equals_the_schema() -> None:
    written = script.TARGET.read_text(encoding="utf-8")
    assert written == script.readme(), "run: python scripts/write_results_readme.py"


def test_there_are_ten_queries() -> None:
    assert len(script.QUERIES) == 10


@pytest.mark.parametrize("query", script.QUERIES, ids=lambda q: q.question)
def test_query_runs_and_finds_rows(database: ReadOnlyDatabase, query: Any) -> None:
    (answer,) = database.ask(query.sql)
    assert answer.rows


def test_every_table_is_explained(database: ReadOnlyDatabase) -> None:
    text = script.readme()
    missing = [name for name, *_ in database.tables().rows if f"`{name}`" not in text and f"### {name}\n" not in text]
    assert not missing


@pytest.mark.slow
def test_another_client_asks_predictions_after_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store(tmp_path / "store")
    open_database(store).close()
    monkeypatch.chdir(store.root)
    assert f"{script.PREDICTIONS_ELSEWHERE};" in script.HEAD
    [query] = [query.sql for query in script.QUERIES if "JOIN predictions" in query.sql]
    with duckdb.connect("tabbench.duckdb", read_only=True) as client:
        with pytest.raises(duckdb.CatalogException, match="predictions"):
            client.execute(query)
        client.execute(script.PREDICTIONS_ELSEWHERE)
        assert len(client.execute(query).fetchall()) > 0

"""What each published table holds, column by column, for the pages that show it."""

from __future__ import annotations

from typing import NamedTuple

from tabbench.schema import columns_of
from tabbench.store.arrow_schema import plain_type
from tabbench.store.tables import TABLES, sql_type
from tabbench.store.views import VIEWS

SHOWN = (
    "best_trials", "leaderboard", "trials", "fits", "jobs", "configs", "failures", "tasks", "datasets", "models",
    "protocols", "suites", "environments", "workers", "calibrations", "findings", "timings", "ensembles", "new_scores",
    "curves", "splits",
)  # fmt: skip
"""Tables and views, the most asked first."""


class SchemaColumn(NamedTuple):
    """One column, as its documentation has it; a view's own may have no type."""

    name: str
    type: str
    unit: str
    doc: str


class SchemaTable(NamedTuple):
    """One table or view; `purpose` is a sentence or two."""

    name: str
    purpose: str
    columns: tuple[SchemaColumn, ...]


_FILLS = {"trials": "all_trials", "fits": "all_fits", "ensembles": "all_ensembles", "new_scores": "all_new_scores",
          "timings": "all_timings", "best_trials": "all_trials"}  # fmt: skip
"""The stored table whose columns a view has."""


def schema() -> tuple[SchemaTable, ...]:
    """Every table and view that is worth asking."""
    views = {view.name: view for view in VIEWS}
    found = []
    for name in SHOWN:
        view = views.get(name)
        stored = TABLES.get(_FILLS.get(name, name))
        columns = [
            SchemaColumn(c.name, sql_type(plain_type(c.type)), c.unit, c.doc)
            for c in (columns_of(stored) if stored else ())
        ]
        columns += [SchemaColumn(column, "", "", doc) for column, doc in (view.docs.items() if view else ())]
        purpose = view.purpose if view else (stored.__doc__ or "").splitlines()[0] if stored else ""
        found.append(SchemaTable(name, purpose.replace("`", ""), tuple(columns)))
    return tuple(found)

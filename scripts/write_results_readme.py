"""Write results/README.md from the schema: `python scripts/write_results_readme.py`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tabbench.results import SCHEMA_VERSION, FitRow, PredictionRow, TrialRow
from tabbench.schema import ColumnSpec, columns_of
from tabbench.store.arrow_schema import plain_type
from tabbench.store.ingest import build_tables
from tabbench.store.tables import DOCUMENT_TABLES, SCHEMA_VERSION_COLUMNS, TABLES, sql_type
from tabbench.store.views import FITS, TRIALS, VIEWS, View

TARGET = Path(__file__).resolve().parents[1] / "results" / "README.md"


class Query(NamedTuple):
    """A question and how to ask it."""

    question: str
    sql: str


QUERIES = (
    Query("Who leads?", "SELECT regime, model, mean_rank, n_tasks, fit_seconds FROM leaderboard"),
    Query(
        "What failed, and why?",
        "SELECT model, status, reason, count(*) AS n FROM failures GROUP BY ALL ORDER BY n DESC, model",
    ),
    Query(
        "What did tuning bring, per model and task (test error, mean over splits)?",
        """SELECT model, task, avg(test_error) FILTER (regime = 'default') AS default_error,
    avg(test_error) FILTER (regime = 'tuned') AS tuned_error
FROM best_trials GROUP BY model, task ORDER BY model, task""",
    ),
    Query(
        "Which tuned model is best on each task?",
        """WITH by_task AS (
    SELECT task, protocol_id, model, avg(test_error) AS test_error
    FROM best_trials WHERE regime = 'tuned' GROUP BY task, protocol_id, model
)
SELECT task, arg_min(model, test_error) AS best_model, min(test_error) AS test_error
FROM by_task GROUP BY task, protocol_id ORDER BY task""",
    ),
    Query(
        "What does a model cost to search, and how long does one of its trials take?",
        """SELECT model, sum(seconds) AS search_seconds, sum(n_trials) AS n_trials, sum(n_failed) AS n_failed,
    sum(seconds) / sum(n_trials) AS seconds_per_trial
FROM jobs GROUP BY model ORDER BY search_seconds DESC""",
    ),
    Query(
        "Which configuration was chosen on each split?",
        """SELECT model, task, repeat, fold, trial, config, valid_error, test_error
FROM best_trials WHERE regime = 'tuned' ORDER BY model, task, repeat, fold""",
    ),
    Query(
        "How much better did valid look than test, for the configurations chosen on it?",
        """SELECT model, task, avg(test_error - valid_error) AS optimism
FROM best_trials WHERE regime = 'tuned' GROUP BY model, task ORDER BY optimism DESC""",
    ),
    Query(
        "How does the best valid error fall with the number of trials?",
        """SELECT model, task, repeat, fold, trial,
    min(valid_error) OVER (PARTITION BY job_id ORDER BY trial) AS best_valid_error
FROM trials WHERE status = 'ok' ORDER BY model, task, repeat, fold, trial""",
    ),
    Query(
        "Where does a number come from: which fit, rows, configuration and machine?",
        """SELECT b.model, b.task, b.test_error, b.config, f.seed, f.train_rows_hash, f.best_step, b.source_hash,
    e.cpu, e.python, e.git_revision, w.host
FROM best_trials b JOIN fits f USING (job_id, trial, attempt)
    LEFT JOIN environments e ON e.environment_id = b.environment_id
    LEFT JOIN workers w ON w.worker_id = b.worker_id
WHERE b.regime = 'tuned'""",
    ),
    Query(
        "What did the default regression models predict: mean and spread of the stored predictions?",
        """SELECT model, task, fold, part, len(p.rows) AS n_rows, list_avg(p.values) AS mean_prediction,
    list_stddev_samp(p.values) AS spread
FROM best_trials b JOIN predictions p USING (job_id, trial, attempt)
WHERE b.regime = 'default' AND p.n_outputs = 1 ORDER BY model, task, fold, part""",
    ),
)

PREDICTIONS_ELSEWHERE = "CREATE TEMP VIEW predictions AS FROM read_parquet('predictions/*/*.parquet')"
"""What makes query 10 run in a client that is not ours, whose working directory is the store."""

HEAD = f"""# The results folder

This file is written by `scripts/write_results_readme.py` from the schema; do not edit it.

A *store* is a folder like this one. `tabbench run` fills it, and git ignores what it holds.

| what | is |
|---|---|
| `journals/ab/JOB.WORKER.jsonl`, `.arrows` | trials, predictions of jobs under way, safe as soon as each trial ends |
| `shards/ab/JOB-N.arrows.zst` | trials of finished jobs, one row a trial with its fits in a list: an Arrow stream |
| `predictions/ab/JOB-N.parquet` | what they predicted for valid and test |
| `shards/ab/pack.ID.parquet`, `predictions/ab/pack.ID.parquet` | the same, after `tabbench store compact` |
| `metafeatures/ab/ID-N.parquet` | metafeatures of one group on one split |
| `documents/TABLE/ID.json` | rows of the small tables: tasks, datasets, models … |
| `broken/` | files that could not be read, set aside |
| `tabbench.duckdb` | a cache over all that: delete it at any time, the next command builds it again |

Ask it with `tabbench sql "select …"` (`--csv`, `--json`), with `tabbench sql` at a prompt, or open `tabbench.duckdb`
with any DuckDB client from 1.0 on. `predictions` is a table of `tabbench sql` alone; where another client runs in this
folder, one line makes it there:

```sql
{PREDICTIONS_ELSEWHERE};
```

Schema version: {SCHEMA_VERSION}.

Times are UTC. Missing is NULL, never 0. `error` is always lower-is-better. The mark of a column says what two runs of
one job agree in: *identity* (what the row is about) and *outcome* (what came out), not in what was *measured* (times,
memory, where it ran). *Computed* columns exist in views only.

## Ten useful queries
"""


def queries() -> str:
    """The section of queries."""
    return "\n".join(f"\n{n}. {q.question}\n\n```sql\n{q.sql};\n```" for n, q in enumerate(QUERIES, 1))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _line(column: ColumnSpec, kind: str) -> str:
    return f"| {column.name} | {kind} | {column.mark} | {_cell(column.unit)} | {_cell(column.doc)} |"


def row_table(row_type: type) -> str:
    """A Markdown table of the columns of a dataclass."""
    lines = ["| column | type | mark | unit | meaning |", "|---|---|---|---|---|"]
    for c in columns_of(row_type):
        lines.append(_line(c, sql_type(plain_type(c.type))))
    return "\n".join(lines)


def view_table(view: View, described: list[tuple[str, str]]) -> str:
    """A Markdown table of the columns of a view.

    Raises:
        KeyError: If a column is explained nowhere.
    """
    known = {c.name: c for row_type in (FitRow, TrialRow) for c in columns_of(row_type)}
    is_wide = {c.name for c in columns_of(TrialRow)} <= {name for name, _ in described}
    lines = ["| column | type | mark | unit | meaning |", "|---|---|---|---|---|"]
    for name, kind in described:
        if name in view.docs:
            lines.append(f"| {name} | {kind} | computed | | {_cell(view.docs[name])} |")
        elif not is_wide:
            lines.append(_line(known[name], kind))
    return "\n".join(lines) + ("\n\nand every column of `trials`." if is_wide else "")


def readme() -> str:
    """The whole text."""
    import duckdb

    sections = [HEAD + queries(), "## Tables and views"]
    sections.append(f"### trials\n\n{TRIALS.purpose} `all_trials` has all attempts.\n\n{row_table(TrialRow)}")
    sections.append(f"### fits\n\n{FITS.purpose} `all_fits` has all attempts.\n\n{row_table(FitRow)}")
    con = duckdb.connect()
    build_tables(con)
    named = {f"all_{view.name}": view for view in VIEWS if view not in (TRIALS, FITS)}
    over_rows = {table: view for table, view in named.items() if table in TABLES}
    for table, view in over_rows.items():
        purpose = f"{view.purpose} `{table}` has those of other trials, sources and attempts too."
        sections.append(f"### {view.name}\n\n{purpose}\n\n{row_table(TABLES[table])}")
    for view in (v for v in VIEWS if v not in (TRIALS, FITS, *over_rows.values())):
        described = con.execute(f"SELECT column_name, column_type FROM (DESCRIBE {view.name})").fetchall()
        sections.append(f"### {view.name}\n\n{view.purpose}\n\n{view_table(view, described)}")
    con.close()
    small = {name: row_type for name, row_type in DOCUMENT_TABLES.items() if name not in over_rows}
    for name, row_type in [("predictions", PredictionRow), *small.items()]:
        purpose = (row_type.__doc__ or "").splitlines()[0]
        sections.append(f"### {name}\n\n{purpose}\n\n{row_table(row_type)}")
    rows = [f"| {name} | {kind} | {doc} |" for name, (kind, doc) in SCHEMA_VERSION_COLUMNS.items()]
    sections.append("### schema_version\n\n| column | type | meaning |\n|---|---|---|\n" + "\n".join(rows))
    return "\n\n".join(sections) + "\n"


if __name__ == "__main__":
    TARGET.write_text(readme(), encoding="utf-8")
    print(f"Wrote {TARGET}")

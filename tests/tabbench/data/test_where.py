"""Choose tasks by an expression over their cards."""

import re
from pathlib import Path

import pytest

from tabbench.data.catalog import describe_task, known_tasks
from tabbench.data.where import ChoosableFacts, facts_of, tasks_where
from tabbench.documents import TaskRow
from tabbench.errors import DataError, SettingsError, UnknownNameError
from tabbench.runner.compose import compose_settings
from tabbench.runner.describe import task_row
from tabbench.runner.plan import make_plan
from tabbench.schema import columns_of, flatten

DOCS = Path(__file__).parents[3] / "docs" / "data.md"


def names(expression, of="bundled"):
    return [task.name for task in tasks_where(of, expression)]


def test_an_expression_chooses_what_python_chooses():
    tasks = [describe_task(name) for name in known_tasks()]
    expected = [t.name for t in tasks if t.dataset.n_rows < 2500 and any(c.n_missing for c in t.features)]
    assert names("n_rows < 2500 and has_missing") == expected
    assert expected
    expected = [t.name for t in tasks if t.split_rule.kind == "temporal"]
    assert names("is_temporal") == names("split_kind = 'temporal'") == expected


def test_an_empty_expression_takes_all_and_order_is_kept():
    assert names("") == names(" ") == names("true") == known_tasks()
    assert names("true", ["bundled/wine", "bundled/iris"]) == ["bundled/wine", "bundled/iris"]
    assert names("n_classes = 3", "bundled/iris") == ["bundled/iris"]


def test_an_unknown_value_is_no_yes():
    with_id = {name for name in known_tasks() if describe_task(name).dataset.openml_id is not None}
    assert set(names("openml_id > 0")) == with_id != set(known_tasks())
    with pytest.raises(SettingsError, match="holds for none"):
        names("not openml_id > 0")


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("n_rows", "no question with yes or no: it gives BIGINT"),
        ("n_rows < 5", "holds for none of the 16 tasks"),
        ("null", "no question"),
        ("n_rows <", "Cannot read where='n_rows <'"),
        ("true; drop table facts", "Cannot read|one expression"),
        ("true) FROM facts; SELECT (true", "must be one expression"),
        ("true), (true", "gives BOOLEAN, BOOLEAN"),
        ("square_root(n_rows) < 9", "square_root does not exist"),
        ("dataset::int > 3", "Could not convert"),
        ("(SELECT count(*) FROM read_text('/etc/hostname')) > 0", "Permission Error"),
        ("(SELECT count(*) FROM '/etc/hostname') > 0", "Cannot read"),
    ],
)
def test_what_is_no_question_is_refused_and_nothing_is_read(expression, words):
    with pytest.raises(SettingsError, match=words):
        names(expression)


def test_a_comment_hides_nothing():
    assert names("n_classes = 3 -- three") == names("n_classes = 3")


def test_an_unknown_fact_gets_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean n_rows") as caught:
        names("n_row < 5000")
    assert caught.value.known == sorted(column.name for column in columns_of(ChoosableFacts))


def test_facts_that_the_database_has_as_well_are_the_same():
    shared = {c.name for c in columns_of(TaskRow)} & {c.name for c in columns_of(ChoosableFacts)}
    assert {"n_rows", "n_columns", "n_classes", "task_type", "missing_share"} <= shared
    for name in known_tasks():
        task = describe_task(name)
        assert {k: flatten(facts_of(task))[k] for k in shared} == {k: flatten(task_row(task))[k] for k in shared}


def test_the_docs_list_every_fact_with_its_meaning():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    for column in columns_of(ChoosableFacts):
        assert rows.get(column.name) == column.doc


def test_tasks_that_have_to_be_fetched_first_are_counted():
    with pytest.raises(DataError, match=r"35 of 35 tasks are not here: openml/361234, .*, …\. .* suite=ctr23$"):
        tasks_where("ctr23", "n_rows < 5000")
    with pytest.raises(DataError, match=r"1 of 2 tasks are not here: openml/3\. Fetch .* 'tasks=\[openml/3\]'$"):
        tasks_where(["bundled/iris", "openml/3~rows=50"])
    with pytest.raises(DataError, match=r"suite=cc18$"):
        make_plan(compose_settings(["suite=cc18", "models=[constant]"]), {})

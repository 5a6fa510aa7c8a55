"""A file of the reader's own: what is read, what is refused and said, and where its model then stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts_in_node import Call, call_all

SCRIPT = str(Path(__file__).with_name("scripts") / "own_in_node.mjs")
SITE = {
    "tasks": [{"name": "a", "family": "a"}, {"name": "b", "family": "b"}],
    "splits": {"task": [0, 0, 1, 1], "repeat": [0, 0, 0, 1], "fold": [0, 1, 0, 0]},
    "models": [{"name": "knn"}, {"name": "ridge"}],
    "metrics": [],
    "views": [],
    "task_columns": ["fit_seconds"],
}
WHERE = {"metric": "primary", "regime": ""}
GOOD = "task,split,error\na,0,0.5\na,1,0.25\nb,0,1\nb,1,\n"


def read(*texts, name="mine.csv", where=WHERE):
    """What is made of each text."""
    calls = [Call(SCRIPT, "read", (text, name, SITE, where)) for text in texts]
    return call_all(calls)


def test_a_file_of_task_split_and_error_is_read():
    [found] = read(GOOD)
    assert found["problems"] == []
    assert found["added"] == [
        {"name": "mine", "metric": "primary", "regime": "", "errors": [[0, 0.5], [1, 0.25], [2, 1], [3, None]]}
    ]
    assert found["notes"] == [
        "mine has an error on 3 of 4 splits; what is missing is filled in or left out by the rule of the leaderboard."
    ]


def test_every_way_to_write_the_same_file_gives_the_same():
    ways = (
        "\ufefftask;split;error\r\na;0;0.5\r\na;1;.25\r\nb;0;1e0\r\nb;1;NA\r\n",
        "TASK\tRepeat\tFold\tTest_Error\na\t0\t0\t0.5\na\t0\t1\t0.25\nb\t0\t0\t1.0\nb\t1\t0\t\n",
        'error,"task",split\n"0.5","a",0\n0.25,a,1\n\n1,a b,9\n1,b,0\n,b,1\n',
    )
    first, *others = (found["added"] for found in read(GOOD, *ways))
    assert all(other == first for other in others)


def test_several_models_and_names_that_are_taken_or_mean_harm():
    text = "task,split,error,model\na,0,1,knn\na,0,2,<img onerror=alert(1)>\na,0,3,=1+1\na,0,4,x\u202ey\n"
    [found] = read(text)
    assert [model["name"] for model in found["added"]] == ["knn (yours)", "<img onerror=alert(1)>", "=1+1", "xy"]


def test_rows_of_another_regime_are_left_out():
    text = "task,split,error,regime\na,0,1,default\na,0,2,tuned\n"
    [found] = read(text, where={"metric": "primary", "regime": "tuned"})
    assert found["added"][0]["errors"] == [[0, 2]]


BAD = [
    ("", "empty"),
    ("task,split,error\n", "no rows"),
    ("PK\x03\x04", "zip file or a spreadsheet"),
    ("PAR1", "Parquet"),
    ("a\0b", "no text file"),
    ("task,split\na,0\n", "error is missing"),
    ("dataset,error\na,0\n", "split (or repeat and fold) is missing"),
    ("x,y,z\n1,2,3\n", "task, split (or repeat and fold), error is missing. It says: x, y, z."),
    (
        "task,split,error\nc,0,1\n",
        "No line is of a task that is published here. Those are: a, b; the file has “c”.",
    ),
    ("task,split,error\na,7,1\n", "Line 2: a has no split “7”; here it has 2: split 0 to 1"),
    ("task,split,error\na,-1,1\n", "has no split “-1”"),
    ("task,split,error\na,0,1\na,0,2\n", "Line 3: a, split “0” stands twice."),
    ("task,split,error\na,0,abc\n", "Line 2: “abc” is no number"),
    ('task;split;error\na;0;"0,5"\n', "Write it with a point"),
    ("task,split,error\na,0,0x10\n", "no number"),
    ("task,split,error\na,0,1e999\n", "no number"),
    ("task,split,error\na,0,-0.5\n", "negative. An error is lower-is-better"),
]


@pytest.fixture(scope="module")
def refusals():
    """What is said to each bad file, asked of node at once."""
    return read(*(text for text, _ in BAD))


@pytest.mark.parametrize("number", range(len(BAD)), ids=[told for _, told in BAD])
def test_a_bad_file_is_refused_with_the_line_and_the_mend(number, refusals):
    assert refusals[number]["added"] == []
    assert BAD[number][1] in " ".join(refusals[number]["problems"])


def test_a_file_with_a_thousand_faults_tells_the_first():
    [found] = read("task,split,error\n" + "a,0,x\n" * 1000)
    assert len(found["problems"]) == 9
    assert found["problems"][-1].startswith("… and 19")


def test_an_added_model_stands_in_its_place_and_published_numbers_stay_theirs():
    added = [
        {"name": "linear", "metric": "primary", "regime": "tuned", "errors": [[0, 0.5], [3, None]]},
        {"name": "zeta", "metric": "accuracy", "regime": "", "errors": [[0, 9.0]]},
    ]
    facts = {"regime": "tuned", "metric": "primary", "file": "x", "times": "", "notices": []}
    arguments = (SITE, added, facts, [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4])
    [found] = call_all([Call(SCRIPT, "widen", arguments)])
    assert found["names"] == ["knn", "linear", "ridge", "zeta"]
    nan, inf = None, None  # JSON has neither
    assert found["errors"] == [1, 0.5, 2, nan, 3, nan, 4, nan, 5, nan, 6, nan, 7, inf, 8, nan]
    assert found["is_failed"] is True
    assert found["fit_seconds"] == [1, nan, 2, nan, 3, nan, 4, nan]
    assert found["page"] == ""
    assert found["published"] == 2

"""What the console makes of an answer, asked of its scripts in node."""

from __future__ import annotations

from scripts_in_node import Call, call_all


def test_values_of_every_kind_become_numbers_or_text():
    names = ["a", "b", "c"]
    columns = [[1, 2.5, None], ["x", "<img onerror=1>", None], [[1, 2], {"k": 1}, True]]
    table, first, none = call_all(
        [
            Call(
                "ask/answer.js",
                "tableOf",
                (names, columns),
            ),
            Call("ask/answer.js", "firstChart", ({"columns": ["m", "n"], "rows": [["a", 1], ["b", 2]]},)),
            Call("ask/answer.js", "firstChart", ({"columns": ["m"], "rows": [["a"]]},)),
        ]
    )
    assert table == {
        "columns": names,
        "rows": [[1, "x", "[1,2]"], [2.5, "<img onerror=1>", '{"k":1}'], [None, None, "true"]],
    }
    assert first == {"kind": "bars", "x": 1, "y": 0}
    assert none["kind"] == "none"


def test_two_numbers_are_dots_and_a_column_without_values_is_no_number():
    rows = [[float(i), float(i * i), None] for i in range(100)]
    table = {"columns": ["x", "y", "z"], "rows": rows}
    chart, numeric, empty = call_all(
        [
            Call("ask/answer.js", "firstChart", (table,)),
            Call("ask/answer.js", "numeric", (table,)),
            Call("ask/answer.js", "tableOf", ([], [])),
        ]
    )
    assert chart == {"kind": "dots", "x": 0, "y": 1}
    assert numeric == [True, True, False]
    assert empty == {"columns": [], "rows": []}

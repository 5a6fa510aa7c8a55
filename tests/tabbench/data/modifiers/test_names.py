"""Modifiers in a task's name: one way to write each, and every fault named."""

import pytest

from tabbench.data.catalog import describe_task, load_task
from tabbench.data.modifiers.names import split_name
from tabbench.errors import TabbenchError


@pytest.mark.parametrize(
    ("name", "base", "texts"),
    [
        ("bundled/diamonds", "bundled/diamonds", []),
        ("openml/d/31~rows=1e3", "openml/d/31", ["rows=1000"]),
        ("bundled/x~missing=.20@0~rotate@3", "bundled/x", ["missing=0.2", "rotate@3"]),
        ("bundled/x~noise_columns=2.0x~monotone@03", "bundled/x", ["noise_columns=2x", "monotone@3"]),
        ("bundled/x~noise_columns=10", "bundled/x", ["noise_columns=10"]),
        ("file:~/my.csv::y", "file:~/my.csv::y", []),
        ("file:~/my.csv::y~rotate", "file:~/my.csv::y", ["rotate"]),
        ("file:a~b=c/my.csv~::y~label_noise=1e-2@7~rotate", "file:a~b=c/my.csv~::y", ["label_noise=0.01@7", "rotate"]),
        ("folder:~me/npy", "folder:~me/npy", []),
    ],
)
def test_names_have_one_canonical_form(name, base, texts):
    found = split_name(name)
    assert found.base == base
    assert [modifier.text for modifier in found.modifiers] == texts
    again = split_name(base + "".join(f"~{text}" for text in texts))
    assert again == found


def test_two_ways_to_write_are_one_task():
    one, other = describe_task("bundled/iris~missing=.2"), describe_task("bundled/iris~missing=0.20@0")
    assert one == other
    assert one.name == "bundled/iris~missing=0.2"


@pytest.mark.parametrize("name", ["bundled/iris~rotate", "bundled/credit~missing=.1~rows=100~label_noise=.1"])
def test_a_task_is_described_as_it_is_loaded(name):
    assert describe_task(name) == load_task(name).task


def test_modifiers_and_seeds_are_part_of_the_hash():
    names = ["", "~rotate", "~rotate@1", "~monotone", "~rotate~monotone", "~monotone~rotate", "~label_noise=.1"]
    assert len({describe_task(f"bundled/iris{name}").task_hash for name in names}) == len(names)


@pytest.mark.parametrize(
    ("modifiers", "words"),
    [
        ("~rotat", "Unknown modifier 'rotat'.*Did you mean rotate"),
        ("~", "Unknown modifier ''"),
        ("~rotate:seed=3", "Unknown modifier 'rotate:seed'.*Did you mean rotate.*~NAME@SEED"),
        ("~rows", "takes a whole number of rows, as in 1000, got ~rows"),
        ("~rows=", "got ~rows="),
        ("~rows=1000000", "150 rows, of which ~rows=1000000 would leave out none"),
        ("~rows=2", "leave out a class"),
        ("~rows=1", "takes a whole number of rows"),
        ("~rows=12.5", "takes a whole number of rows"),
        ("~rows=-5", "takes a whole number of rows"),
        ("~rows=nan", "takes a whole number of rows"),
        ("~rows=1e300", "takes a whole number of rows"),
        ("~missing=1", "takes a share between 0 and 1"),
        ("~missing=0", "takes a share between 0 and 1"),
        ("~missing=20%", "takes a share between 0 and 1"),
        ("~missing=2x", "takes a share between 0 and 1"),
        ("~noise_columns=0", "takes a number of columns"),
        ("~noise_columns=x", "takes a number of columns"),
        ("~noise_columns=1e9", "takes a number of columns"),
        ("~rotate=3", "takes nothing, got ~rotate=3"),
        ("~rotate@", "seed of ~rotate must be a whole number"),
        ("~rotate@-1", "seed of ~rotate must be a whole number"),
        ("~gaussianise@1", "holds no chance"),
        ("~rotate~rotate@1", "~rotate stands 2 times"),
        ("~rotate~missing=.1", "fitted on each split: bundled/iris~missing=0.1~rotate"),
    ],
)
def test_faults_are_named(modifiers, words):
    with pytest.raises(TabbenchError, match=words):
        describe_task(f"bundled/iris{modifiers}")


def test_an_unknown_task_with_a_modifier_is_named():
    with pytest.raises(TabbenchError, match=r"Unknown task 'bundled/irs'.*Did you mean bundled/iris"):
        load_task("bundled/irs~rows=100")


def test_a_task_without_numbers_cannot_be_rotated(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("c,y\n" + "a,1.5\nb,2.5\n" * 9)
    for modifier in ("rotate", "monotone", "gaussianise", "noise_columns=2x"):
        with pytest.raises(TabbenchError, match=f"0 numeric features, ~{modifier.split('=')[0]} needs"):
            describe_task(f"file:{file}::y~{modifier}")

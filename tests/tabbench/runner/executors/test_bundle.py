"""Bundles hold every job once, however they are merged, and are read as they were written."""

from __future__ import annotations

from itertools import chain, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabbench.errors import StoreError
from tabbench.runner.executors.bundle import Bundle, merged, read_bundle, write_bundle


@given(st.lists(st.integers(1, 5), max_size=40), st.integers(1, 12))
def test_bundles_are_merged_without_loss(sizes, n_most):
    numbers = iter(range(200))
    bundles = [Bundle(tuple(islice(numbers, size)), float(size)) for size in sizes]
    fewer = merged(bundles, n_most)
    assert len(fewer) == min(len(bundles), n_most)
    assert sorted(chain.from_iterable(bundle.jobs for bundle in fewer)) == list(range(sum(sizes)))
    assert sum(bundle.seconds for bundle in fewer) == sum(sizes)


def test_bundle_comes_back_as_it_was_written(tmp_path):
    bundle = Bundle(("a", "b"), seconds=3.0)
    write_bundle(tmp_path / "bundles" / "0.pickle", bundle)
    assert read_bundle(tmp_path / "bundles" / "0.pickle") == bundle


@pytest.mark.parametrize("content", [None, b"", b"torn", b"\x80\x04\x95"])
def test_bundle_that_cannot_be_read_says_what_to_do(content, tmp_path):
    path = tmp_path / "0.pickle"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match="Start the same run again"):
        read_bundle(path)

"""Bundles hold every job once, however they are dealt and merged, and are read as they were written."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabbench.errors import StoreError
from tabbench.runner.executors.bundle import Bundle, dealt, merged, read_bundle, write_bundle


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 12))
def test_jobs_are_dealt_and_merged_without_loss(n_jobs, slots, n_most):
    bundles = merged(dealt(range(n_jobs), slots), n_most)
    assert len(bundles) <= n_most
    assert all(bundle.jobs for bundle in bundles)
    assert sorted(chain.from_iterable(bundle.jobs for bundle in bundles)) == list(range(n_jobs))


def test_first_jobs_go_to_different_bundles():
    firsts = [bundle.jobs[0] for bundle in dealt(range(100), 2)]
    assert firsts == list(range(8))


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

"""A node answers what a launch asks of it, or says in words what is amiss."""

from __future__ import annotations

import pytest

from tabbench import __version__
from tabbench.runner.executors.node_check import Probe

pytest.importorskip("submitit")


def test_lock_that_is_seen_is_good_and_one_that_is_not_is_told(tmp_path):
    probe = Probe(tmp_path)
    with probe.held():
        probe.tell()
        assert probe.answer() == Probe.GOOD
        (tmp_path / "launches" / "probe").unlink()
        (tmp_path / "launches" / "probe").write_text(__version__)  # another file: no lock on it
        probe.tell()
        assert "a lock on a file of the store that is held here is not seen there" in probe.answer()


def test_store_that_is_not_on_the_node_is_named(tmp_path):
    with pytest.raises(SystemExit, match=f"the store {tmp_path} of the login node is not on the node"):
        Probe(tmp_path).tell()

"""The memory of a process and its descendants is added up, and none of it twice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tabbench.runner.process_tree import MemoryWatch, end_tree

HELD = 200
"""MiB that the root holds before it forks."""
FORKS = """
import os, time
import numpy as np
held = np.ones({held} * 2**17)
for _ in range(6):
    if os.fork() == 0:
        own = np.ones({own} * 2**17)
        break
os.write(1, b".")
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux's kernel for shared pages")
@pytest.mark.parametrize(("own", "least", "most"), [(0, HELD, HELD + 100), (20, HELD + 120, HELD + 220)])
def test_what_forks_share_counts_once_and_what_they_add_counts_for_each(own, least, most):
    script = FORKS.format(held=HELD, own=own)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as root:
        assert root.stdout is not None
        try:
            assert root.stdout.read(7) == b"." * 7
            assert not MemoryWatch(root.pid, most).is_over()
            assert MemoryWatch(root.pid, least).is_over()
        finally:
            end_tree(root.pid)

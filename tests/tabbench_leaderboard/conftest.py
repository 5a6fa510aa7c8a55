"""Make the site made by hand importable in the tests beside it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("made_up_site", Path(__file__).with_name("made_up_site.py"))
assert _spec is not None
assert _spec.loader is not None
sys.modules["made_up_site"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sys.modules["made_up_site"])

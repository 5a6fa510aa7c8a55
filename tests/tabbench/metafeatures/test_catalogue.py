"""Every metafeature is explained, under a name of its own."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tabbench.errors import UnknownNameError
from tabbench.metafeatures.catalogue import GROUPS, groups_named

pytest.importorskip("pymfe")
ROOT = Path(__file__).parents[3]


def test_the_page_lists_every_metafeature_with_what_its_docstring_says():
    script = ROOT / "scripts" / "write_metafeatures_docs.py"
    spec = importlib.util.spec_from_file_location("write_metafeatures_docs", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "metafeatures.md").read_text(encoding="utf-8")
    assert page == module.page(), "run scripts/write_metafeatures_docs.py"
    for group in GROUPS.values():
        for step in group.steps():
            name = f"`relative.{step}" if step == "relative" else f"`{group.name}.{step}`"
            assert name in page or step == "relative"


def test_names_are_told_apart_and_begin_with_their_group():
    names = [name for group in GROUPS.values() for step in group.steps() for name in group.features(step)]
    assert len(set(names)) == len(names) > 1_500
    for group in GROUPS.values():
        for step in group.steps():
            assert all(name.startswith((f"{group.name}.", "relative.")) for name in group.features(step))


def test_groups_are_chosen_by_name_in_one_order():
    assert [g.name for g in groups_named(["drift", "general"])] == ["general", "drift"]
    assert [g.name for g in groups_named([])] == list(GROUPS)
    assert [g.name for g in groups_named(["relative"])] == ["landmarking"]
    with pytest.raises(UnknownNameError, match="Did you mean drift"):
        groups_named(["drft"])


def test_only_drift_looks_at_test_inputs():
    assert [name for name, group in GROUPS.items() if group.reads_test] == ["drift"]

"""The cards of published suites are what the script writes from the published metadata."""

import os
from pathlib import Path

import pytest
import yaml
from write_suite_cards import card_text, suite_cards, table_of

ROOT = Path(__file__).parents[2]
METADATA = Path(os.environ.get("TABBENCH_SHARED", ROOT.parent / "shared" / "data")) / "results" / "suites"


@pytest.mark.skipif(not (METADATA / "SUITES.json").exists(), reason=f"no metadata of suites at {METADATA}")
def test_the_cards_are_those_of_the_published_ids():
    for name, card in suite_cards(METADATA).items():
        assert (ROOT / "datasets" / "suites" / f"{name}.yaml").read_text(encoding="utf-8") == card_text(card)


def test_names_of_one_table_meet_whatever_their_spelling():
    groups = yaml.safe_load((ROOT / "scripts" / "suite_notes.yaml").read_text(encoding="utf-8"))["tables"]
    assert table_of("houses", groups) == table_of("california", groups) == table_of("California-Housing", groups)
    assert table_of("Higgs", groups) == table_of("higgs", groups) != table_of("heloc", groups)


def test_no_name_stands_in_two_groups():
    groups = yaml.safe_load((ROOT / "scripts" / "suite_notes.yaml").read_text(encoding="utf-8"))["tables"]
    names = [name for group in groups for name in group]
    assert len(set(names)) == len(names)

import re
from pathlib import Path

import pytest

from tabbench.testing import CASES

PAGE = Path(__file__).parents[3] / "docs" / "models.md"


@pytest.fixture
def page() -> str:
    if not PAGE.exists():
        pytest.skip("no docs beside the tests")
    return PAGE.read_text()


def test_the_page_lists_every_case(page: str) -> None:
    listed = dict(re.findall(r"^- `(\w+)`: (.+)$", page, re.MULTILINE))
    assert {name: listed.get(name) for name in CASES} == {name: case.requires for name, case in CASES.items()}


def test_the_pages_examples_run(page: str) -> None:
    names: dict[str, object] = {"__name__": "tests_of_the_page"}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 3
    exec(blocks[0], names)
    quick = blocks[2].replace("check_model(MODEL)", "check_model(MODEL, only='predicts_every_task_type')")
    exec(quick, names)

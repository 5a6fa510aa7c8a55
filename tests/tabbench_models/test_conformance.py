"""Every installed model keeps the contract; the suite is the one plugin authors run."""

import pytest

from tabbench.discovery import find_models, load_model, missing_library
from tabbench.testing import CASES, Outcome, run_case

MODELS = find_models()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", MODELS)
def test_model_conforms(name: str, case: str) -> None:
    model = load_model(MODELS[name])
    library = missing_library(model.card)
    if library is not None:
        pytest.skip(f"{library} is not installed")
    report = run_case(model, CASES[case])
    assert report.outcome is not Outcome.FAILED, str(report)

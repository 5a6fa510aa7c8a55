"""Every installed model keeps the contract; the suite is the one plugin authors run."""

import pytest

from tabbench.discovery import find_models, load_model, why_unavailable
from tabbench.model import Family
from tabbench.testing import CASES, Outcome, run_case

MODELS = find_models()


def named(name: str) -> object:
    """A model by its name; networks, which take 10 to 40 s each, are slow but for the first of them."""
    is_slow = load_model(MODELS[name]).card.family is Family.NETWORK and name != "mlp"
    return pytest.param(name, marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [named(name) for name in MODELS])
def test_model_conforms(name: str, case: str) -> None:
    model = load_model(MODELS[name])
    if reasons := [why for kind in model.card.task_types if (why := why_unavailable(model, kind))]:
        pytest.skip(reasons[0])
    report = run_case(model, CASES[case])
    assert report.outcome is not Outcome.FAILED, str(report)

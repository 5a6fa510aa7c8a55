"""What may be chosen from: models that were scored."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tabbench.analysis.material import Material
from tabbench.analysis.model_candidates import model_candidates
from tabbench.errors import DataError


def material(errors: tuple[float, float]) -> Material:
    """Two models on two tasks, each with one error everywhere."""
    rows = [
        (model, task, 0, 0, "tuned", error, error)
        for model, error in zip("ab", errors, strict=True)
        for task in ("t1", "t2")
    ]
    names = ["model", "task", "repeat", "fold", "regime", "valid_error", "error"]
    return Material(pd.DataFrame(), pd.DataFrame(rows, columns=names), {}, {})


def test_the_losses_are_those_of_the_models() -> None:
    regime, names, models = model_candidates(material((0.1, 0.2)), {"t1", "t2"})
    assert (regime, names) == ("tuned", ("a", "b"))
    assert models.task_loss == pytest.approx(np.array([[0.0, 0.5]] * 2))


def test_a_model_that_failed_everywhere_is_no_choice() -> None:
    for errors in ((0.1, np.nan), (np.nan, np.nan)):
        with pytest.raises(DataError, match="fewer than two models have a score"):
            model_candidates(material(errors), {"t1", "t2"})
    with pytest.raises(DataError, match="fewer than two models have a score"):
        model_candidates(material((0.1, 0.2)), set())

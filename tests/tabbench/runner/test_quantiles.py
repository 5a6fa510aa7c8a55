"""Models that predict quantiles: what they say is kept beside the prediction, and scored by pinball loss and CRPS."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss
from stored_rows import all_trials

from tabbench.cli.main import main
from tabbench.data import catalog
from tabbench.errors import SettingsError
from tabbench.metrics.quantiles import LEVELS
from tabbench.results import Status
from tabbench.store.database import open_database
from tabbench.store.layout import Store

pytestmark = pytest.mark.usefixtures("in_process")

UNIFORM = """
def predict_quantiles(self, X, q):
    return self.predict(X)[:, None] + {width} * (q - .5)
"""
NUMBERS = ("tasks=[bundled/diabetes]", "protocol.n_trials=2")


def test_quantiles_are_kept_as_parts_of_their_own_and_scored(tmp_path, write_plugin, run):
    model = write_plugin("uniform", fit="self.shift += train.y.mean()", more=UNIFORM.format(width=150))
    run(f"models=[{model}]", *NUMBERS)
    y = catalog.load_task("bundled/diabetes").y
    for done in all_trials(tmp_path / "store"):
        assert [(p.part, p.n_outputs) for p in done.predictions] == [
            ("valid", 1), ("valid_quantiles", 19), ("test", 1), ("test_quantiles", 19)
        ]  # fmt: skip
        for point, kept, scores in zip(
            done.predictions[::2], done.predictions[1::2], (done.trial.valid, done.trial.test), strict=True
        ):
            assert kept.rows.tolist() == point.rows.tolist()
            np.testing.assert_allclose(kept.values, point.values[:, None] + 150 * (LEVELS - 0.5), rtol=1e-6)
            expected = [
                mean_pinball_loss(y[kept.rows], kept.values[:, i], alpha=level) for i, level in enumerate(LEVELS)
            ]
            assert scores.pinball == pytest.approx(np.mean(expected))
            assert scores.crps < scores.mae  # it tells something of the spread


@pytest.mark.slow
def test_certain_quantiles_cost_the_absolute_error_also_in_a_bag_with_a_refit(tmp_path, write_plugin, run):
    """Where all quantiles equal the prediction, CRPS is the mean absolute error, and pinball loss half of it."""
    model = write_plugin("certain", fit="self.shift += train.y.mean()", more=UNIFORM.format(width=0))
    for n_fits, settings in ((3, ()), (4, ("protocol.refit=true",))):
        store = tmp_path / f"store{n_fits}"
        run(f"models=[{model}]", f"store={store}", "protocol.valid=cv", "protocol.n_inner_folds=3", *NUMBERS, *settings)
        for done in all_trials(store):
            assert done.trial.n_fits == n_fits
            for scores in (done.trial.valid, done.trial.test):
                assert scores.crps == pytest.approx(scores.mae, rel=1e-6)
                assert scores.pinball == pytest.approx(scores.mae / 2, rel=1e-6)


def test_test_quantiles_of_a_bag_are_the_mean_of_its_members_level_by_level(tmp_path, write_plugin, run):
    members = "\ndef predict_quantiles(self, X, q):\n    return np.tile(self.seed % 997 * q, (len(X), 1))\n"
    model = write_plugin("seeded", fit="self.seed = context.seed", more=members)
    run(f"models=[{model}]", "protocol.valid=cv", "protocol.n_inner_folds=3", *NUMBERS)
    for done in all_trials(tmp_path / "store"):
        seeds = [fit.seed % 997 for fit in done.fits]
        kept = {p.part: p.values for p in done.predictions}
        np.testing.assert_allclose(kept["test_quantiles"][0], np.mean(seeds) * LEVELS, rtol=1e-5)
        assert set(np.round(kept["valid_quantiles"][:, -1] / LEVELS[-1])) == set(seeds)


def test_quantiles_of_another_shape_are_an_error_that_says_so(tmp_path, write_plugin, run):
    model = write_plugin("narrow", more="\ndef predict_quantiles(self, X, q):\n    return np.zeros((len(X), 3))\n")
    run(f"models=[{model}]", *NUMBERS)
    for done in all_trials(tmp_path / "store"):
        assert done.trial.status is Status.ERROR
        assert "prediction for valid: `predict_quantiles` returned shape (" in done.trial.reason


def test_classes_are_not_asked_for_quantiles(tmp_path, write_plugin, run):
    model = write_plugin("raises", more="def predict_quantiles(self, X, q):\n    raise ValueError")
    run(f"models=[{model}]")
    assert {done.trial.status for done in all_trials(tmp_path / "store")} == {Status.OK}


def test_score_adds_pinball_loss_from_kept_quantiles_and_says_who_has_none(tmp_path, write_plugin, run, capsys):
    model = write_plugin("uniform", fit="self.shift += train.y.mean()", more=UNIFORM.format(width=150))
    run(f"models=[{model},constant]", *NUMBERS)
    store = str(tmp_path / "store")
    assert main(["score", "crps", "--store", store]) == 1
    assert "No scores of 1 job: its model predicts no quantiles" in capsys.readouterr().err
    with open_database(Store(tmp_path / "store")) as connection:
        held = connection.execute("SELECT model, count(test_crps) FROM trials GROUP BY ALL ORDER BY 1").fetchall()
    assert held == [("constant", 0), ("uniform", 2)]


def test_what_needs_quantiles_neither_stops_nor_chooses(run):
    with pytest.raises(SettingsError, match=r"bundled/diabetes: Metric 'crps' needs predicted quantiles"):
        run("models=[constant]", "protocol.metric=crps", *NUMBERS)

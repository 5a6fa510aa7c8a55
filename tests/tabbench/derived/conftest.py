"""One real run whose store the tests of derived rows read: an honest plugin and a planted overtuner."""

from pathlib import Path

import pytest

from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.store.layout import Store

PLUGIN = '''
import numpy as np
from tabbench.model import *
from tabbench.model import ModelCard, Family, Reads

class {name}:
    """Predicts class shares, leaning towards class 1 by `shift`{what}."""

    card = ModelCard(name="{name}", title="A plugin of the tests", family=Family.OTHER,
                     task_types=frozenset({{BINARY, MULTICLASS}}), reads=Reads())
    default = {{"shift": 0.0, "useless": 0.0}}

    @staticmethod
    def space(trial, task):
        return {{"shift": trial.suggest_float("shift", -2, 2), "useless": trial.suggest_float("useless", 0, 1)}}

    def fit(self, train, valid, params, context):
        self.k, self.shift, self.useless = context.task.n_classes, params["shift"], params["useless"]
        self.shares = np.bincount(train.y, minlength=self.k) + 1.0
        self.valid = (valid.X, valid.y)

    def predict(self, X):
        p = np.tile(self.shares * np.exp(self.shift * (np.arange(self.k) == 1)), (len(X), 1))
        p /= p.sum(axis=1, keepdims=True)
        if {peeks} and X.equals(self.valid[0]):
            p += 5 * self.useless * np.eye(self.k)[self.valid[1]]
        return p / p.sum(axis=1, keepdims=True)

MODEL = {name}
'''


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """`honest` and `peeking`: the same but that the second looks at the valid labels as far as `useless` says."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, peeks in (("honest", False), ("peeking", True)):
        text = PLUGIN.format(name=name, peeks=peeks, what=", and looks at valid" if peeks else "")
        (folder / f"{name}.py").write_text(text)
    return [folder / "honest.py", folder / "peeking.py"]


@pytest.fixture(scope="session")
def real_store(tmp_path_factory: pytest.TempPathFactory, plugins: list[Path]) -> Store:
    """Twelve trials of both on two folds of a real table, by the real runner; never change it."""
    root = tmp_path_factory.mktemp("run") / "store"
    models = f"models=[constant,{','.join(map(str, plugins))}]"
    settings = compose_settings(
        ["tasks=[bundled/penguins]", "folds=[0,1]", models, "protocol.n_trials=12", f"store={root}"]
    )
    summary = launch(settings, plan_run(settings))
    assert set(summary.statuses) == {"ok"}, summary
    return Store(root)

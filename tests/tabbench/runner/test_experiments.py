"""Studies by name: which models, tasks, splits and spaces they are, counted without their tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from stored_rows import all_trials

from tabbench.cli.rank import main as rank
from tabbench.cli.run import main
from tabbench.discovery import find_models, load_model
from tabbench.errors import SettingsError, UnknownNameError
from tabbench.runner.compose import compose_settings
from tabbench.runner.launch import launch, plan_run
from tabbench.runner.named_spaces import check_entry, read_space
from tabbench.runner.outline import outline_run
from tabbench.runner.protocol_settings import make_protocol

if TYPE_CHECKING:
    from pathlib import Path

INSTALLED = find_models()


@pytest.mark.parametrize(("experiment", "n_tasks"), [("tabzilla", 176), ("tabzilla_hard", 36)])
def test_study_is_counted_before_its_tables_are_fetched(
    experiment: str, n_tasks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TABBENCH_CACHE", str(tmp_path / "cache"))
    outline = outline_run(compose_settings([f"experiment={experiment}", "models=[knn,linear,xgboost]"]))
    assert outline is not None
    assert (outline.n_tasks, outline.n_absent, outline.n_models, outline.n_splits) == (n_tasks, n_tasks, 3, 10)
    assert outline.n_trials == 30 + 1 + 30, "TabZilla's linear model has nothing to draw"
    assert main([f"experiment={experiment}", "models=[knn]", "dry_run=true"]) == 0
    assert f"{n_tasks} tasks × 1 model × 10 splits = {10 * n_tasks:,} jobs" in capsys.readouterr().out


def test_study_names_the_models_that_the_paper_ranked() -> None:
    settings = compose_settings(["experiment=tabzilla_hard"])
    assert len(settings.models) == 19
    assert (settings.suite, settings.protocol.name, settings.sampler.space) == ("tabzilla_hard", "tabzilla", "tabzilla")
    assert set(settings.models) <= set(read_space("tabzilla"))


@pytest.mark.parametrize("name", sorted(set(read_space("tabzilla")) & set(INSTALLED)))
def test_every_entry_of_tabzillas_space_fits_its_model(name: str) -> None:
    check_entry("tabzilla", load_model(INSTALLED[name]))


def test_space_that_is_missing_or_has_no_entry_is_told() -> None:
    with pytest.raises(UnknownNameError, match="tabzilla"):
        check_entry("tabzila", load_model(INSTALLED["knn"]))
    with pytest.raises(SettingsError, match=r"no space for constant; it has one for .*knn"):
        plan_run(compose_settings(["sampler.space=tabzilla", "models=[constant]", "tasks=[bundled/wine]"]))


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_trials_of_a_named_space_are_its_default_and_its_draws(tmp_path: Path) -> None:
    settings = compose_settings(
        ["experiment=tabzilla", "models=[knn]", "tasks=[bundled/wine]", "folds=[0]", "protocol.n_trials=3",
         f"store={tmp_path}"]
    )  # fmt: skip
    launch(settings, plan_run(settings))
    configs = [json.loads(done.trial.config) for done in all_trials(tmp_path)]
    assert configs[0] == {"n_neighbors": 9, "weights": "uniform", "p": 2.0}
    assert all(config["n_neighbors"] % 2 and config["weights"] == "uniform" for config in configs)
    assert not plan_run(settings).jobs, "the same settings find their rows again"
    own = compose_settings(
        ["protocol=tabzilla", "models=[knn]", "tasks=[bundled/wine]", "folds=[0]", "protocol.n_trials=3",
         f"store={tmp_path}"]
    )  # fmt: skip
    assert len(plan_run(own).jobs) == 1, "another space is other work"


def test_quick_protocol_cuts_the_slow_spaces_and_leaves_the_others(tmp_path: Path) -> None:
    asked = ["models=[knn,xgboost]", "tasks=[bundled/wine]", f"store={tmp_path}"]
    [space] = {job.protocol.sampler.space for job in plan_run(compose_settings(asked)).jobs}
    assert '"learning_rate":{"float":[0.02,0.1],"log":true}' in space
    assert "knn" not in json.loads(space)
    published = plan_run(compose_settings([*asked, "sampler.space=''"]))
    assert not any(job.protocol.sampler.space for job in published.jobs)


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_models_with_and_without_an_entry_are_ranked_together(tmp_path: Path) -> None:
    asked = ["models=[constant,linear,hist_gradient_boosting]", "tasks=[bundled/wine]", f"store={tmp_path}"]
    settings = compose_settings([*asked, "folds=[0]", "protocol.n_trials=2"])
    launch(settings, plan_run(settings))
    assert len({done.trial.protocol_id for done in all_trials(tmp_path)}) == 1
    assert rank(["--store", str(tmp_path)]) == 0


@pytest.mark.slow
@pytest.mark.usefixtures("in_process")
def test_models_with_lists_of_their_own_are_ranked_together(tmp_path: Path) -> None:
    (tmp_path / "lists.yaml").write_text("decision_tree: [{max_depth: 3}, {max_depth: 9}]\nknn: [{n_neighbors: 3}]\n")
    asked = ["models=[constant,decision_tree,knn]", "tasks=[bundled/wine]", f"store={tmp_path / 'store'}", "folds=[0]"]
    fixed = ["sampler=fixed", f"sampler.configs={tmp_path / 'lists.yaml'}", "protocol.n_trials=9"]
    settings = compose_settings([*asked, *fixed])
    launch(settings, plan_run(settings))
    trials = [done.trial for done in all_trials(tmp_path / "store")]
    assert len({trial.protocol_id for trial in trials}) == 1
    numbers = {
        model: sorted(t.trial for t in trials if t.model == model) for model in ("constant", "decision_tree", "knn")
    }
    assert numbers == {"constant": [0], "decision_tree": [0, 1, 2], "knn": [0, 1]}
    assert rank(["--store", str(tmp_path / "store")]) == 0


def test_a_sampler_without_lists_is_called_as_before() -> None:
    """Rows that exist keep their protocol: what is not used leaves no trace in its hash."""
    sampler = make_protocol(compose_settings(["sampler.space=''"])).identity()["sampler"]
    assert set(sampler) == {"kind", "seed", "configs"}


@pytest.mark.parametrize("name", sorted(set(read_space("quick")) & set(INSTALLED)))
def test_every_entry_of_the_quick_space_fits_its_model(name: str) -> None:
    check_entry("quick", load_model(INSTALLED[name]))


@pytest.mark.parametrize("value", [".inf", "2026-01-02"])
def test_a_value_that_json_has_not_is_refused_in_the_entry_of_any_model(value, tmp_path):
    space = tmp_path / "mine.yaml"
    space.write_text(f"knn: {{}}\nxgboost: {{default: {{eta: {value}}}}}\n")
    with pytest.raises(SettingsError, match=r"mine\.yaml: .*Write finite numbers, and dates in quotes"):
        plan_run(compose_settings([f"sampler.space={space}", "models=[knn]", "tasks=[bundled/wine]"]))

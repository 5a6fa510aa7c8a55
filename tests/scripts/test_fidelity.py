"""The comparison of networks with their published runs reads those runs right and tells near from far."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fidelity import (
    OWN,
    RTDL,
    SIZES,
    TABR,
    Published,
    as_published,
    compare,
    cut,
    find_comparison,
    main,
    our_params,
    read_published,
)
from published_tables import PRINTED, SURVEY
from reference_network import reference_error

from tabbench.discovery import find_models, load_model
from tabbench.model import Part

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TABBENCH_SHARED", ROOT.parent / "shared" / "data"))


def runs(*errors):
    return Published(np.array(errors), {})


PUBLISHED = {
    "xgboost tuned": runs(0.9, 1.1),
    "resnet tuned": runs(1.19, 1.21),
    "mlp tuned": runs(1.4, 1.4),
    "twin tuned": runs(1.195, 1.195),
}


def test_ratio_near_its_own_published_one_is_called_so():
    lines = compare(np.array([1.21, 1.23]), PUBLISHED, "resnet tuned", "xgboost tuned")
    assert lines[1].split() == ["ours", "1.2200", "0.0100"]
    assert lines[-1] == "nearest to its own: 0.0200 away, combined noise 0.0141"


def test_ratio_nearer_to_another_model_beyond_the_noise_is_called_so():
    assert compare(np.array([1.38, 1.42]), PUBLISHED, "resnet tuned", "xgboost tuned")[-1].startswith(
        "nearer to mlp tuned: "
    )


def test_neighbour_within_the_noise_does_not_count():
    lines = compare(np.array([1.19, 1.20]), PUBLISHED, "resnet tuned", "xgboost tuned")
    assert lines[2].startswith("published twin tuned")
    assert lines[-1].startswith("nearest to its own")


def test_parts_have_the_published_sizes_and_share_no_row():
    n = sum(SIZES)
    parts = cut(pd.DataFrame({"x": np.arange(n)}), np.arange(float(n)), n, seed=1)
    assert tuple(len(part.y) for part in parts) == SIZES
    assert len(set(np.concatenate([part.y for part in parts]))) == n


def test_missing_data_is_named(tmp_path, capsys):
    assert main(["resnet", "--data", str(tmp_path)]) == 2
    assert "rtdl_stats.tar.xz" in capsys.readouterr().err


def test_houses_have_the_columns_of_the_published_runs():
    """First row of scikit-learn's California housing: 6.98412698 rooms, 1.02380952 bedrooms and 2.55555556 people."""
    raw = {"longitude": -122.23, "totalRooms": 880, "totalBedrooms": 129, "population": 322, "households": 126,
           "medianHouseValue": 452600.0}  # fmt: skip
    X, y = as_published(pd.DataFrame([raw]))
    assert X.loc[0, ["totalRooms", "totalBedrooms", "households"]].tolist() == pytest.approx(
        [6.98412698, 1.02380952, 2.55555556]
    )
    assert (X.loc[0, "population"], y[0]) == (322, 4.526)


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / RTDL).exists(), reason=f"no published runs at {DATA / RTDL}")
def test_published_configurations_are_ours_in_other_words():
    """Test RMSE in Gorishniy et al. (2021), table 2; FT-Transformer by default, and SAINT, as in the files."""
    published = {study: read_published(DATA, study) for study in (RTDL, TABR)}
    means = {name: published[study][runs].errors.mean() for name, (study, runs) in OWN.items()}
    assert means == pytest.approx(
        {"mlp_rtdl": 0.499, "resnet": 0.486, "ft_transformer": 0.469, "node": 0.464, "tabnet": 0.510, "saint": 0.468},
        abs=6e-4,
    )
    for name, (study, runs) in OWN.items():
        default = load_model(find_models()[name]).default
        params = our_params(name, published[study][runs].config)
        assert set(params) <= set(default)
        if "default" in runs:
            assert {key: default[key] for key in params} == pytest.approx(params)


def test_reference_is_refused_where_there_is_none(capsys):
    with pytest.raises(SystemExit):
        main(["saint", "--reference"])
    assert "there is one for deepfm, ft_transformer, resnet" in capsys.readouterr().err


@pytest.mark.slow
def test_the_published_deepfm_learns_a_line():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(900, 3)))
    parts = [Part(X[rows], X[rows].sum(axis=1).to_numpy()) for rows in (slice(500), slice(500, 700), slice(700, 900))]
    params = {"dropout": 0.0, "learning_rate": 1e-2, "weight_decay": 0.0}
    assert reference_error("deepfm", params, parts, seed=0) < 0.1 * np.std(parts[2].y)


@pytest.mark.parametrize("name", sorted(set(PRINTED) - {"danet"}))
def test_printed_figures_become_runs_that_have_them(name):
    against = find_comparison(name, Path())
    own, _ = PRINTED[name].own[name]
    assert against.own == own
    assert (against.published[own].errors.mean(), against.published[own].errors.std()) == pytest.approx(
        PRINTED[name].errors[own]
    )
    assert set(against.params) <= set(load_model(find_models()[name]).default)
    assert not against.standardises
    assert sum(against.sizes) <= sum(SIZES)


def test_squared_errors_are_printed_as_their_roots():
    """Borisov et al. (2022) print 0.206 ± 0.005 for XGBoost."""
    mean, std = SURVEY.errors["XGBoost"]
    assert (mean**2, (mean + std) ** 2 - mean**2) == pytest.approx((0.206, 0.005), abs=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(not (DATA / RTDL).exists(), reason=f"no published runs at {DATA / RTDL}")
def test_a_table_without_parameters_of_xgboost_takes_those_of_the_study_whose_rows_it_has():
    against = find_comparison("danet", DATA)
    assert (against.sizes, against.standardises) == (SIZES, True)
    assert against.xgboost["fit"] == {"early_stopping_rounds": 50, "verbose": False}
    assert set(against.params) <= set(load_model(find_models()["danet"]).default)

"""The comparison of networks with their published runs reads those runs right and tells near from far."""

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TABBENCH_SHARED", ROOT.parent / "shared" / "data"))
ARCHIVE = DATA / "results" / "rtdl_revisiting" / "rtdl_stats.tar.xz"
sys.path.insert(0, str(ROOT / "scripts"))

from fidelity import PUBLISHED_AS, SIZES, Published, compare, cut, main, our_params, read_published  # noqa: E402  # no package

from tabbench.discovery import find_models, load_model  # noqa: E402  # after the scripts


def runs(*errors):
    return Published(np.array(errors), {})


PUBLISHED = {
    ("xgboost", "tuned"): runs(0.9, 1.1),
    ("resnet", "tuned"): runs(1.19, 1.21),
    ("mlp", "tuned"): runs(1.4, 1.4),
    ("twin", "tuned"): runs(1.195, 1.195),
}


def test_ratio_near_its_own_published_one_is_called_so():
    lines = compare(np.array([1.21, 1.23]), PUBLISHED, ("resnet", "tuned"))
    assert lines[1].split() == ["ours", "1.2200", "0.0100"]
    assert lines[-1] == "nearest to its own: 0.0200 away, combined noise 0.0141"


def test_ratio_nearer_to_another_model_beyond_the_noise_is_called_so():
    assert compare(np.array([1.38, 1.42]), PUBLISHED, ("resnet", "tuned"))[-1].startswith("nearer to mlp tuned: ")


def test_neighbour_within_the_noise_does_not_count():
    lines = compare(np.array([1.19, 1.20]), PUBLISHED, ("resnet", "tuned"))
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


@pytest.mark.skipif(not ARCHIVE.exists(), reason=f"no published runs at {ARCHIVE}")
def test_published_configurations_are_ours_in_other_words():
    """Test RMSE of Gorishniy et al. (2021), Table 2: MLP 0.499, ResNet 0.486; FT-Transformer by default 0.469."""
    published = read_published(ARCHIVE)
    means = {name: published[PUBLISHED_AS[name]].errors.mean() for name in PUBLISHED_AS}
    assert means == pytest.approx({"mlp_rtdl": 0.499, "resnet": 0.486, "ft_transformer": 0.469}, abs=6e-4)
    for name, own in PUBLISHED_AS.items():
        default = load_model(find_models()[name]).default
        params = our_params(name, published[own].config)
        assert set(params) <= set(default)
        if own[1] == "default":
            assert {key: default[key] for key in params} == pytest.approx(params)

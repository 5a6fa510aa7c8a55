"""The portable generator gives the published words, and numbers with the right distribution."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tabbench.ranking.portable import SPLITS, TASKS, integers, normals, philox, random_words, uniforms

# Random123's kat_vectors (Salmon et al. 2011): philox4x32-10, counter, key, output.
PUBLISHED = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> np.ndarray:
    return np.array([int(word, 16) for word in text.split()], dtype=np.uint32)


@pytest.mark.parametrize(("counter", "key", "output"), PUBLISHED)
def test_words_are_those_of_the_authors_of_philox(counter: str, key: str, output: str):
    assert philox(words(counter), words(key)).tolist() == words(output).tolist()


def test_a_number_depends_on_its_address_alone():
    many = random_words(7, TASKS, n_rounds=6, n_words=11)
    assert np.array_equal(random_words(7, TASKS, n_rounds=2, n_words=5), many[:2, :5])
    assert not np.array_equal(random_words(7, SPLITS, n_rounds=6, n_words=11), many)
    assert not np.array_equal(random_words(7 + 2**32, TASKS, n_rounds=6, n_words=11), many)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int):
    with pytest.raises(ValueError, match=r"from 0 to 2\*\*64"):
        random_words(seed, TASKS, 1, 1)


def test_integers_are_even_and_reach_both_ends():
    drawn = integers(random_words(1, TASKS, 2000, 51), 51)
    assert drawn.min() == 0
    assert drawn.max() == 50
    assert stats.chisquare(np.bincount(drawn.ravel())).pvalue > 0.001


def test_uniforms_and_normals_follow_their_distributions():
    drawn = random_words(3, TASKS, 1, 20_000)[0]
    assert stats.kstest(uniforms(drawn), "uniform").pvalue > 0.001
    assert stats.kstest(normals(drawn), "norm").pvalue > 0.001
    assert uniforms(np.array([0, 2**32 - 1], dtype=np.uint32)).tolist() == [2.0**-33, 1 - 2.0**-33]


@pytest.mark.skipif(shutil.which("node") is None, reason="no node to run JavaScript with")
def test_the_javascript_of_the_docs_draws_the_same_tasks():
    page = (Path(__file__).parents[3] / "docs" / "uncertainty.md").read_text(encoding="utf-8")
    code = page.split("```javascript\n")[1].split("```")[0]
    seed = 5 * 2**33 + 7
    asked = f"{code}\nconsole.log(JSON.stringify([0, 3].map(round => drawnTasks({seed}, round, 51))))"
    done = subprocess.run(["node", "-e", asked], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == integers(random_words(seed, TASKS, 4, 51), 51)[[0, 3]].tolist()

"""Draws depend on what they say they depend on, and on nothing else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tabbench.model import BINARY, TaskFacts
from tabbench.protocol import Sampler, SamplerKind
from tabbench.tuning.draws import Told
from tabbench.tuning.numbered import QmcDraws, RandomDraws
from tabbench.tuning.samplers import make_draws

FACTS = TaskFacts(BINARY, 100, 5, 1, 3, 2, has_missing=False)


def model(name="m", space_version=1, *, names=("a", "b")):
    def space(trial, task):
        drawn = {n: trial.suggest_float(n, 0, 1) for n in names}
        if drawn and next(iter(drawn.values())) > 0.5:
            drawn["only_sometimes"] = trial.suggest_int("only_sometimes", 1, 9)
        return drawn

    return SimpleNamespace(card=SimpleNamespace(name=name, space_version=space_version), space=space)


def test_random_draw_depends_on_model_space_version_seed_and_number_alone():
    def drawn(trial, seed=0, **kw):
        return RandomDraws(seed, model(**kw), FACTS).ask(trial)

    in_order = RandomDraws(0, model(), FACTS)
    assert [in_order.ask(n) for n in (1, 2, 3)] == [drawn(1), drawn(2), drawn(3)]
    others = [drawn(1), drawn(2), drawn(1, seed=1), drawn(1, name="n"), drawn(1, space_version=2)]
    assert len({str(o) for o in others}) == 5


def test_qmc_draw_depends_on_model_space_version_seed_and_number_alone():
    def drawn(trial, seed=0, **kw):
        return QmcDraws(seed, model(**kw), FACTS).ask(trial)

    in_order = QmcDraws(0, model(), FACTS)
    first = [in_order.ask(n) for n in (1, 2, 3, 4, 5)]
    assert first == [drawn(n) for n in (1, 2, 3, 4, 5)]
    assert in_order.ask(2) == first[1]
    others = [*first, drawn(1, seed=1), drawn(1, name="n"), drawn(1, space_version=2)]
    assert len({str(o) for o in others}) == 8


def test_qmc_draws_of_a_conditional_space_fill_it_evenly():
    from scipy.stats import qmc

    def points(draws):
        drawn = [draws.ask(n) for n in range(1, 65)]
        assert all(("only_sometimes" in d) == (d["a"] > 0.5) for d in drawn)
        return qmc.discrepancy([[d["a"], d["b"]] for d in drawn])

    assert points(QmcDraws(0, model(), FACTS)) < points(RandomDraws(0, model(), FACTS)) / 2


def test_random_draws_are_uniform():
    from scipy.stats import kstest

    draws = RandomDraws(0, model(), FACTS)
    assert kstest([draws.ask(n)["b"] for n in range(1, 501)], "uniform").pvalue > 0.01


def test_empty_space_has_nothing_to_try():
    for kind in (SamplerKind.RANDOM, SamplerKind.QMC, SamplerKind.TPE, SamplerKind.GP):
        assert make_draws(Sampler(kind), model(names=()), FACTS, "job").ask(1) is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", [SamplerKind.TPE, SamplerKind.GP])
def test_adaptive_sampler_asked_again_and_told_the_same_suggests_the_same(kind):
    outcomes = {3: (None,), 5: (None, True, {1: 0.9, 4: 0.8})}

    def history(n):
        draws = make_draws(Sampler(kind), model(), FACTS, "job")
        configs = []
        for trial in range(1, n + 1):
            configs.append(draws.ask(trial))
            draws.tell(
                trial, Told(*outcomes[trial % 7]) if trial % 7 in outcomes else Told(abs(configs[-1]["a"] - 0.3))
            )
        return configs

    assert history(25)[:18] == history(18)


@pytest.mark.parametrize("kind", [SamplerKind.TPE, pytest.param(SamplerKind.GP, marks=pytest.mark.slow)])
def test_adaptive_sampler_learns(kind):
    def best_of_last_ten(kind):
        draws = make_draws(Sampler(kind), model(), FACTS, "job")
        errors = []
        for trial in range(1, 41):
            config = draws.ask(trial)
            errors.append((config["a"] - 0.3) ** 2 + (config["b"] - 0.7) ** 2)
            draws.tell(trial, Told(errors[-1]))
        return sum(errors[-10:])

    assert best_of_last_ten(kind) < best_of_last_ten(SamplerKind.RANDOM)


def test_fixed_list_ends():
    draws = make_draws(Sampler(SamplerKind.FIXED, configs=('{"a":1}',)), model(), FACTS, "job")
    assert [draws.ask(1), draws.ask(2)] == [{"a": 1}, None]


@pytest.mark.parametrize("kind", list(SamplerKind))
def test_every_sampler_can_be_made(kind):
    assert make_draws(Sampler(kind), model(), FACTS, "job") is not None

"""The distributions in the browser against SciPy's."""

import pytest
from scipy import special, stats
from scripts_in_node import Call, call_all

SCRIPT = "statistics/distributions.js"


def ask(function: str, cases: list[tuple[float, ...]]) -> list[float]:
    return call_all([Call(SCRIPT, function, case) for case in cases])


def test_the_normal_distribution_is_scipys_far_into_its_tail() -> None:
    cases = [(z,) for z in (-30.0, -8.3, -3.1, -1.7, -0.4, 0.0, 1e-9, 0.9, 1.73, 1.74, 5.0)]
    assert ask("normalShare", cases) == pytest.approx([float(special.ndtr(z)) for (z,) in cases], rel=1e-12)


def test_students_t_and_its_quantiles_are_scipys() -> None:
    cases = [(nu, t) for nu in (1, 2.7, 9, 49, 1234.5) for t in (-40.0, -3.3, -0.02, 0.0, 0.7, 6.0)]
    assert ask("studentShare", cases) == pytest.approx([float(special.stdtr(*case)) for case in cases], rel=1e-11)
    wanted = [(nu, p) for nu in (1, 2.7, 9, 49, 1234.5) for p in (0.0003, 0.025, 0.4, 0.5, 0.975, 0.99999)]
    found = [float(special.stdtrit(*case)) for case in wanted]
    assert ask("studentQuantile", wanted) == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_f_the_even_binomial_and_the_studentised_range_are_scipys() -> None:
    cases = [(f, a, b) for f in (0.1, 1.0, 3.7, 40.0) for a, b in ((1, 9), (7, 63), (19, 950))]
    assert ask("fTail", cases) == pytest.approx([float(stats.f.sf(*case)) for case in cases], rel=1e-10)
    tosses = [(0, 1), (0, 12), (3, 12), (6, 12), (20, 31), (51, 51)]
    wanted = [float(stats.binomtest(k, n).pvalue) for k, n in tosses]
    assert ask("evenBinomial", tosses) == pytest.approx(wanted, rel=1e-12)
    ranges = [(2, 0.05), (4, 0.05), (10, 0.1), (25, 0.05)]
    wanted = [float(stats.studentized_range.isf(alpha, k, float("inf"))) for k, alpha in ranges]
    assert ask("rangeQuantile", ranges) == pytest.approx(wanted, rel=1e-7)

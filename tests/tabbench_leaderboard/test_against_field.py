import pytest
from made_up_site import made_up_site
from tabbench_leaderboard.against_field import against_field

SITE = made_up_site()


def test_tasks_won_and_lost_are_counted_against_the_median_of_the_others() -> None:
    for model, won, lost in (("catboost", 4, 0), ("constant", 0, 4)):
        for field in against_field(SITE, model):
            assert (field.won, field.lost) == (won, lost)
            assert sum(field.ranks) == 4
            assert field.ranks.index(max(field.ranks)) == (0 if model == "catboost" else 11)


def test_strengths_are_the_tasks_on_which_most_of_the_field_is_beaten() -> None:
    for field in against_field(SITE, "svm"):
        assert all(spot.beaten + spot.lost_to == 11 for spot in (*field.strong, *field.weak))
        assert min(s.beaten for s in field.strong) >= max(s.beaten for s in field.weak)
        assert "bundled/diamonds" not in {s.task for s in (*field.strong, *field.weak)}  # it did not finish there


def test_the_gap_is_a_share_of_the_larger_error() -> None:
    spot = against_field(SITE, "catboost")[0].strong[0]
    errors = sorted(
        r.error for r in SITE.results
        if r.task == spot.task and r.regime == "default" and r.model != "catboost" and r.error is not None
    )  # fmt: skip
    middle = (
        errors[len(errors) // 2] if len(errors) % 2 else (errors[len(errors) // 2 - 1] + errors[len(errors) // 2]) / 2
    )
    assert spot.gap == pytest.approx((spot.error - middle) / middle)


def test_a_model_without_ranks_has_no_field() -> None:
    assert against_field(SITE, "nobody") == ()

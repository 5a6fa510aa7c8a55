"""Faults of earlier benchmarks that this one must not repeat, each with the tests that would catch it."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tabbench.protocol import Protocol, StopOn

TESTS = Path(__file__).parent

FAULTS: dict[str, tuple[str, ...]] = {
    "boosting stops on AUC and predicts with all trees instead of the best iteration": (
        "test_prediction_is_that_of_the_best_step",
        "test_training_stops_on_any_metric_of_the_protocol",
        "test_catboost_stops_on_area_under_the_curve",
    ),
    "one cap for epochs and rounds": ("test_epochs_and_boosting_rounds_have_caps_of_their_own",),
    "a scaler applied to the wrong columns": (
        "test_scaling_is_that_of_scikit_learn",
        "test_every_form_agrees_with_its_columns_and_names_them_in_order",
    ),
    "unscaled inputs for k-NN, SVM and networks": ("test_models_that_measure_distances_are_given_scaled_numbers",),
    "native categories and NaN switched off": (
        "test_boosters_are_given_categories_and_gaps_as_they_are",
        "test_category_of_six_hundred_levels_is_learned_from",
    ),
    "softmax twice": ("test_a_certain_class_gets_a_probability_that_softmax_twice_cannot_give",),
    "label encoders fitted on train and test together": (
        "test_a_level_seen_only_in_test_rows_is_missing",
        "test_what_stands_in_test_rows_changes_nothing_for_train_rows",
    ),
    "F1 that equals accuracy": (
        "test_f1_is_not_accuracy",
        "test_scores_of_classes_equal_scikit_learns",
    ),
    "CPU time sold as run time": ("test_run_time_is_wall_time_and_cpu_time_stands_beside_it",),
    "search cost left out": (
        "test_each_regime_reads_a_job_as_plain_loops_do",
        "test_the_errors_of_the_regime_are_those_of_the_ensembles",
    ),
    "a learning-rate range with a wrong exponent": (
        "test_rates_of_learning_are_drawn_on_a_log_scale_from_a_sane_range",
    ),
    "time limits looked at only between folds": (
        "test_fit_that_ignores_its_deadline_is_a_timeout_and_the_job_goes_on",
        "test_tough_fit_ends_within_its_limit_and_a_second_and_the_next_is_as_in_an_undisturbed_run",
    ),
    "one finished trial counting as tuned": ("test_one_finished_trial_is_not_tuned",),
    "folds treated as independent tasks": (
        "test_every_task_counts_the_same_however_many_splits_it_has",
        "test_every_task_counts_the_same",
    ),
    "ranks over different sets of tasks": (
        "test_an_entrant_with_over_a_tenth_missing_is_listed_and_not_ranked",
        "test_leaving_out_ranks_all_over_the_same_splits",
        "test_leaderboard_ranks_over_shared_tasks_only_and_ties_share_the_middle",
    ),
    "ranks split by the last bit of a float": (
        "test_the_last_bit_of_a_float_splits_no_rank",
        "test_a_last_bit_chooses_nothing",
    ),
    "the best of a family picked by test score": (
        "test_test_errors_choose_nothing",
        "test_permuting_the_test_labels_changes_no_choice",
        "test_test_predictions_choose_no_member",
    ),
    "an Elo of an entrant that never won, set by the solver's tolerance": (
        "test_an_all_loser_is_marked_and_set_by_the_prior",
    ),
    "a suite with duplicate or fictional datasets": (
        "test_families_are_told_apart",
        "test_tasks_on_one_table_know_of_each_other",
    ),
    "random splits on dated tables": (
        "test_dated_tables_are_split_by_time",
        "test_temporal_test_rows_come_after_all_train_rows",
    ),
    "a suite chosen by the results it then ranks": (
        "test_hard_tasks_are_chosen_on_one_half_and_reported_on_the_other",
        "test_what_the_reported_half_says_chooses_no_task",
    ),
    "calibration data that also chose": ("test_nothing_is_claimed_to_be_calibrated_by_rows_that_chose",),
    "defaults tuned on the suite": ("test_what_defaults_were_tuned_on_is_said_by_its_name_or_was_nothing",),
}


@cache
def known_tests() -> frozenset[str]:
    """The names of all tests, wherever they stand: files may move, tests may not vanish."""
    return frozenset(
        node.name
        for file in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_every_known_fault_has_tests_that_exist(fault: str):
    assert FAULTS[fault]
    assert not [name for name in FAULTS[fault] if name not in known_tests()]


CLAIM = re.compile(r"[^.|]*\b(?:calibrated|conformal)\b[^.|]*", re.IGNORECASE)
DENIED = "No probability is claimed to be calibrated"


@pytest.mark.slow
def test_nothing_is_claimed_to_be_calibrated_by_rows_that_chose():
    """No role of valid rows is to calibrate; so no column may say so, nor a page, but to deny it."""
    roles = {replace(Protocol(), stop_on=stop_on).valid_role for stop_on in StopOn}
    assert not [role for role in roles if "calib" in role]
    root = TESTS.parent
    columns = root / "results" / "README.md"
    pages = [root / "README.md", columns, *(root / "docs").glob("*.md"), *(root / "leaderboard").rglob("*.html")]
    claims = [claim.strip() for page in pages for claim in CLAIM.findall(page.read_text(encoding="utf-8"))]
    assert claims == [DENIED]

#!/usr/bin/env bash
# Regret of recommenders on the ranked tasks of the bundled suite, beside the baselines: the table in docs/analysis.md.
# recommender_regret.sh [STORE [N_WORKERS]]
set -euo pipefail
store=${1:-recommender_regret} workers=${2:-null}
ranked="task not in ('bundled/breast_cancer', 'bundled/digits', 'bundled/iris', 'bundled/wine')"
tabbench run suite=bundled where="$ranked" 'models=[linear,decision_tree,knn,hist_gradient_boosting,lightgbm]' \
    protocol.n_trials=1 "store=$store" "executor.n_workers=$workers"
tabbench metafeatures suite=bundled where="$ranked" 'groups=[general,missingness,irregularity]' 'repeats=[0]' \
    'folds=[0]' "store=$store" "executor.n_workers=$workers"
tabbench analyze recommenders --regime default --latest --store "$store"

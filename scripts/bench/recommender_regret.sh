#!/usr/bin/env bash
# Regret of recommenders on the bundled suite, beside the baselines: the table in docs/analysis.md. About ten minutes.
set -euo pipefail
store=${1:-recommender_regret}
tabbench run suite=bundled 'models=[linear,decision_tree,knn,random_forest,lightgbm]' protocol.valid=holdout \
    protocol.n_trials=3 "store=$store" ${2:+executor.n_workers=$2}
tabbench metafeatures suite=bundled 'groups=[general,statistical,missingness,irregularity]' 'repeats=[0]' 'folds=[0]' \
    "store=$store" ${2:+executor.n_workers=$2}
tabbench analyze recommenders --store "$store"
tabbench analyze portfolio --store "$store" --size 5

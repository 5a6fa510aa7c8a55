#!/usr/bin/env bash
# From a clone to a leaderboard: an environment, the quickstart suite, a page. Again: nothing to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/environment.sh models
tabbench=.venv/bin/tabbench

# 1: a trial failed and is a row with a reason, which is no reason to show no page.
status=0
# Twelve that fit in seconds; the larger networks would take hours here.
models=constant,linear,knn,svm,decision_tree,random_forest,extra_trees,hist_gradient_boosting,xgboost,lightgbm,catboost,mlp
"$tabbench" run suite=quickstart "models=[$models]" protocol.n_trials=5 "$@" || status=$?
[ "$status" -le 1 ] || exit "$status"
"$tabbench" rank --suite quickstart
# Nothing to build where the page is newer than every row and than the code that makes it.
page=site/index.html
if [ ! -f "$page" ] || [ -n "$(find results/shards tabbench leaderboard -newer "$page" -type f ! -name '*.pyc' -print -quit 2>/dev/null)" ]; then
    "$tabbench" site build --suite quickstart -o site
fi
echo
echo "The leaderboard: $PWD/site/index.html"
echo "The rows behind it: $PWD/results/tabbench.duckdb ($tabbench sql)"

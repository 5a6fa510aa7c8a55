#!/usr/bin/env bash
# Make the environment of developers and pass every check: style, types, tests fast and slow, the wheel.
#
#   bash scripts/test.sh          everything; what CI runs
#   bash scripts/test.sh fast     all but the slow tests
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
exec </dev/null
export OMP_NUM_THREADS=1
what=${1:-all}
bash scripts/environment.sh dev || exit 2
PATH="$PWD/.venv/bin:$PATH"
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# The browser that the tests of the site drive, and the cluster; without root they are skipped and say so.
packages=()
command -v chromium >/dev/null || packages+=(chromium fonts-dejavu-core)
command -v slurmctld >/dev/null && command -v munged >/dev/null || packages+=(slurm-wlm munge)
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
if [ "${#packages[@]}" -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${packages[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends "${packages[@]}"; } \
        >"$reports/apt.log" 2>&1 || tail -n 5 "$reports/apt.log"
fi

# What checks the scripts of the site; without npm those tests are skipped and say so.
checks=scripts/browser_checks
if command -v npm >/dev/null && [ ! -d "$checks/node_modules" ]; then
    echo "Installing TypeScript and axe …"
    npm ci --prefix "$checks" --no-audit --no-fund >"$reports/npm.log" 2>&1 || tail -n 5 "$reports/npm.log"
fi

summary=()
failed=0
# Runs one check, shows what it prints, and notes how long it took and, for tests, pytest's closing line.
check() {
    local name=$1 started=$SECONDS status=0 closing
    shift
    printf '\n== %s: %s\n' "$name" "$*"
    "$@" 2>&1 | tee "$reports/output" || status=$?
    closing=$(grep -E '^=+ .*(passed|failed|error|skipped|deselected).* =+$' "$reports/output" | tail -n 1)
    [ "$status" = 0 ] && verdict=ok || { verdict=FAILED; failed=1; }
    summary+=("$(printf '%-12s %-6s %4d s  %s' "$name" "$verdict" $((SECONDS - started)) "$closing")")
}

check style ruff check .
check format ruff format --check .
check types mypy
check "fast tests" pytest -n 2 --durations=5
[ "$what" = fast ] || check "slow tests" pytest -m slow -n 2 --dist loadfile --durations=10

printf '\n'
printf '%s\n' "${summary[@]}"
exit "$failed"

#!/usr/bin/env bash
# Make .venv with the given extras, pinned by constraints.txt; instant when it is there already.
#
#   bash scripts/environment.sh models       what quickstart.sh needs
#   bash scripts/environment.sh dev          what test.sh needs
#   PYTHON=/path/to/python3.12 bash scripts/environment.sh dev
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
extras=${1:-models}
venv=.venv
log=$venv/install.log
stamp=$venv/installed.txt
python=$venv/bin/python

# The first of the usual names that runs and is new enough.
find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 python3.13 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 </dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    echo "tabbench needs Python 3.11 or later, and python3 here is: $(python3 --version 2>&1 || true)" >&2
    echo "Install one, or name it: PYTHON=/path/to/python3.11 bash scripts/quickstart.sh" >&2
    return 2
}

make_venv() {
    local base
    base=$(find_python)
    echo "Making the environment $venv with $("$base" --version)"
    if ! "$base" -m venv --clear "$venv" >/dev/null 2>&1; then
        "$base" -m venv --clear "$venv" >&2 || true
        echo "$base cannot make an environment. On Debian and Ubuntu: apt-get install python3-venv" >&2
        return 2
    fi
}

# One line of progress in place of pip's hundred; the end of its log when it fails.
install() {
    local what=$1 started=$SECONDS
    shift
    printf '%s' "Installing $what … "
    if ! "$python" -m pip install --disable-pip-version-check --no-input -c constraints.txt "$@" \
        >>"$log" 2>&1 </dev/null; then
        printf 'failed\n'
        tail -n 25 "$log" >&2
        echo "The whole log: $PWD/$log" >&2
        return 2
    fi
    printf '%s\n' "$((SECONDS - started)) s"
}

# What decides whether an install is still good: where the checkout is, what it asks for, and the pins.
fingerprint() {
    { pwd -P; cat pyproject.toml constraints.txt; } | cksum
}

wanted=$(fingerprint)
if [ -x "$venv/bin/tabbench" ] && [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$wanted" ]; then
    grep -qxF "$extras" "$stamp" && exit 0
else
    rm -f "$stamp"
fi
"$python" -m pip --version >/dev/null 2>&1 || make_venv
: >"$log"
install "$(grep '^torch==' constraints.txt)" "$(grep '^torch==' constraints.txt)"
install "the build tools" setuptools wheel
install "tabbench[$extras]" --no-build-isolation -e ".[$extras]"
[ -f "$stamp" ] || printf '%s\n' "$wanted" >"$stamp"
printf '%s\n' "$extras" >>"$stamp"

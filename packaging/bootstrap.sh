#!/usr/bin/env bash
# Make .venv exactly as requirements.lock says, and the program itself editable in it.
# With --lock: compile requirements.lock and requirements-cluster.lock anew instead.
# With --cluster: add to .venv what studies on a Ray cluster need.
set -euo pipefail
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# uv without touching the system's Python: Debian refuses pip outside of an
# environment (PEP 668), but allows it into a folder of its own.
install_uv() {
    if python3 -m venv .tools >/dev/null 2>&1; then
        .tools/bin/python -m pip install --quiet "uv>=0.6,<1"
        return
    fi
    rm -rf .tools
    if python3 -m pip --version >/dev/null 2>&1; then
        python3 -m pip install --quiet --target .tools "uv>=0.6,<1"
        return
    fi
    if command -v apt-get >/dev/null \
        && as_root apt-get update -qq \
        && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; then
        python3 -m venv .tools
        .tools/bin/python -m pip install --quiet "uv>=0.6,<1"
        return
    fi
    echo "Python's venv module is missing. Install it with:" >&2
    echo "    sudo apt-get install -y python3-venv" >&2
    exit 1
}

if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
    uv=uv
else
    [ -x .tools/bin/uv ] || install_uv
    uv=.tools/bin/uv
fi

if [ "${1:-}" = --lock ]; then
    compile=("$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url
        --no-header --python-version 3.11 pyproject.toml)
    "${compile[@]}" --extra dev -o requirements.lock
    # The same versions of what both have: one environment takes both.
    "${compile[@]}" --extra cluster -c requirements.lock -o requirements-cluster.lock
    exit
fi

if [ "${1:-}" = --cluster ]; then
    "$uv" pip install --quiet --require-hashes --python .venv/bin/python \
        -r requirements-cluster.lock
    exit
fi

if ! .venv/bin/python -c "" 2>/dev/null; then
    "$uv" venv --quiet --clear --python ">=3.11,<3.13" .venv
fi
"$uv" pip sync --quiet --require-hashes --python .venv/bin/python requirements.lock
# The build backend is in the lock, so that nothing unpinned is fetched for the build.
"$uv" pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable .
touch .venv/.installed

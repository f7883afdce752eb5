#!/bin/sh
# Installs programs from PyPI into .build/python: install-python.sh NAME==VERSION ...
set -eu
cd "$(dirname "$0")/.."
[ -x .build/python/bin/pip ] || python3 -m venv .build/python
for package in "$@"; do
    name=${package%%=*}
    # Without its extras: canaille[front,oidc].
    .build/python/bin/pip show --quiet "${name%%[*}" 2>/dev/null || {
        echo "Installing from PyPI: $package"
        .build/python/bin/pip install --quiet --disable-pip-version-check "$package"
    }
done

#!/bin/sh
# Installs programs from PyPI into .build/python: install-python.sh NAME==VERSION ...
set -eu
cd "$(dirname "$0")/.."
[ -x .build/python/bin/pip ] || python3 -m venv .build/python
for package in "$@"; do
    .build/python/bin/pip show --quiet "${package%%=*}" 2>/dev/null || {
        echo "Installing from PyPI: $package"
        .build/python/bin/pip install --quiet --disable-pip-version-check "$package"
    }
done

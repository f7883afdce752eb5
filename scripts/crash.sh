#!/bin/sh
# Runs crash.py without and with a full disk. ROUNDS sets how often the server is killed in each.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/plain" "$work/full"
scripts/crash.py .build/release/latchkey "${ROUNDS:-200}" "$work/plain"
unshare -m scripts/crash.py .build/release/latchkey "${ROUNDS:-200}" "$work/full" --full-disk

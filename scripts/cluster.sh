#!/bin/sh
# Runs cluster.py in a folder that the database's user may enter.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
scripts/cluster.py .build/release/latchkey "$work" --kills "${KILLS:-20}" --minutes "${MINUTES:-10}"

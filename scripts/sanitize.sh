#!/bin/bash
# Runs the whole suite under ThreadSanitizer, then under AddressSanitizer, and fails on any report. Each has a build of its
# own, because everything is compiled for it.
set -euo pipefail
cd "$(dirname "$0")/.."
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

for sanitizer in ${SANITIZERS:-thread address}; do
    build=(--sanitize="$sanitizer" --scratch-path ".build-$sanitizer")
    echo "Building for the $sanitizer sanitizer (the first time takes some four minutes on two cores) ..."
    LATCHKEY_SANITIZER=$sanitizer swift build --build-tests "${build[@]}"
    # The programs that the tests start write their reports here too, however they end.
    export TSAN_OPTIONS="log_path=$reports/thread" ASAN_OPTIONS="log_path=$reports/address:detect_leaks=0"
    SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=24 LATCHKEY_SANITIZER=$sanitizer swift test --skip-build --disable-xctest "${build[@]}"
    if [ -n "$(ls "$reports")" ]; then
        cat "$reports"/*
        echo "The $sanitizer sanitizer has reported the above." >&2
        exit 1
    fi
    echo "The $sanitizer sanitizer has nothing to report."
done

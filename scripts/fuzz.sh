#!/bin/sh
# Fuzzes each parser under libFuzzer for a bounded time, from the seeds in fixtures/fuzz/. SECONDS_EACH sets the time.
set -eu
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-60}
swift build --package-path Fuzzing --scratch-path .build-fuzzing -c release --sanitize fuzzer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Each line of the corpus of paths is a seed.
mkdir "$work/registry-seeds"
cat fixtures/registry-paths/*.txt | split -l 1 -a 4 - "$work/registry-seeds/"
for target in Htpasswd:htpasswd Hash:hash Authorization:authorization Name:name Registry:registry FastCGI:fastcgi \
    ProxyProtocol:proxyprotocol Tokens:tokens Claims:claims Pages:pages; do
    echo "Fuzz${target%%:*}, $seconds s ..."
    mkdir "$work/${target##*:}"
    seeds="fixtures/fuzz/${target##*:}"
    [ -d "$seeds" ] || seeds="$work/${target##*:}-seeds"
    # As long as a token may be that nobody has signed: what its depth costs is seen in long ones alone.
    length=4096
    [ "$target" = Claims:claims ] && length=16384
    .build-fuzzing/release/Fuzz"${target%%:*}" -max_total_time="$seconds" -max_len="$length" -print_final_stats=1 \
        -artifact_prefix="$work/" "$work/${target##*:}" "$seeds" 2>"$work/log" || {
        cat "$work/log"
        exit 1
    }
    grep -E 'number_of_executed_units|new_units_added' "$work/log"
done

#!/bin/bash
# Does what README's first screen tells a reader to do: starts the demonstration by `make run`, sends its requests as they stand there, and ends it by Ctrl-C.
# Fails if an answer is not what README says. It leaves behind what the demonstration leaves: the tests must not care.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
demonstration=
finish() {
    [ -z "$demonstration" ] || kill -KILL -- "-$demonstration" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
fail() {
    echo "README: $*" >&2
    sed 's/^/  make run: /' "$work/log" >&2
    exit 1
}

# With a group of processes of its own, as a terminal gives it: Ctrl-C is for all of them.
set -m
make run >"$work/log" 2>&1 &
demonstration=$!
set +m
until grep -q '^Ctrl-C stops everything' "$work/log"; do
    kill -0 "$demonstration" 2>/dev/null || fail "make run has ended"
    sleep 0.2
done

# What differs from one run to the next has one spelling.
plain() {
    sed -E -e 's/zak_[0-9a-f]{32}/KEY/g' -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' \
        -e 's/2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/curl\/[0-9.]+/curl\/VERSION/g' "$1"
}

awk '/^```console/ && !seen { inside = seen = 1; next } /^```/ { inside = 0 } inside' README.md >"$work/screen"
count=0 key=
while IFS= read -r line <&3; do
    case $line in
    '$ '*)
        command=${line#\$ }
        # The one of README is nobody's here: whoever follows it takes the one that they were given.
        [ -z "$key" ] || command=$(printf '%s' "$command" | sed -E "s/zak_[0-9a-f]{32}/$key/")
        bash -c "$command" >"$work/answer" 2>"$work/error" </dev/null || fail "failed: $command: $(cat "$work/error")"
        key=$(grep -oE 'zak_[0-9a-f]{32}' "$work/answer" | head -n 1 || printf '%s' "$key")
        count=$((count + 1))
        ;;
    *)
        printf '%s\n' "$line" >"$work/said"
        echo >>"$work/answer"
        [ "$(plain "$work/said")" = "$(plain "$work/answer")" ] || fail "$command: $(cat "$work/answer"), not: $line"
        answered=$count
        ;;
    esac
done 3<"$work/screen"
[ "$count" -ge 4 ] && [ "$answered" = "$count" ] || fail "has $count requests with their answers, not four or more"

kill -INT -- "-$demonstration"
wait "$demonstration" || true
demonstration=
for port in 8080 3890; do
    ! (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "after Ctrl-C something still listens on port $port"
done
[ -e data/latchkey.sqlite ] || fail "the demonstration keeps its keys in ./data"
echo "README's $count requests were answered as it says."

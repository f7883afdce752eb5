#!/bin/bash
# Measures Latchkey with very many API keys (KEYS, 10,000,000 by default), of a hundredth as many users: look-ups, memory, start,
# keys in rotation, creation. Everything runs on loopback; it needs some 8 GB of disk for ten million keys.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
keys=${KEYS:-10000000}
users=$((keys / 100))
ulimit -n "$(ulimit -Hn)"

echo "Decisions with 10,000 patterns and 1,000 groups ..."
swift build --package-path "$root/Benchmarks/Micro" --scratch-path "$root/.build-micro" -c release >"$work/log" 2>&1 || cat "$work/log"
"$root/.build-micro/release/Decisions"

echo "Filling a store with $keys keys of $users users ..."
# {SHA} of "apple": hashing is not what is measured here.
awk -v n="$users" 'BEGIN { for (i = 0; i < n; i++) print "user" i ":{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=" }' >"$work/htpasswd"
configuration() {
    cat <<END
http: { port: $1, auth: { htpasswd: { path: $work/htpasswd }, apikey: true, failDelay: 0, throttle: { enabled: false } } }
storage: { rootDirectory: $work/data }
log: { level: error }
END
}
serve 18091 < <(configuration 18091)
kill "$server"
wait "$server" 2>/dev/null || true
python3 "$root/Benchmarks/fill.py" "$work/data/latchkey.sqlite" "$keys" "$users"
echo "The store has $(du -m "$work/data/latchkey.sqlite" | cut -f1) MB."

begun=$(date +%s%N)
serve 18092 < <(configuration 18092)
row "start, to the first answer" "$((($(date +%s%N) - begun) / 1000000)) ms" "at most 1000 ms"
before=$(memory "$server")
read -r hot hot99 < <(python3 "$root/Benchmarks/lookups.py" 18092 20000 "$users" "$keys" 0)
row "one key: an answer, median and p99" "$hot µs" "$hot99 µs"
# Every page has to come from the disk.
sync && echo 3 2>/dev/null >/proc/sys/vm/drop_caches || echo "(the system's cache can't be emptied here)"
read -r cold cold99 < <(python3 "$root/Benchmarks/lookups.py" 18092 5000 "$users" "$keys" 7919)
row "a key never asked for, nothing in the system's cache" "$cold µs" "$cold99 µs; look-up $((cold - hot)) µs"
sync && echo 3 2>/dev/null >/proc/sys/vm/drop_caches || true
read -r own own99 < <("$root/.build-micro/release/Lookups" "$work/data" "$keys" 20000 | sed 's/ µs//g')
row "the same in the store alone, median and p99" "$own µs" "$own99 µs"
# A look-up reads one page of the index, and one of the table, at the least.
read -r page page99 < <(python3 "$root/Benchmarks/pages.py" "$work/data/latchkey.sqlite" 3000)
row "one random page of that file, from this disk, by pread alone" "$page µs" "$page99 µs"
row "in the store alone, nothing cached : two pages of this disk" "$(ratio "$own" "$((2 * page))")" ""
cat "$work/data/latchkey.sqlite" >/dev/null
read -r warm warm99 < <(python3 "$root/Benchmarks/lookups.py" 18092 50000 "$users" "$keys" 7907)
row "a key never asked for, the file in the system's cache" "$warm µs" "$warm99 µs; look-up $((warm - hot)) µs (100), p99 (1000)"
read -r own own99 < <("$root/.build-micro/release/Lookups" "$work/data" "$keys" 20000 | sed 's/ µs//g')
row "a look-up in the store alone, median and p99" "$own µs" "$own99 µs; at most 100 and 1000"
python3 "$root/Benchmarks/lookups.py" 18092 200000 "$users" "$keys" 31 >/dev/null
row "memory, before and after 255,000 keys, of 64 MB for them" "$before MB" "$(memory "$server") MB"

python3 - "$users" >"$work/ten-thousand" <<'END'
import base64, hashlib, sys
for number in range(10000):
    digits = hashlib.sha256(b"key %d" % number).hexdigest()[:32]
    print(base64.b64encode(f"user{number % int(sys.argv[1])}:zak_{digits}".encode()).decode())
END
head -1 "$work/ten-thousand" >"$work/one"
one=0 many=0
KEYS=$work/ten-thousand load "/auth/verify, 10,000 keys for the first time" http://127.0.0.1:18092/auth/verify -s "$root/Benchmarks/rotation.lua"
for turn in 1 2 3 4 5; do
    KEYS=$work/one load "/auth/verify, one key ($turn)" http://127.0.0.1:18092/auth/verify -s "$root/Benchmarks/rotation.lua"
    one=$(awk -v a="$one" -v b="$rate" 'BEGIN { print a + b }')
    KEYS=$work/ten-thousand load "/auth/verify, 10,000 keys in rotation ($turn)" http://127.0.0.1:18092/auth/verify -s "$root/Benchmarks/rotation.lua"
    many=$(awk -v a="$many" -v b="$rate" 'BEGIN { print a + b }')
done
row "10,000 keys : one key, over the five turns" "$(ratio "$many" "$one")" "at least 0.9"

cat >"$work/create.lua" <<'END'
wrk.method = "POST"
wrk.body = "{}"
END
alone=$(python3 "$root/Benchmarks/insert.py" "$work/alone.sqlite" "$seconds")
load "creation" http://127.0.0.1:18092/zot/auth/apikey -s "$work/create.lua" -H "$(header user1:apple)"
row "SQLite alone, synchronous=FULL, on this disk" "$alone /s" ""
row "creation : SQLite alone" "$(ratio "$rate" "$alone")" "at least 0.8"

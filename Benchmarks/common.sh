# What the benchmarks share; each reads it in its first lines. It leaves a folder in $work, which goes at the end with every
# process in $processes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
latchkey=${LATCHKEY:-$root/.build/release/latchkey}
seconds=${SECONDS_EACH:-6}
connections=64
work=$(mktemp -d)
chmod 755 "$work"
PATH=$PATH:/usr/sbin
processes=()

stop() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

wait_for() { until "$@" >/dev/null 2>&1; do sleep 0.1; done; }
open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
memory() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
row() { printf '%-60s %8s   %s\n' "$1" "$2" "$3"; }

# load NAME URL [wrk's options]: prints a line, and leaves requests a second in $rate.
load() {
    local name=$1 url=$2
    shift 2
    wrk -t1 -c$connections -d"$seconds" --timeout 20 --latency "$@" "$url" >"$work/wrk"
    rate=$(awk '/Requests\/sec/ { print $2 }' "$work/wrk")
    # In milliseconds.
    p99=$(awk '$1 == "99%" { v = $2; u = 1; if (v ~ /us$/) u = 0.001; else if (v !~ /ms$/) u = 1000; print v * u }' "$work/wrk")
    local errors
    errors=$(awk '/Non-2xx/ { print "  NOT 200: " $NF }' "$work/wrk")
    printf '%-44s %10.0f/s   p50 %-9s p99 %-9s%s\n' "$name" "$rate" \
        "$(awk '$1 == "50%" { print $2 }' "$work/wrk")" "$(awk '$1 == "99%" { print $2 }' "$work/wrk")" "$errors"
}


# What the benchmarks share; each reads it in its first lines. It leaves a folder in $work, which goes at the end with every
# process in $processes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
latchkey=$(realpath "${LATCHKEY:-$root/.build/release/latchkey}")
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

header() { printf 'Authorization: Basic %s' "$(printf '%s' "$1" | base64 -w0)"; }

# serve PORT: starts latchkey on the configuration of standard input; its process is in $server.
serve() {
    local port=$1
    cat >"$work/$port.yaml"
    # Where nothing of another server lies.
    (cd "$work" && exec "$latchkey" serve --config "$work/$port.yaml") 2>"$work/$port.log" &
    server=$!
    processes+=("$server")
    wait_for curl -sf "http://127.0.0.1:$port/healthz"
}

# The folder that nginx and lighttpd answer from.
pages() {
    mkdir -p "$work/html"
    echo ok >"$work/html/verify"
}

# nginx_sha_server USERS: nginx with auth_basic on port 18080; its process is in $nginx_process.
nginx_sha_server() {
    pages
    cat >"$work/nginx.conf" <<END
worker_processes 2;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    server {
        listen 127.0.0.1:18080 reuseport;
        root $work/html;
        auth_basic x;
        auth_basic_user_file $1;
    }
}
END
    nginx -c "$work/nginx.conf" 2>/dev/null &
    nginx_process=$!
    processes+=("$nginx_process")
    wait_for open 18080
}

# lighttpd_server USERS: lighttpd with auth.cache on port 18084; its process is in $lighttpd_process.
lighttpd_server() {
    pages
    cat >"$work/lighttpd.conf" <<END
server.modules = ("mod_auth", "mod_authn_file")
server.document-root = "$work/html"
server.bind = "127.0.0.1"
server.port = 18084
server.max-worker = 2
server.max-keep-alive-requests = 100000000
server.pid-file = "$work/lighttpd.pid"
server.errorlog = "$work/lighttpd.log"
auth.backend = "htpasswd"
auth.backend.htpasswd.userfile = "$1"
auth.cache = ("max-age" => "600")
auth.require = ("/" => ("method" => "basic", "realm" => "x", "require" => "valid-user"))
END
    # It ends its whole process group when it ends.
    setsid lighttpd -D -f "$work/lighttpd.conf" >/dev/null 2>&1 &
    lighttpd_process=$!
    processes+=("$lighttpd_process")
    wait_for open 18084
}

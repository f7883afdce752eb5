#!/bin/bash
# Measures Latchkey beside nginx and libcrypt, in one run on one machine. Everything runs on loopback.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
latchkey=${LATCHKEY:-$root/.build/release/latchkey}
seconds=${SECONDS_EACH:-6}
# Hashes are slow: a short time would count the start and the end, not what lies between.
hash_seconds=${SECONDS_HASHING:-20}
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
header() { printf 'Authorization: Basic %s' "$(printf '%s' "$1" | base64 -w0)"; }
memory() { awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# load NAME URL [wrk's options]: prints a line, and leaves requests a second in $rate.
load() {
    local name=$1 url=$2
    shift 2
    wrk -t1 -c$connections -d"$seconds" --timeout 20 --latency "$@" "$url" >"$work/wrk"
    rate=$(awk '/Requests\/sec/ { print $2 }' "$work/wrk")
    local errors
    errors=$(awk '/Non-2xx/ { print "  NOT 200: " $NF }' "$work/wrk")
    printf '%-44s %10.0f/s   p50 %-9s p99 %-9s%s\n' "$name" "$rate" \
        "$(awk '$1 == "50%" { print $2 }' "$work/wrk")" "$(awk '$1 == "99%" { print $2 }' "$work/wrk")" "$errors"
}

# Lets the hashes of requests that wrk has given up run out: they would burden the next measurement.
settle() { sleep 4; }

# serve PORT: starts latchkey on the configuration of standard input; its process is in $server.
serve() {
    local port=$1
    cat >"$work/$port.yaml"
    "$latchkey" serve --config "$work/$port.yaml" 2>"$work/$port.log" &
    server=$!
    processes+=("$server")
    wait_for curl -sf "http://127.0.0.1:$port/healthz"
}

echo "Preparing: users, nginx, slapd, latchkey ..."
cc -O2 -o "$work/libcrypt" "$root/Benchmarks/libcrypt.c" -lcrypt -lpthread
htpasswd -cbs "$work/users" sha apple 2>/dev/null
htpasswd -bB -C 10 "$work/users" bcrypt apple 2>/dev/null
setting=$(sed -n 's/^bcrypt://p' "$work/users")
# A hundred people with a bcrypt hash of their own.
for i in $(seq 100); do
    htpasswd -nbB -C 10 "user$i" "password$i" 2>/dev/null | sed '/^$/d' >>"$work/users"
    printf '%s' "user$i:password$i" | base64 -w0 && echo
done >"$work/hundred"
# nginx -g runs its workers as another user: they must be able to read the file.
chmod 644 "$work/users"
mkdir "$work/html"
echo ok >"$work/html/verify"
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
        auth_basic_user_file $work/users;
    }
}
END
nginx -c "$work/nginx.conf" 2>/dev/null &
processes+=($!)
"$root/fixtures/slapd.sh" "$work/slapd" ldap://127.0.0.1:18089/ >"$work/slapd.log" 2>&1 &
processes+=($!)
wait_for test -s "$work/slapd/slapd.pid"
serve 18081 <<END
http:
  port: 18081
  auth:
    htpasswd: { path: users }
    ldap:
      urls: [ldap://127.0.0.1:18089]
      baseDN: ou=Users,dc=example,dc=org
      subtreeSearch: true
      bindDN: cn=latchkey,dc=example,dc=org
      bindPassword: service-password
      userGroupAttribute: memberOf
    apikey: true
storage: { rootDirectory: data }
log: { level: warning }
END
idle=$(memory "$server")
nginx_url=http://127.0.0.1:18080/verify
url=http://127.0.0.1:18081/auth/verify
key=$(curl -s -u bcrypt:apple -d '{}' http://127.0.0.1:18081/zot/auth/apikey | sed 's/.*"apiKey":"\([^"]*\).*/\1/')

echo
echo "$(nproc) cores, $connections connections, $seconds s each; wrk runs on the same cores. No access log on either side."
echo
load "nginx auth_basic, {SHA}" $nginx_url -H "$(header sha:apple)"
nginx_sha=$rate
load "nginx auth_basic, bcrypt cost 10" $nginx_url -H "$(header bcrypt:apple)"
nginx_bcrypt=$rate
settle
load "latchkey, API key" $url -H "$(header "bcrypt:$key")"
key_rate=$rate
load "latchkey, {SHA} password" $url -H "$(header sha:apple)"
sha_rate=$rate
load "latchkey, bcrypt cost 10 password" $url -H "$(header bcrypt:apple)"
bcrypt_rate=$rate
settle
load "latchkey, LDAP password" $url -H "$(header alice:alice-password)"
ldap_rate=$rate
seconds=$hash_seconds CREDENTIALS=$work/hundred load "latchkey, 100 bcrypt users in rotation" $url -s "$root/Benchmarks/users.lua"
distinct_rate=$rate
settle
crypt_rate=$("$work/libcrypt" "$setting" "$(nproc)" "$hash_seconds")
printf '%-44s %10.1f/s\n' "libcrypt alone, bcrypt cost 10, $(nproc) threads" "$crypt_rate"

echo
echo "Making and loading an htpasswd file of 1,000,000 bcrypt users ..."
awk -v hash="$setting" 'BEGIN { for (i = 0; i < 1000000; i++) print "user" i ":" hash }' >"$work/million"
# Until its end a check loads the file once and then answers: its time is the load's and a little more.
start=$(date +%s.%N)
"$latchkey" check --htpasswd "$work/million" >/dev/null
load_seconds=$(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }')
serve 18082 <<<"{http: {port: 18082, auth: {htpasswd: {path: users}}}}"
small=$(memory "$server")
serve 18083 <<<"{http: {port: 18083, auth: {htpasswd: {path: million}}}}"
large=$(memory "$server")

row() { printf '%-60s %8s   %s\n' "$1" "$2" "$3"; }
echo
row "figure" "here" "to reach"
row "API key : nginx {SHA}" "$(ratio "$key_rate" "$nginx_sha")" ">= 0.5"
row "{SHA} password : nginx {SHA}" "$(ratio "$sha_rate" "$nginx_sha")" ""
row "bcrypt password : nginx bcrypt" "$(ratio "$bcrypt_rate" "$nginx_bcrypt")" ""
row "LDAP password : nginx {SHA}" "$(ratio "$ldap_rate" "$nginx_sha")" ""
row "100 bcrypt users : libcrypt alone" "$(ratio "$distinct_rate" "$crypt_rate")" ">= 0.95"
row "1,000,000 users load, seconds" "$load_seconds" "<= 3"
row "1,000,000 users, bytes each" "$(awk -v a="$large" -v b="$small" 'BEGIN { printf "%.0f", (a - b) * 1048576 / 1000000 }')" "<= 250"
row "idle server, MB (htpasswd, LDAP, API keys)" "$idle" "<= 60"

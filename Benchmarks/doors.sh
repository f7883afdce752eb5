#!/bin/bash
# Measures nginx with auth_request to Latchkey, as docs/doors/nginx.md has it, in front of a static file: over loopback and over a Unix socket, with an API
# key and with a verified bcrypt password, beside the same nginx with auth_basic, {SHA} and bcrypt of cost 10. Then registry tokens a second, and HTTP/2
# beside HTTP/1.1, over TLS, by h2load.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
turns=${TURNS:-3}

echo "Preparing: users, nginx, latchkey ..."
htpasswd -cbs "$work/users" sha apple 2>/dev/null
htpasswd -bB -C 10 "$work/users" bcrypt apple 2>/dev/null
chmod 644 "$work/users"
pages
mkdir -p "$work/socket"
# START: one Latchkey on loopback and one on a Unix socket, each with a store of its own.
for place in tcp unix; do
    listen="port: 18081"
    [ $place = tcp ] || listen="address: 'unix:$work/socket/http'"
    cat >"$work/$place.yaml" <<END
http:
  $listen
  trustedProxies: [127.0.0.1]
  auth:
    htpasswd: { path: $work/users }
    apikey: true
    failDelay: 0
    tokens: { issuer: latchkey, services: [registry] }
storage: { rootDirectory: $work/$place-data }
log: { level: warning }
END
    (cd "$work" && exec "$latchkey" serve --config "$work/$place.yaml") 2>"$work/$place.log" &
    processes+=("$!")
done
wait_for curl -sf http://127.0.0.1:18081/healthz
wait_for curl -sf --unix-socket "$work/socket/http" http://x/healthz
chmod 755 "$work/socket" && chmod 777 "$work/socket/http"
key() { curl -s -u bcrypt:apple -d '{}' "$@" | sed 's/.*"apiKey":"\([^"]*\).*/\1/'; }
tcp_key=$(key http://127.0.0.1:18081/zot/auth/apikey)
unix_key=$(key --unix-socket "$work/socket/http" http://x/zot/auth/apikey)

cat >"$work/asks.conf" <<END
auth_request_set \$latchkey_user \$upstream_http_remote_user;
root $work/html;
END
cat >"$work/latchkey.conf" <<END
internal;
proxy_pass_request_body off;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Content-Length "";
proxy_set_header Authorization \$http_authorization;
proxy_set_header Host \$host;
proxy_set_header X-Forwarded-For \$remote_addr;
proxy_set_header X-Original-Method \$request_method;
proxy_set_header X-Original-URI \$request_uri;
END
cat >"$work/nginx.conf" <<END
worker_processes 2;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 100000000;
    upstream tcp { server 127.0.0.1:18081; keepalive 128; keepalive_requests 100000000; }
    upstream unix { server unix:$work/socket/http; keepalive 128; keepalive_requests 100000000; }
    server {
        listen 127.0.0.1:18080 reuseport;
        root $work/html;
        auth_basic x;
        auth_basic_user_file $work/users;
    }
    server {
        listen 127.0.0.1:18082 reuseport;
        include $work/asks.conf;
        location / { auth_request /ask; }
        location = /ask { proxy_pass http://tcp/auth/verify; include $work/latchkey.conf; }
    }
    server {
        listen 127.0.0.1:18083 reuseport;
        include $work/asks.conf;
        location / { auth_request /ask; }
        location = /ask { proxy_pass http://unix/auth/verify; include $work/latchkey.conf; }
    }
}
END
nginx -c "$work/nginx.conf" 2>/dev/null &
processes+=("$!")
wait_for open 18083

sum() { awk -v a="$1" -v b="$2" 'BEGIN { print a + b }'; }
sha=0 tk=0 tp=0 uk=0 up=0
echo
echo "$(nproc) cores, $connections connections, $turns turns of $seconds s each."
for turn in $(seq "$turns"); do
    load "nginx auth_basic, {SHA} ($turn)" http://127.0.0.1:18080/verify -H "$(header sha:apple)"
    sha=$(sum "$sha" "$rate")
    load "auth_request over loopback, key ($turn)" http://127.0.0.1:18082/verify -H "$(header "bcrypt:$tcp_key")"
    tk=$(sum "$tk" "$rate")
    load "auth_request over loopback, password ($turn)" http://127.0.0.1:18082/verify -H "$(header bcrypt:apple)"
    tp=$(sum "$tp" "$rate")
    load "auth_request over a Unix socket, key ($turn)" http://127.0.0.1:18083/verify -H "$(header "bcrypt:$unix_key")"
    uk=$(sum "$uk" "$rate")
    load "auth_request over a Unix socket, password ($turn)" http://127.0.0.1:18083/verify -H "$(header bcrypt:apple)"
    up=$(sum "$up" "$rate")
done
load "registry tokens (ES256), by API key" \
    "http://127.0.0.1:18081/auth/token?service=registry&scope=repository:team/app:pull,push" -H "$(header "bcrypt:$tcp_key")"
tokens=$rate
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/tls.key" -out "$work/tls.pem" -subj /CN=localhost -days 2 2>/dev/null
serve_tls() {
    sed "s/port: 18081/port: 18084/; s/^http:/http:\n  tls: { cert: tls.pem, key: tls.key }/; s/tcp-data/tls-data/" "$work/tcp.yaml" >"$work/tls.yaml"
    (cd "$work" && exec "$latchkey" serve --config "$work/tls.yaml") 2>"$work/tls.log" &
    processes+=("$!")
    wait_for curl -skf https://127.0.0.1:18084/healthz
}
serve_tls
tls_key=$(key -k https://127.0.0.1:18084/zot/auth/apikey)
# h2load NAME [options]: as load.
by_h2load() {
    local name=$1
    shift
    h2load -t1 -c$connections -D "$seconds" "$@" -H "$(header "bcrypt:$tls_key" | sed 's/^A/a/')" https://127.0.0.1:18084/auth/verify >"$work/h2load" 2>&1
    rate=$(awk '/^finished in/ { print $4 }' "$work/h2load")
    printf '%-44s %10.0f/s   %s\n' "$name" "$rate" "$(awk '/^status codes/' "$work/h2load")"
}
h1=0 h2=0 h2many=0
for turn in $(seq "$turns"); do
    by_h2load "HTTP/1.1 over TLS, key ($turn)" --h1
    h1=$(sum "$h1" "$rate")
    by_h2load "HTTP/2 over TLS, key, a request at a time ($turn)" -m1
    h2=$(sum "$h2" "$rate")
    by_h2load "HTTP/2 over TLS, key, 10 at a time ($turn)" -m10
    h2many=$(sum "$h2many" "$rate")
done
# Last: nginx works off its queue for seconds after it.
load "nginx auth_basic, bcrypt of cost 10" http://127.0.0.1:18080/verify -H "$(header bcrypt:apple)"
bcrypt=$rate

echo
row "over loopback, key : {SHA}" "$(ratio "$tk" "$sha")" "at least 0.5 (over one of the two)"
row "over loopback, password : {SHA}" "$(ratio "$tp" "$sha")" "at least 0.45"
row "over a Unix socket, key : {SHA}" "$(ratio "$uk" "$sha")" "at least 0.5"
row "over a Unix socket, password : {SHA}" "$(ratio "$up" "$sha")" "at least 0.45"
row "over a Unix socket, password : nginx's own bcrypt" "$(awk -v a="$up" -v n="$turns" -v b="$bcrypt" 'BEGIN { printf "%.0f", a / n / b }')" "at least 500"
row "registry tokens a second" "$tokens" "at least 5000"
row "HTTP/2 : HTTP/1.1, over TLS, a request at a time" "$(ratio "$h2" "$h1")" ""
row "HTTP/2, 10 at a time : HTTP/1.1" "$(ratio "$h2many" "$h1")" ""

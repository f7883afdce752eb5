#!/bin/bash
# Measures how much of a CPU an answer costs: Latchkey with an API key and with a verified password, nginx with {SHA} and
# lighttpd with its cache, in turns, in one run. Rates depend on what else the machine does; this hardly does.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
turns=${TURNS:-3}

echo "Preparing: users, nginx, lighttpd, latchkey ..."
htpasswd -cbs "$work/users" sha apple 2>/dev/null
htpasswd -bB -C 10 "$work/users" bcrypt apple 2>/dev/null
chmod 644 "$work/users"
nginx_sha_server "$work/users"
lighttpd_server "$work/users"
serve 18081 <<END
http:
  port: 18081
  auth: { htpasswd: { path: users }, apikey: true, failDelay: 0 }
storage: { rootDirectory: data }
log: { level: warning }
END
latchkey_process=$server
url=http://127.0.0.1:18081/auth/verify
key=$(curl -s -u bcrypt:apple -d '{}' http://127.0.0.1:18081/zot/auth/apikey | sed 's/.*"apiKey":"\([^"]*\).*/\1/')

# ticks PID: the time of a process and of its children that run now, in ticks of 10 ms.
ticks() {
    local all=0 pid
    for pid in "$1" $(pgrep -P "$1" || true); do
        all=$((all + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')))
    done
    echo "$all"
}
# cost NAME PID URL HEADER: puts microseconds of CPU a request into $cost.
cost() {
    curl -sf -o /dev/null -H "$4" "$3"
    local before after count
    before=$(ticks "$2")
    wrk -t1 -c$connections -d"$seconds" -H "$4" "$3" >"$work/wrk"
    after=$(ticks "$2")
    count=$(awk '/requests in/ { print $1 }' "$work/wrk")
    cost=$(awk -v t=$((after - before)) -v n="$count" 'BEGIN { printf "%.2f", t * 10000 / n }')
    printf '%-44s %8s us  (%s requests)\n' "$1" "$cost" "$count"
}
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }

echo
echo "$(nproc) cores, $connections connections, $turns turns of $seconds s each; CPU time a request, kernel included."
nginx=() lighttpd=() keys=() passwords=()
for _ in $(seq "$turns"); do
    cost "nginx auth_basic, {SHA}" "$nginx_process" http://127.0.0.1:18080/verify "$(header sha:apple)"
    nginx+=("$cost")
    cost "lighttpd auth.cache, bcrypt" "$lighttpd_process" http://127.0.0.1:18084/verify "$(header bcrypt:apple)"
    lighttpd+=("$cost")
    cost "latchkey, API key" "$latchkey_process" $url "$(header "bcrypt:$key")"
    keys+=("$cost")
    cost "latchkey, verified password" "$latchkey_process" $url "$(header bcrypt:apple)"
    passwords+=("$cost")
done
base=$(median "${nginx[@]}")
echo
row "CPU a request, us (medians)" "" ""
row "nginx auth_basic, {SHA}" "$base" ""
row "lighttpd auth.cache" "$(median "${lighttpd[@]}")" ""
row "latchkey, API key" "$(median "${keys[@]}")" ""
row "latchkey, verified password" "$(median "${passwords[@]}")" ""
row "API key : nginx {SHA}" "$(ratio "$(median "${keys[@]}")" "$base")" "<= 1.0"
row "verified password : nginx {SHA}" "$(ratio "$(median "${passwords[@]}")" "$base")" "<= 1.2"

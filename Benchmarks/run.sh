#!/bin/bash
# Measures Latchkey beside nginx, lighttpd, Apache and libcrypt, in one run on one machine. Everything runs on loopback.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
ulimit -n "$(ulimit -Hn)"
# Hashes are slow: a short time would count the start and the end, not what lies between.
hash_seconds=${SECONDS_HASHING:-20}

# Lets the hashes of requests that wrk has given up run out: they would burden the next measurement.
settle() { sleep 4; }

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
nginx_sha_server "$work/users"
mkdir "$work/apache"
lighttpd_server "$work/users"
modules=/usr/lib/apache2/modules
cat >"$work/apache.conf" <<END
ServerRoot "$work/apache"
ServerName localhost
Listen 127.0.0.1:18085
PidFile "$work/apache/pid"
ErrorLog "$work/apache/log"
DefaultRuntimeDir "$work/apache"
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authn_file_module $modules/mod_authn_file.so
LoadModule authn_socache_module $modules/mod_authn_socache.so
LoadModule socache_shmcb_module $modules/mod_socache_shmcb.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule auth_basic_module $modules/mod_auth_basic.so
User www-data
Group www-data
DocumentRoot "$work/html"
MaxKeepAliveRequests 0
KeepAlive On
AuthnCacheSOCache shmcb
<Directory "$work/html">
    AuthType Basic
    AuthName x
    AuthBasicProvider socache file
    AuthnCacheProvideFor file
    AuthnCacheContext x
    AuthUserFile "$work/users"
    Require valid-user
</Directory>
END
apache2 -DFOREGROUND -f "$work/apache.conf" >/dev/null 2>&1 &
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
    failDelay: 0
  trustedProxies: [127.0.0.1]
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
load "Apache mod_authn_socache, bcrypt cost 10" http://127.0.0.1:18085/verify -H "$(header bcrypt:apple)"
apache_bcrypt=$rate
settle
load "lighttpd auth.cache, bcrypt cost 10" http://127.0.0.1:18084/verify -H "$(header bcrypt:apple)"
lighttpd_bcrypt=$rate
# storm: 8 connections that try ever new wrong passwords, each from another address, beside the next measurement.
storm() {
    STORM_USER=bcrypt wrk -t1 -c8 -d$((seconds + 3))s --timeout 30 -s "$root/Benchmarks/storm.lua" $url >/dev/null &
    storm=$!
    sleep 2
}
median() { printf '%s\n' "$@" | sort -g | sed -n "$((($# + 1) / 2))p"; }
# against_storm NAME HEADER: the load without and with a storm, in turns; medians in $calm_rate, $calm_p99, and the medians
# of each turn's ratio in $rate_ratio and $p99_ratio.
against_storm() {
    local rates=() p99s=() rate_ratios=() p99_ratios=()
    for _ in $(seq "${STORMS:-3}"); do
        load "$1" $url -H "$2"
        local calm=$rate calm_99=$p99
        storm
        load "$1, in a storm" $url -H "$2"
        wait $storm
        settle
        rates+=("$calm") p99s+=("$calm_99")
        rate_ratios+=("$(ratio "$rate" "$calm")") p99_ratios+=("$(ratio "$p99" "$calm_99")")
    done
    calm_rate=$(median "${rates[@]}") calm_p99=$(median "${p99s[@]}")
    rate_ratio=$(median "${rate_ratios[@]}") p99_ratio=$(median "${p99_ratios[@]}")
}
against_storm "latchkey, API key" "$(header "bcrypt:$key")"
key_rate=$calm_rate storm_key_rate=$rate_ratio storm_key_p99=$p99_ratio
against_storm "latchkey, bcrypt cost 10 password, repeated" "$(header bcrypt:apple)"
repeated_rate=$calm_rate storm_repeated_rate=$rate_ratio storm_repeated_p99=$p99_ratio
load "latchkey, {SHA} password, repeated" $url -H "$(header sha:apple)"
load "latchkey, LDAP password, repeated" $url -H "$(header alice:alice-password)"
# Each of the hundred once, so that all are verified; then in rotation.
while read -r line; do curl -s -o /dev/null -H "Authorization: Basic $line" $url; done <"$work/hundred"
CREDENTIALS=$work/hundred load "latchkey, 100 verified users in rotation" $url -s "$root/Benchmarks/users.lua"
rotation_rate=$rate
# Without the memory, each request is a look: the rate of first logins.
serve 18086 <<END
http:
  port: 18086
  auth:
    htpasswd: { path: users }
    cache: { lifetime: 0 }
log: { level: warning }
END
first=http://127.0.0.1:18086/auth/verify
# One user's requests at the same time are one flight: different users show what a login costs.
seconds=$hash_seconds CREDENTIALS=$work/hundred load "latchkey, 100 bcrypt users, nothing remembered" $first -s "$root/Benchmarks/users.lua"
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
million_url=http://127.0.0.1:18083/auth/verify
curl -s -o /dev/null -u user1:apple $million_url
(sleep 2; echo "extra:$setting" >>"$work/million") &
wrk -t1 -c8 -d6 --latency -H "$(header user1:apple)" $million_url >"$work/reload"
longest=$(awk '$1 == "Latency" { v = $4; u = 1; if (v ~ /us$/) u = 0.001; else if (v !~ /ms$/) u = 1000; print v * u; exit }' "$work/reload")
grep -q "read again" "$work/18083.log" || echo "the million users were NOT read again"

# Ten thousand connections, each with ever new wrong passwords, each request from another address.
crowd=${CROWD:-10000}
serve 18087 <<END
http: { port: 18087, trustedProxies: [127.0.0.1], auth: { htpasswd: { path: users }, failDelay: 1 } }
log: { level: warning }
END
before=$(memory "$server")
STORM_USER=bcrypt wrk -t1 -c"$crowd" -d12s --timeout 30 -s "$root/Benchmarks/storm.lua" http://127.0.0.1:18087/auth/verify >/dev/null
after=$(awk '/VmHWM/ { printf "%.1f", $2 / 1024 }' "/proc/$server/status")
settle

echo
row "figure" "here" "to reach"
row "API key : nginx {SHA}" "$(ratio "$key_rate" "$nginx_sha")" ">= 0.5"
row "repeated bcrypt password : nginx {SHA}" "$(ratio "$repeated_rate" "$nginx_sha")" ">= 0.6"
row "repeated bcrypt password : nginx bcrypt" "$(ratio "$repeated_rate" "$nginx_bcrypt")" ">= 1000"
row "repeated bcrypt password : Apache with socache" "$(ratio "$repeated_rate" "$apache_bcrypt")" ""
row "repeated bcrypt password : lighttpd with auth.cache" "$(ratio "$repeated_rate" "$lighttpd_bcrypt")" ""
row "100 verified users in rotation : nginx {SHA}" "$(ratio "$rotation_rate" "$nginx_sha")" ">= 0.6"
row "distinct bcrypt users, unverified : libcrypt alone" "$(ratio "$distinct_rate" "$crypt_rate")" ">= 0.95"
row "API key in a storm : without, rate" "$storm_key_rate" ">= 0.7"
row "API key in a storm : without, p99" "$storm_key_p99" "<= 3"
row "repeated password in a storm : without, rate" "$storm_repeated_rate" ">= 0.7"
row "repeated password in a storm : without, p99" "$storm_repeated_p99" "<= 3"
row "longest request while 1,000,000 users are read again, ms" "$longest" "<= 20"
row "1,000,000 users load, seconds" "$load_seconds" "<= 3"
row "1,000,000 users, bytes each" "$(awk -v a="$large" -v b="$small" 'BEGIN { printf "%.0f", (a - b) * 1048576 / 1000000 }')" "<= 250"
row "$crowd connections with wrong passwords, MB above idle" "$(awk -v a="$after" -v b="$before" 'BEGIN { printf "%.0f", a - b }')" "<= 100"
row "idle server, MB (htpasswd, LDAP, API keys)" "$idle" "<= 60"

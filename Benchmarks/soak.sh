#!/bin/bash
# 200,000 logins, none of them remembered, while two directory servers are killed and restarted in turns: how many failed
# although a server was alive, and whether descriptors or memory grow.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
logins=${LOGINS:-200000}
descriptors() { find "/proc/$latchkey_process/fd" -mindepth 1 2>/dev/null | wc -l; }
declare -A server
start() {
    SLAPD_ENTRIES=$work/entries "$root/fixtures/slapd.sh" "$work/slapd$1" "ldap://127.0.0.1:$1/" >"$work/$1.log" 2>&1 &
    server[$1]=$!
    processes+=("${server[$1]}")
    wait_for open "$1"
}
# Different users, so that single flight does not make one login of several.
for i in $(seq 2000); do
    printf '\ndn: uid=u%d,ou=Users,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: u%d\ncn: U\nsn: U\nuserPassword: p%d\n' \
        "$i" "$i" "$i" >>"$work/entries"
    printf 'u%d:p%d' "$i" "$i" | base64 -w0 >>"$work/credentials"
    echo >>"$work/credentials"
done
start 19401
start 19402
cat >"$work/config.yaml" <<END
http:
  port: 19403
  auth:
    ldap:
      urls: [ldap://127.0.0.1:19401, ldap://127.0.0.1:19402]
      serverOrder: roundRobin
      baseDN: ou=Users,dc=example,dc=org
      subtreeSearch: true
      bindDN: cn=latchkey,dc=example,dc=org
      bindPassword: service-password
    cache: { lifetime: 0 }
    failDelay: 0
log: { level: error }
END
"$latchkey" serve --config "$work/config.yaml" 2>"$work/latchkey.log" &
latchkey_process=$!
processes+=("$latchkey_process")
wait_for curl -sf -u u1:p1 http://127.0.0.1:19403/auth/verify

done_logins=0 failed=0 restarts=0 first_memory="" first_descriptors=""
while [ "$done_logins" -lt "$logins" ]; do
    CREDENTIALS=$work/credentials wrk -t1 -c32 -d8 --timeout 20 -s "$root/Benchmarks/users.lua" \
        http://127.0.0.1:19403/auth/verify >"$work/wrk" &
    load=$!
    for port in 19401 19402; do
        sleep 1
        kill -9 "${server[$port]}"
        wait "${server[$port]}" 2>/dev/null || true
        start "$port"
        restarts=$((restarts + 1))
        # The other one must not be killed before this one is asked again: its rest is at most this long.
        sleep 2
    done
    wait $load
    done_logins=$((done_logins + $(awk '/requests in/ { print $1 }' "$work/wrk")))
    failed=$((failed + $(awk '/Non-2xx/ { n = $NF } /Socket errors/ { gsub(",", ""); n += $4 + $6 + $8 + $10 } END { print n + 0 }' "$work/wrk")))
    if [ -z "$first_memory" ]; then first_memory=$(memory "$latchkey_process") first_descriptors=$(descriptors); fi
    echo "$done_logins logins, $failed failed, $restarts restarts, $(memory "$latchkey_process") MB, $(descriptors) descriptors"
done
echo "memory: $first_memory MB after the first round, $(memory "$latchkey_process") MB at the end"
echo "descriptors: $first_descriptors after the first round, $(descriptors) at the end"
sort "$work/latchkey.log" | cut -c26- | uniq -c | sort -rn | head -3
[ "$failed" = 0 ]

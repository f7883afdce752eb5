#!/bin/bash
# Measures logins at a provider that takes its time: five hundred people who come back at once, from many networks and from one, and beside a
# stranger who brings codes that nobody has given. PAUSE is what each answer of the token endpoint takes, in seconds.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
ulimit -n "$(ulimit -Hn)"
pause=${PAUSE:-1} people=${PEOPLE:-500} provider=18098
echo "{\"pause\": $pause}" >"$work/state"
/usr/bin/python3 "$(dirname "$0")/../fixtures/logins/faulty-issuer.py" $provider "http://127.0.0.1:$provider" "$work/state" >"$work/issuer" &
processes+=("$!")
: >"$work/users"
wait_for grep -q ready "$work/issuer"
number=0
for each in "$people 0" "1 0" "$people 220"; do
    read -r networks strangers <<<"$each"
    number=$((number + 1)) port=$((18100 + number))
    serve $port <<END
http: { port: $port, trustedProxies: [127.0.0.1], auth: { htpasswd: { path: $work/users }, openid: { providers: { p1: {
  issuer: "http://127.0.0.1:$provider", clientid: latchkey, clientsecret: x, claimMapping: { username: preferred_username } } } } } }
storage: { rootDirectory: $work/data$number }
log: { level: error }
END
    python3 "$(dirname "$0")/logins.py" $port "$people" "$networks" "$strangers"
done

#!/bin/bash
# Measures sessions of browsers: beside API keys, many of them, many requests on one, and the login page under a storm of wrong passwords.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
ulimit -n "$(ulimit -Hn)"
port=18095
htpasswd -bcB -C 8 "$work/users" alice apple 2>/dev/null
serve $port <<END
http: { port: $port, auth: { htpasswd: { path: $work/users }, apikey: true, failDelay: 0, throttle: { enabled: false }, sessions: { maximumPerUser: 10000 } } }
storage: { rootDirectory: $work/data }
log: { level: error }
END
url=http://127.0.0.1:$port
login() { curl -s -o /dev/null -D - -H "Origin: $url" -d 'username=alice&password=apple' "$url/auth/login" | sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p' | tr -d '\r'; }
cookie=$(login)
key=$(curl -s -u alice:apple -d '{}' "$url/zot/auth/apikey" | sed 's/.*"apiKey":"\([^"]*\)".*/\1/')
one=0 other=0
for turn in 1 2 3 4 5; do
    load "/auth/verify by API key ($turn)" "$url/auth/verify" -H "$(header "alice:$key")"
    one=$(awk -v a="$one" -v b="$rate" 'BEGIN { print a + b }')
    load "/auth/verify by session ($turn)" "$url/auth/verify" -H "Cookie: $cookie"
    other=$(awk -v a="$other" -v b="$rate" 'BEGIN { print a + b }')
done
row "session : API key, over the five turns" "$(ratio "$other" "$one")" "at least 0.9"

refused=$(seq 500 | xargs -P 500 -I{} curl -s -o /dev/null -w '%{http_code}\n' -b "$cookie" "$url/auth/verify" | grep -vc '^200$' || true)
row "refused of 500 requests at once on one session" "$refused" "0"

kill "$server"
wait "$server" 2>/dev/null || true
python3 - "$work/data/latchkey.sqlite" <<'END'
import hashlib, sqlite3, sys, time, uuid
database = sqlite3.connect(sys.argv[1])
now = int(time.time() * 1e6)
def rows():
    for number in range(100_000):
        token = f"{number:043d}"
        yield (str(uuid.uuid4()), hashlib.sha256(token.encode()).digest(), "alice", "htpasswd", "name:alice", now, now, now + 86_400_000_000, now, "127.0.0.1", "browser", None)
database.executemany("INSERT INTO session (id, digest, owner, ownerSource, ownerIdentity, createdAt, authenticatedAt, endsAt, lastUsed, client, userAgent, passwordState) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", rows())
database.commit()
END
serve 18096 < <(sed "s/$port/18096/" "$work/$port.yaml")
cat >"$work/sessions.lua" <<'END'
request = function()
    return wrk.format("GET", nil, {Cookie = string.format("latchkey=%043d", math.random(0, 99999))})
end
END
before=$(memory "$server")
load "100,000 live sessions, at random" http://127.0.0.1:18096/auth/verify -s "$work/sessions.lua"
row "memory, before and after them" "$before MB" "$(memory "$server") MB"

page() { python3 - "$1" "$2" <<'END'
import http.client, sys, time
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
times = []
for _ in range(int(sys.argv[2])):
    begun = time.perf_counter()
    connection.request("GET", "/auth/login")
    connection.getresponse().read()
    times.append(time.perf_counter() - begun)
    time.sleep(0.002)
times.sort()
print(round(times[int(len(times) * 0.99)] * 1e6))
END
}
calm=$(page 18096 2000)
cat >"$work/storm.lua" <<'END'
wrk.method = "POST"
wrk.headers["Origin"] = "http://127.0.0.1:18096"
local count = 0
request = function()
    count = count + 1
    return wrk.format(nil, nil, nil, "username=alice&password=wrong" .. count .. math.random(1, 1e9))
end
END
wrk -t1 -c32 -d20 --timeout 20 -s "$work/storm.lua" http://127.0.0.1:18096/auth/login >/dev/null &
processes+=("$!")
sleep 1
storm=$(page 18096 2000)
row "login page, p99: calm, and in a storm of wrong passwords" "$calm µs" "$storm µs; $(ratio "$storm" "$calm") times (at most 3)"

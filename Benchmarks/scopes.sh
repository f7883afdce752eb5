#!/bin/bash
# Measures what the patterns that users write into the scopes of their keys cost others: lists of many hard keys, and a known key beside clients who use such keys.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
port=18097
htpasswd -bcs "$work/users" alice apple 2>/dev/null
htpasswd -bs "$work/users" bob apple 2>/dev/null
serve $port <<END
http:
  port: $port
  auth:
    htpasswd: { path: $work/users }
    apikey: true
    apiKeys: { allowedScopes: ["team/**:read,create", "*-lib/**", "**/*a*/**:read,create"] }
    failDelay: 0
    throttle: { enabled: false }
storage: { rootDirectory: $work/data }
log: { level: error }
END
url=http://127.0.0.1:$port
python3 "$root/Benchmarks/scopes.py" $port "$work"
key=$(cat "$work/known")
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$server/stat"; }
list() {
    local begun
    begun=$(ticks)
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        curl -sf -o "$work/list" -u alice:apple "$url/zot/auth/apikey"
    done
    awk -v a="$begun" -v b="$(ticks)" 'BEGIN { printf "%.0f", (b - a) * 10 / 10 }'
}
list >/dev/null
row "a list of $(grep -o '"uuid"' "$work/list" | wc -l) keys with 20 hard scopes each" "$(list) ms" "of CPU (at most 50)"
begun=$(ticks)
kill "$server"
wait "$server" 2>/dev/null || true
serve 18098 < <(sed "s/$port/18098/" "$work/$port.yaml")
url=http://127.0.0.1:18098
begun=$(ticks)
curl -sf -o "$work/list" -u alice:apple "$url/zot/auth/apikey"
row "the first such list after a start" "$(awk -v a="$begun" -v b="$(ticks)" 'BEGIN { printf "%.0f", (b - a) * 10 }') ms" "of CPU"

paced() { python3 - "$1" "$2" <<'END'
import base64, http.client, sys, time
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
headers = {"Authorization": "Basic " + base64.b64encode(sys.argv[2].encode()).decode()}
times = []
for _ in range(2000):
    begun = time.perf_counter()
    connection.request("GET", "/v2/", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    times.append(time.perf_counter() - begun)
    time.sleep(0.002)
times.sort()
print(round(times[int(len(times) * 0.99)] * 1e6))
END
}
# Another spelling for each request, which no event loop knows yet.
beside() {
    cat >"$work/$1.lua" <<END
local keys, count = {}, 0
for line in io.lines("$work/$1") do keys[#keys + 1] = line end
request = function()
    count = count + 1
    return wrk.format("GET", "/auth/verify?repository=team/app&action=read", {Authorization = "Basic" .. string.rep(" ", 1 + count % 200) .. keys[1 + count % #keys]})
end
END
    wrk -t1 -c8 -d"$seconds" --timeout 20 -s "$work/$1.lua" "$url" >"$work/$1.wrk" &
    local client=$!
    sleep 0.3
    paced 18098 "bob:$key"
    wait $client
}
paced 18098 "bob:$key" >/dev/null
calm=$(paced 18098 "bob:$key")
plain=$(beside plain)
hard=$(beside hard)
row "p99 of a known key, calm" "$calm µs" ""
row "p99 beside 8 clients with ordinary keys" "$plain µs" "$(awk '/Requests\/sec/ { print $2 }' "$work/plain.wrk")/s; $(ratio "$plain" "$calm") times the calm one"
row "p99 beside 8 clients with keys of hard scopes" "$hard µs" "$(awk '/Requests\/sec/ { print $2 }' "$work/hard.wrk")/s; $(ratio "$hard" "$calm") times the calm one, $(ratio "$hard" "$plain") times the one beside ordinary keys (at most 2)"

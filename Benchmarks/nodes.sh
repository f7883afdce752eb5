#!/bin/bash
# Measures several nodes on PostgreSQL: known keys beside the embedded store, look-ups beside a C loop on libpq, creation beside pgbench, and how soon
# every node refuses a key that one has revoked. Everything runs on loopback.
# shellcheck source=Benchmarks/common.sh
. "$(dirname "$0")/common.sh"
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
nobody=()
[ "$(id -u)" != 0 ] || nobody=(setpriv --reuid=postgres --regid=postgres --clear-groups)
mkdir "$work/db"
[ "$(id -u)" != 0 ] || chown postgres "$work/db"
database=18432
printf 'secret\n' >"$work/password"
"${nobody[@]}" "$bin/initdb" -D "$work/db" -U latchkey -A scram-sha-256 --pwfile "$work/password" -E UTF8 >/dev/null
"${nobody[@]}" "$bin/postgres" -D "$work/db" -p $database -h 127.0.0.1 -k "$work/db" -c max_connections=600 >"$work/postgres.log" 2>&1 &
processes+=($!)
export PGPASSWORD=secret PGHOST=127.0.0.1 PGPORT=$database PGUSER=latchkey
wait_for psql -d postgres -c 'SELECT 1'
psql -qd postgres -c 'CREATE DATABASE latchkey'
export PGDATABASE=latchkey
htpasswd -bcB -C 8 "$work/users" alice apple 2>/dev/null
# node PORT STORAGE
node() {
    serve "$1" <<END
http: { port: $1, auth: { htpasswd: { path: $work/users }, apikey: true, failDelay: 0, throttle: { enabled: false } } }
storage: { $2 }
log: { level: error }
END
}
shared="postgresql: { host: 127.0.0.1, port: $database, password: secret, pool: 8 }"
node 18401 "rootDirectory: $work/data"
for port in 18402 18403 18404; do node $port "$shared"; done
create() { curl -s -u alice:apple -d '{}' "http://127.0.0.1:$1/zot/auth/apikey" | sed 's/.*"apiKey":"\([^"]*\)".*/\1/'; }
embedded=$(create 18401) shared_key=$(create 18402)
one=0 other=0
for turn in 1 2 3 4 5; do
    load "/auth/verify, the embedded store ($turn)" http://127.0.0.1:18401/auth/verify -H "$(header "alice:$embedded")"
    one=$(awk -v a="$one" -v b="$rate" 'BEGIN { print a + b }')
    load "/auth/verify, PostgreSQL ($turn)" http://127.0.0.1:18402/auth/verify -H "$(header "alice:$shared_key")"
    other=$(awk -v a="$other" -v b="$rate" 'BEGIN { print a + b }')
done
row "PostgreSQL : embedded store, known keys, five turns" "$(ratio "$other" "$one")" "at least 0.95"

keys=200000
psql -qc "INSERT INTO api_key (id, digest, owner, owner_source, owner_identity, label, scopes, created_at, creator_user_agent, family)
    SELECT gen_random_uuid()::text, sha256(lpad(to_hex(n), 32, '0')::bytea), 'alice', 'htpasswd', 'name:alice', '', '[]', 1, '', gen_random_uuid()::text FROM generate_series(1, $keys) AS n" -c 'VACUUM ANALYZE api_key'
cat >"$work/cold.lua" <<'END'
local base64 = require("string")
local function encode(text)
    local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return ((text:gsub(".", function(c)
        local bits, byte = "", c:byte()
        for i = 8, 1, -1 do bits = bits .. (byte % 2 ^ i - byte % 2 ^ (i - 1) > 0 and "1" or "0") end
        return bits
    end) .. "0000"):gsub("%d%d%d?%d?%d?%d?", function(bits)
        if #bits < 6 then return "" end
        local number = 0
        for i = 1, 6 do number = number + (bits:sub(i, i) == "1" and 2 ^ (6 - i) or 0) end
        return digits:sub(number + 1, number + 1)
    end) .. ({"", "==", "="})[#text % 3 + 1])
end
local number = 0
request = function()
    number = number + 1
    return wrk.format("GET", nil, {Authorization = "Basic " .. encode(string.format("alice:zak_%032x", number))})
end
END
load "keys never asked for, each once" http://127.0.0.1:18403/auth/verify -s "$work/cold.lua"
cold=$rate
gcc -O2 -o "$work/loop" "$root/Benchmarks/pqloop.c" -I"$(pg_config --includedir)" -lpq -lpthread
loop=$("$work/loop" 8 "$seconds" $keys)
row "look-ups of a C loop on libpq, eight connections" "$loop" "/s"
row "keys never asked for, over HTTP : C loop" "$(ratio "$cold" "$loop")" ""
swift build --package-path "$root/Benchmarks/Micro" --scratch-path "$root/.build-micro" -c release >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
# The same key is asked for again and again: nothing remembers it here.
for tasks in 8 64; do
    alone=$("$root/.build-micro/release/SharedLookups" 8 $tasks "$seconds" $keys)
    row "look-ups of the store alone, $tasks at once, eight connections" "$alone" "/s"
    row "the store alone, $tasks at once : C loop" "$(ratio "$alone" "$loop")" "at least 0.8"
done

cat >"$work/create.lua" <<'END'
wrk.method, wrk.body = "POST", "{}"
END
load "creation" http://127.0.0.1:18402/zot/auth/apikey -s "$work/create.lua" -H "$(header alice:apple)"
created=$rate
# A colon would be a variable to pgbench.
cat >"$work/insert.sql" <<'END'
WITH made AS (INSERT INTO api_key (id, digest, owner, owner_source, owner_identity, label, scopes, created_at, creator_user_agent, family)
    VALUES (gen_random_uuid()::text, sha256(gen_random_uuid()::text::bytea), 'alice', 'htpasswd', 'name' || chr(58) || 'alice', '', '[]', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 'wrk', 'x'))
INSERT INTO key_owner (source, identity, user_name, is_present, groups, vouched_at) VALUES ('htpasswd', 'name' || chr(58) || 'alice', 'alice', true, '[]', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    ON CONFLICT (source, identity) DO UPDATE SET vouched_at = excluded.vouched_at;
END
bench=$("$bin/pgbench" -n -M prepared -c 8 -j 2 -T "$seconds" -f "$work/insert.sql" 2>"$work/pgbench.log" | awk '/^tps/ { print $3 }' || { cat "$work/pgbench.log" >&2; exit 1; })
row "the same by pgbench, eight connections" "$bench" "/s"
row "creation : pgbench" "$(ratio "$created" "$bench")" "at least 0.8"

python3 "$root/Benchmarks/revocations.py" 300 18402 18403 18404 | while read -r half most; do
    row "from an acknowledged revocation to the last node's refusal" "$half ms" "p99 $most ms; at most 50"
done

row "a key on disk, with its indexes" "$(psql -Atc "SELECT pg_total_relation_size('api_key') / count(*) FROM api_key")" "bytes"
# What it costs to tell all nodes: each wakes a server process.
gcc -O2 -o "$work/listen" "$root/Benchmarks/pqlisten.c" -I"$(pg_config --includedir)" -lpq
echo "SELECT pg_notify('latchkey', 'k ' || gen_random_uuid())" >"$work/notify.sql"
for listeners in 0 10 100 500; do
    "$work/listen" $listeners >"$work/ready" &
    listening=$!
    processes+=($listening)
    wait_for grep -q ready "$work/ready"
    told=$("$bin/pgbench" -n -M prepared -c 4 -j 1 -T "$seconds" -f "$work/notify.sql" 2>/dev/null | awk '/^tps/ { print $3 }')
    row "news told a second, $listeners more nodes listen" "$told" "/s"
    kill $listening
    wait $listening 2>/dev/null || true
done

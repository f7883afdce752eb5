#!/bin/sh
# Runs the demonstration: a throw-away slapd, and Latchkey in front of it and of an htpasswd file, until Ctrl-C.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
latchkey=$(swift build --show-bin-path)/latchkey
work=$(mktemp -d)
slapd= server=
PATH=$PATH:/usr/sbin

stop() {
    trap '' INT TERM
    for process in $server $slapd; do kill "$process" 2>/dev/null || true; done
    for process in $server $slapd; do wait "$process" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 0' INT TERM

# Waits until a command succeeds, or a process has ended.
wait_for() {
    process=$1
    shift
    while ! "$@" 2>/dev/null >&2; do
        kill -0 "$process" 2>/dev/null || return 1
        sleep 0.1
    done
}

if command -v slapd >/dev/null; then
    echo "Starting a throw-away directory (slapd) on 127.0.0.1:3890 ..."
    fixtures/slapd.sh "$work/slapd" ldap://127.0.0.1:3890/ >"$work/slapd.log" 2>&1 &
    slapd=$!
    if ! wait_for $slapd test -s "$work/slapd/slapd.pid"; then
        echo "slapd did not start, so this goes on with the htpasswd file alone:"
        cat "$work/slapd.log"
        slapd=
    fi
else
    echo "slapd is not installed, so this goes on with the htpasswd file alone."
fi

if [ -n "$slapd" ]; then
    set -- --config config/demo.yaml
else
    set -- --htpasswd fixtures/demo.htpasswd --data-dir data --listen 127.0.0.1:8080
fi
echo "Starting latchkey serve $* ..."
"$latchkey" serve "$@" &
server=$!
wait_for $server curl -sf http://127.0.0.1:8080/healthz || exit 1

cat <<'END'

Latchkey listens on http://127.0.0.1:8080. Try, in another terminal:

  curl -u bob:bob-password http://127.0.0.1:8080/auth/whoami
END
[ -z "$slapd" ] || echo '  curl -u alice:alice-password http://127.0.0.1:8080/auth/whoami'
cat <<'END'
  curl -u bob:bob-password -X POST http://127.0.0.1:8080/zot/auth/apikey -d '{"label": "laptop"}'
  curl -u bob:KEY http://127.0.0.1:8080/auth/whoami        (KEY: the apiKey of the answer before)

Or with a browser: http://127.0.0.1:8080/auth/ (bob, bob-password).

Ctrl-C stops everything; API keys stay in ./data.

END
wait $server

#!/bin/bash
# Takes pictures of each page into docs/pictures: light and dark, at 320 and at 1600 pixels. Builds first.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --product latchkey
work=$(mktemp -d)
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
htpasswd -bcB -C 5 "$work/users" alice apple 2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/latchkey.yaml" <<END
http:
  port: $port
  auth:
    failDelay: 0
    htpasswd: { path: users }
    apiKeys: { administrators: { users: [alice] } }
    openid: { providers: { corp: { name: Corporate SSO, issuer: "http://127.0.0.1:1", clientid: x } } }
storage: { rootDirectory: data }
log: { level: error }
END
latchkey=$PWD/.build/debug/latchkey
(cd "$work" && exec "$latchkey" serve --config "$work/latchkey.yaml") &
server=$!
until curl -sf "http://127.0.0.1:$port/livez" >/dev/null; do sleep 0.1; done
mkdir -p docs/pictures
.build/python/bin/python fixtures/logins/chromium.py "http://127.0.0.1:$port" alice apple docs/pictures
# What a provider leads to.
LATCHKEY_PICTURES=$PWD/docs/pictures swift test --filter ChromiumTests.providers

#!/bin/bash
# What systemd-test.sh runs on its machine: the service, its socket, its secrets, its log, by systemd itself.
set -euo pipefail
say() { echo "ok: $*"; }
fail() {
    echo "FAILED: $*" >&2
    systemctl status --no-pager --full latchkey >&2 || true
    journalctl --no-pager --quiet -n 40 >&2 || true
    exit 1
}
eventually() {
    local what=$1
    shift
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "$what"
}
state() { systemctl show -p "$1" --value latchkey.service; }
is() { [ "$(state "$1")" = "$2" ]; }
status() { curl -s -o /dev/null -w '%{http_code}' "$@" || true; }
answers() { [ "$(status "${@:2}")" = "$1" ]; }
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
[ "$(cat /proc/1/comm)" = systemd ] || fail "process 1 is $(cat /proc/1/comm)"
ip link set lo up
url=http://127.0.0.1:8080
configuration=/etc/latchkey/latchkey.yaml

dpkg -i /latchkey.deb >/log 2>&1 || { cat /log; fail "dpkg -i"; }
[ "$(systemctl is-active latchkey)" != failed ] || fail "it failed as it was installed"
htpasswd -nbB amy apple >/etc/latchkey/htpasswd
chgrp latchkey /etc/latchkey/htpasswd
chmod 640 /etc/latchkey/htpasswd
sed -i 's|^    # htpasswd: .*|    htpasswd: { path: /etc/latchkey/htpasswd }|' $configuration
systemctl restart latchkey || fail "systemctl restart"
is ActiveState active || fail "it is not active"
answers 200 -u amy:apple $url/v2/ || fail "a login, as soon as systemctl returned (READY)"
answers 401 -u amy:pear $url/v2/ || fail "a wrong password"
key=$(curl -sf -u amy:apple -d '{}' $url/zot/auth/apikey | sed 's/.*"apiKey":"\([^"]*\)".*/\1/')
answers 200 -u "amy:$key" $url/auth/verify || fail "a key"
say "systemctl start waits for READY; a login and a key, under the unit's whole sandbox"
exposure=$(systemd-analyze security latchkey.service 2>/dev/null | awk '/Overall exposure/ { print $(NF - 2) }')
[ "$(echo "$exposure" | tr -d .)" -le 15 ] || fail "an exposure of $exposure"
say "exposure $exposure, as the running systemd counts it"
[ "$(stat -c %U "/proc/$(state MainPID)")" = latchkey ] || fail "it runs as somebody else"
grep -q '^CapEff:.*0000000000000000' "/proc/$(state MainPID)/status" || fail "it has capabilities"
grep -q '^Seccomp:.*2' "/proc/$(state MainPID)/status" || fail "no system call is filtered"
journalctl -u latchkey -o json --no-pager | grep -q '"PRIORITY":"6"' || fail "the journal knows no priorities"
say "its own user, no capabilities, filtered system calls, priorities in the journal"

before=$(state MainPID)
htpasswd -nbB bob berry >>/etc/latchkey/htpasswd
eventually "a changed file was not read again" answers 200 -u bob:berry $url/v2/
sed -i 's|^http:|http:\n  realm: Somewhere|' $configuration
systemctl reload latchkey || fail "systemctl reload"
eventually "a reload took nothing into force" grep -q 'realm="Somewhere' <(curl -si $url/v2/)
eventually "a reload was not told as done" is ActiveState active
cp $configuration /good
echo "nonsense: [" >>$configuration
systemctl reload latchkey || true
eventually "a broken configuration is not told" sh -c 'journalctl -u latchkey --no-pager | grep -qi "configuration"'
answers 200 -u "amy:$key" $url/auth/verify || fail "a broken configuration ended the old one"
cp /good $configuration
systemctl reload latchkey
[ "$(state MainPID)" = "$before" ] || fail "a reload started it anew"
say "reload: in force without a restart; a broken file leaves the old in force"

mkdir -p /etc/systemd/system/latchkey.service.d
printf '[Service]\nWatchdogSec=3\n' >/etc/systemd/system/latchkey.service.d/watchdog.conf
systemctl daemon-reload
systemctl restart latchkey
frozen=$(state MainPID)
sleep 7
[ "$(state MainPID)" = "$frozen" ] || fail "the watchdog ended what works"
kill -STOP "$frozen"
eventually "the watchdog let a frozen one be" sh -c "[ \$(systemctl show -p MainPID --value latchkey) != $frozen ]"
eventually "it did not come back after the watchdog" answers 200 -u "amy:$key" $url/auth/verify
say "the watchdog leaves alone what works, and starts anew what is frozen; the key is still good"
kill -KILL "$(state MainPID)"
eventually "it did not come back after a kill" answers 200 -u "amy:$key" $url/auth/verify
rm /etc/systemd/system/latchkey.service.d/watchdog.conf
systemctl daemon-reload

logrotate -f /etc/logrotate.d/latchkey
[ -e /var/log/latchkey/audit.log.1 ] || fail "logrotate"
eventually "the audit file was not opened anew" sh -c "curl -s -o /dev/null -u amy:pear $url/v2/; [ -s /var/log/latchkey/audit.log ]"
systemctl stop latchkey
is Result success || fail "it ended by $(state Result)"
latchkey audit verify /var/log/latchkey/audit.log.1 /var/log/latchkey/audit.log >/dev/null || fail "the chain"
say "logrotate by systemctl kill; the chain goes on; systemctl stop ends it well"

# A port below 1024, TLS, a key that only root may read.
mkdir -p /etc/latchkey/secrets /etc/systemd/system/latchkey.socket.d
openssl req -x509 -newkey rsa:2048 -nodes -keyout /etc/latchkey/secrets/key.pem -out /etc/latchkey/cert.pem -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
chmod 600 /etc/latchkey/secrets/key.pem
chmod 700 /etc/latchkey/secrets
chgrp latchkey /etc/latchkey/cert.pem
chmod 640 /etc/latchkey/cert.pem
printf '[Service]\nLoadCredential=key:/etc/latchkey/secrets/key.pem\n' >/etc/systemd/system/latchkey.service.d/key.conf
sed -i 's|^  address: .*|  listen: [systemd]|; s|^  port: .*|  tls: { cert: /etc/latchkey/cert.pem, key: "credential:key" }|' $configuration
systemctl daemon-reload
systemctl start latchkey.socket || fail "the socket"
[ "$(systemctl is-active latchkey.service)" != active ] || fail "the service runs before anybody has come"
secure=(--cacert /etc/latchkey/cert.pem)
answers 200 "${secure[@]}" -u "amy:$key" https://localhost/auth/verify || fail "the first connection to the socket"
say "the first connection to port 443 starts the service; the private key comes by LoadCredential"
runuser -u latchkey -- cat /etc/latchkey/secrets/key.pem 2>/dev/null && fail "its user can read the private key"
(for _ in $(seq 60); do status "${secure[@]}" -u "amy:$key" https://localhost/auth/verify; echo; done >/answers) &
for _ in 1 2 3; do systemctl restart latchkey.service; done
wait
[ "$(sort -u /answers)" = 200 ] || { sort /answers | uniq -c; fail "a restart lost a connection"; }
say "three restarts behind the socket, 60 requests meanwhile: all were answered"
if journalctl --no-pager --quiet -k | grep -i -e 'type=1326' -e 'segfault' -e 'general protection'; then fail "the kernel ended something"; fi
if journalctl --no-pager --quiet -u latchkey | grep -i "fatal error"; then fail "a crash"; fi

systemctl stop latchkey.socket latchkey.service
rm -r /etc/systemd/system/latchkey.service.d /etc/systemd/system/latchkey.socket.d
dpkg --purge latchkey >/log 2>&1 || { cat /log; fail "a purge"; }
[ ! -e /var/lib/private/latchkey ] && [ ! -e /var/log/private/latchkey ] && [ ! -e /var/lib/latchkey ] || fail "a purge leaves data"
[ "$(systemctl is-active latchkey)" != active ] || fail "a purge leaves it running"
say "a purge"

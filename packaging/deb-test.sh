#!/bin/sh
# Installs the package beside this machine, on a layer that is thrown away, and uses it as its unit would: deb-test.sh FILE.deb.
# Needs root. systemd itself does not run there: what it would do is looked at (`systemd-analyze`), and the rest is done by hand.
set -eu
deb=$(readlink -f "$1")
if [ -z "${LATCHKEY_LAYER:-}" ]; then
    exec env LATCHKEY_LAYER=1 unshare -mnpf --kill-child "$0" "$deb"
fi
ip link set lo up
layer=$(mktemp -d)
mount -t tmpfs none "$layer"
mkdir "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
mount -t proc none "$layer/root/proc"
mount --bind /dev "$layer/root/dev"
mount -t tmpfs none "$layer/root/run"
cp "$deb" "$layer/root/latchkey.deb"
cat >"$layer/root/test.sh" <<'END'
set -eu
fail() { echo "FAILED: $*" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
# Swift may not be found: the package must not need it.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
ls -A / /etc /var/lib /var/log /usr/bin >/before
dpkg -i /latchkey.deb >/log 2>&1 || { cat /log; fail "dpkg -i"; }
getent passwd latchkey >/dev/null || fail "there is no user"
latchkey --version
if ldd /usr/bin/latchkey | grep -q -e swift -e "not found"; then fail "it needs what Debian has not"; fi
exposure=$(systemd-analyze security --offline=true /lib/systemd/system/latchkey.service 2>/dev/null |
    awk '/Overall exposure/ { print $(NF - 2) }')
echo "exposure $exposure"
[ "$(echo "$exposure" | tr -d .)" -le 15 ] || fail "an exposure of over 1.5"
systemd-analyze verify --man=no /lib/systemd/system/latchkey.service /lib/systemd/system/latchkey.socket || fail "the units"
man -w latchkey latchkey-apikey-create >/dev/null 2>&1 || [ -e /usr/share/man/man1/latchkey-apikey-create.1.gz ] || fail "man pages"
bash -n /usr/share/bash-completion/completions/latchkey
# As the unit starts it: its user, its folders.
install -d -o latchkey -g latchkey -m 700 /var/lib/latchkey
install -d -o latchkey -g latchkey -m 750 /var/log/latchkey
latchkey check --config /etc/latchkey/latchkey.yaml
sed -i 's/port: 8080/port: 18999/; s|^    apikey: true|&\n    htpasswd: { path: /etc/latchkey/htpasswd }|' /etc/latchkey/latchkey.yaml
htpasswd -nbB amy apple >/etc/latchkey/htpasswd
chgrp latchkey /etc/latchkey/htpasswd
chmod 640 /etc/latchkey/htpasswd
setpriv --reuid latchkey --regid latchkey --clear-groups latchkey serve --config /etc/latchkey/latchkey.yaml 2>/log &
server=$!
for _ in $(seq 100); do curl -sf http://127.0.0.1:18999/healthz >/dev/null && break; sleep 0.1; done
cat /log
[ "$(curl -s -o /dev/null -w '%{http_code}' -u amy:apple http://127.0.0.1:18999/v2/)" = 200 ] || { cat /log; fail "a login"; }
curl -sf -u amy:apple -d '{}' http://127.0.0.1:18999/zot/auth/apikey >/dev/null || fail "a key"
logrotate -f /etc/logrotate.d/latchkey
[ -e /var/log/latchkey/audit.log.1 ] || fail "logrotate"
kill -USR1 $server
curl -s -o /dev/null -u amy:pear http://127.0.0.1:18999/v2/
for _ in $(seq 100); do [ -s /var/log/latchkey/audit.log ] && break; sleep 0.1; done
latchkey audit verify /var/log/latchkey/audit.log.1 /var/log/latchkey/audit.log || { ls -la /var/log/latchkey; cat /log; fail "the chain"; }
kill $server
wait $server || fail "the end"
# Once more over itself, as an upgrade.
dpkg -i /latchkey.deb >/log 2>&1 || { cat /log; fail "an upgrade"; }
grep -q 18999 /etc/latchkey/latchkey.yaml || fail "the operator's configuration is gone"
dpkg --purge latchkey >/log 2>&1 || { cat /log; fail "a purge"; }
ls -A / /etc /var/lib /var/log /usr/bin >/after
[ "$(diff /before /after | grep '^[<>]' | grep -v -e '/*after$' -e 'log$')" = "> latchkey" ] || { diff /before /after; fail "a purge leaves something"; }
[ "$(ls -A /etc/latchkey)" = htpasswd ] || fail "a purge takes, or leaves, what it should not: $(ls -A /etc/latchkey)"
if getent passwd latchkey >/dev/null || getent group latchkey >/dev/null; then fail "the user is still there"; fi
echo "the package is good"
END
chroot "$layer/root" sh /test.sh

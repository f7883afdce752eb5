#!/bin/sh
# Builds the image by buildah with chroot isolation, on a base of this machine's Debian mirror, and logs in to a server of it: container-test.sh FILE.deb.
# Needs root. No registry is asked: the base image is made here by mmdebstrap.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
buildah="buildah --root $work/root --runroot $work/run"
trap '$buildah rm --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
mkdir "$work/context"
cp "$1" "$root/packaging/Containerfile" "$work/context/"
mmdebstrap --quiet --variant=minbase --mode=root bookworm "$work/base.tar"
base=$($buildah from scratch)
$buildah add --quiet "$base" "$work/base.tar" / >/dev/null
$buildah commit --quiet "$base" localhost/base >/dev/null
$buildah build --quiet --build-arg BASE=localhost/base --tag localhost/latchkey "$work/context" >/dev/null
container=$($buildah from localhost/latchkey)
$buildah run "$container" -- /usr/bin/latchkey --version
# Only the layer above the base is ours.
$buildah inspect --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Entrypoint}} {{.OCIv1.Config.Cmd}}' "$container"
printf 'amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n' >"$work/htpasswd"
$buildah add --quiet --chown root:latchkey --chmod 640 "$container" "$work/htpasswd" /etc/latchkey/htpasswd >/dev/null
$buildah config --env LATCHKEY_HTTP_PORT=18997 --env LATCHKEY_HTTP_AUTH_HTPASSWD_PATH=/etc/latchkey/htpasswd "$container"
$buildah run "$container" -- /usr/bin/latchkey serve --config /etc/latchkey/latchkey.yaml 2>"$work/log" &
server=$!
for _ in $(seq 100); do curl -sf http://127.0.0.1:18997/healthz >/dev/null && break; sleep 0.1; done
status=$(curl -s -o /dev/null -w '%{http_code}' -u amy:apple -d '{}' http://127.0.0.1:18997/zot/auth/apikey)
pkill -TERM -f 'latchkey serve --config /etc/latchkey/latchkey.yaml' || true
wait $server || true
[ "$status" = 201 ] || { cat "$work/log"; echo "FAILED: making a key is $status" >&2; exit 1; }
echo "the image is good"

#!/bin/sh
# Packs what has been built for release: deb.sh LATCHKEY GENERATE-MANUAL FOLDER. The package lands in FOLDER, and lintian has looked at it.
set -eu
latchkey=$1 generate=$2
mkdir -p "$3"
folder=$(cd "$3" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$("$latchkey" --version | awk '{ print $2 }')
source=$work/latchkey-$version
mkdir -p "$source/stage/docs" "$source/stage/examples"
cp -r "$root/packaging/debian" "$source/debian"
cp "$latchkey" "$source/stage/latchkey"
cp "$root/packaging/latchkey.yaml" "$source/stage/latchkey.yaml"
"$root/packaging/manual.sh" "$latchkey" "$generate" "$source/stage"
cp -r "$root"/docs/*.md "$root/docs/audit.schema.json" "$root/docs/doors" "$source/stage/docs/"
cp "$root/config/latchkey.yaml" "$source/stage/examples/"
cp -r "$root/packaging/monitoring" "$source/stage/examples/"
cat >"$source/debian/changelog" <<END
latchkey ($version) unstable; urgency=medium

  * Built from commit $("$latchkey" --version | tr -d '()' | awk '{ print $3 }'); what changed is in CHANGELOG.md.

 -- Latchkey maintainers <maintainers@latchkey.example>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
cd "$source"
DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage --build=binary --no-sign --no-check-builddeps >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 1
}
lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$work"/latchkey_*.changes
cp "$work"/latchkey_*.deb "$folder/"
ls "$folder"/latchkey_*.deb

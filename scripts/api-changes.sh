#!/bin/sh
# Names what has changed in the libraries' API since the last tag so that code of before does not compile any more. Until there is a tag
# there is nothing to compare with; a change that is meant stands in CHANGELOG.md under "Breaking", and the tag's major or minor
# version says so.
set -eu
cd "$(dirname "$0")/.."
tag=$(git describe --tags --abbrev=0 2>/dev/null) || {
    echo "There is no tag yet: no API to compare with."
    exit 0
}
if swift package diagnose-api-breaking-changes "$tag"; then
    echo "The API is as it was at $tag, or more."
elif grep -q '^\*\*Breaking\*\*' CHANGELOG.md; then
    echo "The API has changed since $tag, and CHANGELOG.md says so."
else
    echo "The API has changed since $tag: say so in CHANGELOG.md, under **Breaking**." >&2
    exit 1
fi

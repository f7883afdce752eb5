#!/bin/sh
# Makes the man pages and the shell completions of the commands: manual.sh LATCHKEY GENERATE-MANUAL FOLDER.
set -eu
latchkey=$1 generate=$2 folder=$3
mkdir -p "$folder/man" "$folder/completions"
"$generate" "$latchkey" --multi-page --section 1 --date "$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F)" \
    --output-directory "$folder/man" >/dev/null
# A page's name has hyphens, as git's pages have (man-pages(7)): with the generator's dots and spaces nobody finds it.
for page in "$folder"/man/latchkey*.1; do
    name=$(basename "$page" .1 | tr . -)
    words=$(basename "$page" .1 | tr . ' ')
    sed -i -e "s/^\.Dt .*/.Dt $(echo "$name" | tr a-z A-Z) 1/" -e "s/^\.Nm \"*$words\"*\$/.Nm $name/" -e "s/^\.Nm\$/.Nm \"$words\"/" \
        -e '/^\.Xr latchkey/ s/\./-/g; s/^-Xr/.Xr/' "$page"
    [ "$page" = "$folder/man/$name.1" ] || mv "$page" "$folder/man/$name.1"
done
# It is read, not run.
"$latchkey" --generate-completion-script bash | sed '1 { /^#!/ d }' >"$folder/completions/latchkey.bash"
"$latchkey" --generate-completion-script zsh >"$folder/completions/_latchkey"
"$latchkey" --generate-completion-script fish >"$folder/completions/latchkey.fish"

#!/usr/bin/env bash
# picture.sh REPO [WEIR]: draws what `weir` answers for a git repository as docs/picture/report.svg, and
# the same as text in docs/picture/report.txt. The colours of the terminal become classes of a style sheet that
# follows the reader's light or dark setting; nothing is drawn that the program did not print.
set -euo pipefail
repository=$(realpath "${1:?picture.sh REPO [WEIR]}")
cd "$(dirname "$0")/.."
weir=$(realpath "${2:-build/weir}")
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | *COLOR* | PAGER | COLUMNS) unset "$variable" ;; esac
done
export LC_ALL=C.UTF-8 TZ=UTC
mkdir -p docs/picture
said() { # up to what only concerns this machine
    "$weir" -C "$repository" --store "$store/picture.duckdb" --color "$1" |
        sed '/^A git history does not tell/,$d' | sed '$d'
}
said never >docs/picture/report.txt
said always | python3 scripts/picture.py >docs/picture/report.svg

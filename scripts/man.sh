#!/usr/bin/env bash
# man.sh WEIR DIR: manual pages, made by scdoc from what the program says about itself.
set -euo pipefail
weir=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "$0")/.."
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
for page in $("$weir" help --man pages); do
    "$weir" help --man "$page" docs/model.md | scdoc >"$out/$page"
done

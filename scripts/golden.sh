#!/usr/bin/env bash
# golden.sh [--check] [WEIR]: rewrites the expected texts under test/golden with what the program says
# now, or compares them. Read the difference before committing it.
set -euo pipefail
check=
if [ "${1:-}" = --check ]; then check=yes && shift; fi
cd "$(dirname "$0")/.."
weir=$(realpath "${1:-build/weir}")
out=test/golden
if [ -n "$check" ]; then
    out=$(mktemp -d)
    trap 'rm -rf "$out"' EXIT
fi
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS) unset "$variable" ;; esac
done
export TZ=UTC HOME=/nonexistent
mkdir -p "$out/help"
rm -f "$out"/help/*
for locale in C.UTF-8 C; do
    export LC_ALL=$locale
    suffix=$([ $locale = C ] && echo .ascii || true)
    "$weir" help >"$out/help/overview$suffix.txt"
    "$weir" -h >"$out/help/short$suffix.txt"
    "$weir" help json >"$out/help/json$suffix.txt"
done
export LC_ALL=C.UTF-8
for command in $("$weir" completion --words commands); do
    "$weir" help "$command" >"$out/help/$command.txt"
    "$weir" "$command" -h >"$out/help/$command.short.txt"
done
"$weir" help --color always >"$out/help/overview.colour.txt"
if [ -n "$check" ]; then
    diff -ru test/golden/help "$out/help" || {
        echo "The help reads otherwise than expected. If it should:  scripts/golden.sh" >&2
        exit 1
    }
fi

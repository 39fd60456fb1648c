#!/usr/bin/env bash
# golden.sh WEIR: the help reads as the files under test/golden say; scripts/golden.sh rewrites them.
exec "$(dirname "$0")/../../scripts/golden.sh" --check "$1"

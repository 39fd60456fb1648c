#!/usr/bin/env bash
# The whole test-suite: the dev build (AddressSanitizer, UBSan) under ctest, then the command line end
# to end with the release program.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)
cmake --preset dev >/dev/null
cmake --build --preset dev -- -j"$jobs"
make --no-print-directory build
ctest --preset dev -j"$jobs" "$@"

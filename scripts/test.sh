#!/usr/bin/env bash
# The whole test-suite under ctest: the dev build (AddressSanitizer, UBSan), the command line from outside
# included. The release build is made too, so that it cannot break unseen.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)
cmake --preset dev >/dev/null
cmake --build --preset dev -- -j"$jobs"
make --no-print-directory build
ctest --preset dev -j"$jobs" "$@"

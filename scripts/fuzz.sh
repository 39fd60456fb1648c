#!/usr/bin/env bash
# Fuzzes every decoder for FUZZ_SECONDS (default 20): `scripts/fuzz.sh [NAME…]` (default: all of them).
# What is found new stays in build/fuzz/corpus; an input that breaks a decoder in build/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-20}
WEIR_DEPS=all scripts/deps.sh
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target fuzzers -- -j"$(nproc)"

if [ $# -eq 0 ]; then
    for path in fuzz/*.c; do
        name=$(basename "$path" .c)
        [ "$name" = replay ] || set -- "$@" "$name"
    done
fi
mkdir -p build/fuzz/found
failed=0
for name in "$@"; do
    work=build/fuzz/corpus/$name
    mkdir -p "$work"
    log=build/fuzz/$name.log
    echo "weir: fuzzing $name for $seconds s"
    if build/fuzz/fuzz/fuzz_"$name" "$work" "fuzz/corpus/$name" -max_total_time="$seconds" \
        -rss_limit_mb=1536 -malloc_limit_mb=1024 -timeout=10 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/found/$name-" >"$log" 2>&1; then
        grep -E 'number_of_executed_units|peak_rss_mb' "$log" | sed 's/^stat::/  /'
    else
        echo "weir: $name broke; the input is in build/fuzz/found, the report in $log" >&2
        tail -n 40 "$log" >&2
        failed=1
    fi
done
exit $failed

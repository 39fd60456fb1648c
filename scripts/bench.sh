#!/usr/bin/env bash
# Measures weir side by side with its peers and writes one JSON document a measurement into
# build/bench/. BENCH_EVENTS sets the size (default: that of each goal), BENCH_RUNS the number of
# runs (5), BENCH_GIT the repositories (separated by colons; default: one is made), BENCH_TOPICS which
# (csv map xes git program). Takes a quarter of an hour and 3 GB of disk at full size.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release >/dev/null
cmake --build --preset release --target benches -- -j"$(nproc)"
out=build/bench
mkdir -p "$out"
scratch=$(mktemp -d "$out/scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
failed=0
for topic in ${BENCH_TOPICS:-csv map xes git program}; do
    "build/release/bench/bench_$topic" --out "$out" --scratch "$scratch" --weir build/release/weir "$@" ||
        failed=1
done
exit $failed

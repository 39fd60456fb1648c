#!/usr/bin/env bash
# Runs every measurement at a small size and checks that its results are well-formed. Says nothing
# about speed: the sizes are too small and the machine is shared. quick.sh PROGRAMS WEIR
set -euo pipefail
programs=$1 weir=$2
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir "$room/out"
for topic in csv map xes git program; do
    "$programs/bench_$topic" --quick --out "$room/out" --scratch "$room" --weir "$weir" >/dev/null
done
"$programs/bench_check" "$room/out" csv_map_typed_2 csv_map_text_2 csv_memory_map csv_disk_map \
    map_sums_1 map_sums_2 map_exact_1 map_exact_2 clock_sums clock_exact xes git_metadata_made \
    git_names_made memory_import memory_map weir_map

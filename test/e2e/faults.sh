#!/usr/bin/env bash
# faults.sh WEIR: the n-th allocation, and a write beyond n bytes, fail in the middle of `weir import`.
# Whatever n: the import succeeds, or ends with exit code 2 and a sentence; afterwards the store is
# sound, holds nothing or all of a small input, and the same import again completes it exactly.
#
# Bounded by WEIR_FAULT_SECONDS (default 20) for each of the two kinds, taking every
# WEIR_FAULT_STEP-th n (default 7); WEIR_FAULT_ALL=1 takes every n, however long it lasts.
set -uo pipefail
weir=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
seconds=${WEIR_FAULT_SECONDS:-20} step=${WEIR_FAULT_STEP:-7}
[ -n "${WEIR_FAULT_ALL:-}" ] && seconds=1000000 step=1
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | TZ) unset "$variable" ;; esac
done
export HOME=$root LC_ALL=C.UTF-8
# an end by _exit in the middle leaves memory: that is the point
export ASAN_OPTIONS=detect_leaks=0
cd "$root" || exit 2
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

events=3000
awk -v n=$events 'BEGIN {
    print "case,activity,time,team"
    for (i = 0; i < n; i++)
        printf "c%d,step %d,2026-01-%02dT%02d:%02d:00Z,t%d\n", i % 400, i % 9, 1 + i % 28, i % 24, i % 60, i % 5
    print "c1,broken,no time,t1"
}' >log.csv

count() { # events in the store; 0 without one
    [ -e store.duckdb ] || { echo 0; return; }
    "$weir" sql --store store.duckdb --output csv 'SELECT count(*) FROM event' 2>"$root/err" | tail -1 | tr -d '\r'
}

# What an import left behind that was hindered by $1 and ended with code $2.
judge() {
    local how=$1 code=$2
    case $code in
    3) [ -s hindered.out ] || fail "$how: no answer" ;;
    2)
        [ "$(grep -c '^weir: ' hindered.err)" = 1 ] || fail "$how: not one sentence: $(cat hindered.err)"
        ;;
    *) fail "$how: exit code $code: $(cat hindered.err)" ;;
    esac
    if [ -e store.duckdb ]; then
        "$weir" store verify --store store.duckdb >verify.out 2>&1 ||
            { grep -q "is not a store\|no store\|not a weir store" verify.out && [ "$code" = 2 ]; } ||
            fail "$how: the store is not sound: $(cat verify.out)"
    fi
    local before after
    before=$(count)
    [ "$code" = 3 ] && [ "$before" != $events ] && fail "$how: succeeded with $before events"
    [ "$before" = 0 ] || [ "$before" = $events ] || fail "$how: half an import: $before events"
    "$weir" import --store store.duckdb log.csv >again.out 2>again.err
    [ $? = 3 ] || fail "$how: the import again: $(cat again.err)"
    after=$(count)
    [ "$after" = $events ] || fail "$how: $after events after the import again"
    "$weir" store verify --store store.duckdb >verify.out 2>&1 || fail "$how: again: $(cat verify.out)"
}

fresh() {
    rm -f store.duckdb* hindered.*
    [ "$1" = new ] || cp filled.duckdb store.duckdb # opening what is there takes other ways
}

head -1 log.csv >one.csv && echo c1,broken,no time,t1 >>one.csv
"$weir" import --store filled.duckdb one.csv >/dev/null 2>&1 # a store with a reject and no event

# through KIND N STEP: n grows until the import no longer fails
through() {
    local kind=$1 n=$2 grow=$3 runs=0 ended=0 fine=0 code end=$((SECONDS + seconds))
    while [ $SECONDS -lt $end ]; do
        fresh "$([ $((runs % 4)) = 3 ] && echo old || echo new)"
        if [ "$kind" = allocation ]; then
            WEIR_FAIL_ALLOC=$n "$weir" import --store store.duckdb log.csv >hindered.out 2>hindered.err
        else
            # SIGXFSZ ignored: write then says EFBIG. Blocks of 1 KiB.
            (trap '' XFSZ && ulimit -f "$n" && exec "$weir" import --store store.duckdb log.csv) \
                >hindered.out 2>hindered.err
        fi
        code=$?
        runs=$((runs + 1))
        [ $code = 2 ] && ended=$((ended + 1))
        judge "$kind $n" $code
        [ $failures -lt 5 ] || break
        fine=$([ $code = 3 ] && echo $((fine + 1)) || echo 0)
        [ "$fine" -lt 4 ] || break
        n=$((n + grow))
    done
    echo "$kind: $runs runs, $ended of them stopped, up to number $n"
    [ $ended -gt 0 ] || fail "$kind: no run was stopped"
}

through allocation 1 "$step"
through write 1 $((step * 29))
[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

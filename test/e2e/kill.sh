#!/usr/bin/env bash
# kill.sh WEIR: kill -9 at random moments of `weir import`. Afterwards the store is sound, holds whole
# groups of the input and nothing twice, and the import again completes it.
# WEIR_KILLS (default 6) is how often; WEIR_KILL_SEED makes the moments those of an earlier run.
set -uo pipefail
weir=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
kills=${WEIR_KILLS:-6} seed=${WEIR_KILL_SEED:-$$}
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | TZ) unset "$variable" ;; esac
done
export HOME=$root LC_ALL=C.UTF-8
cd "$root" || exit 2
RANDOM=$seed
failures=0

fail() {
    echo "FAILED (seed $seed): $*"
    failures=$((failures + 1))
}

# more than a group, so that some kills fall between commits
events=700000
awk -v n=$events 'BEGIN {
    print "case,activity,time"
    for (i = 0; i < n; i++)
        printf "c%d,step %d,2026-01-%02dT%02d:%02d:00Z\n", i % 40000, i % 9, 1 + i % 28, i % 24, i % 60
}' >log.csv

count() {
    [ -e store.duckdb ] || { echo 0; return; }
    "$weir" sql --store store.duckdb --output csv \
        'SELECT count(*) FROM event' 2>/dev/null | tail -1 | tr -d '\r'
}

began=$(date +%s%N)
"$weir" import --store whole.duckdb log.csv >/dev/null 2>&1 || fail "the import that nobody kills"
took=$((($(date +%s%N) - began) / 1000000)) # ms
rm -f whole.duckdb
caught=0 between=0 before=0
for ((i = 0; i < kills; i++)); do
    [ $((i % 4)) != 0 ] || { rm -f store.duckdb*; before=0; } # others go on with what is there
    "$weir" import --store store.duckdb log.csv >/dev/null 2>err &
    pid=$!
    ms=$((RANDOM * RANDOM % (took + took / 10 + 1)))
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -9 $pid 2>/dev/null && caught=$((caught + 1))
    wait $pid 2>/dev/null
    if [ -e store.duckdb ]; then
        "$weir" store verify --store store.duckdb >verify.out 2>&1 ||
            fail "killed after $ms ms: $(cat verify.out)"
    fi
    now=$(count)
    [ "${now:-x}" -ge "$before" ] 2>/dev/null || fail "killed after $ms ms: $before events, then $now"
    [ "${now:-0}" -gt 0 ] && [ "${now:-0}" -lt $events ] && between=$((between + 1))
    before=${now:-0}
done
"$weir" import --store store.duckdb log.csv >/dev/null 2>err || fail "the import again: $(cat err)"
[ "$(count)" = $events ] || fail "$(count) events at the end, not $events"
twice=$("$weir" sql --store store.duckdb --output csv \
    'SELECT count(*) FROM (SELECT item, activity, time FROM event GROUP BY ALL HAVING count(*) > 1)' 2>err |
    tail -1 | tr -d '\r')
once=$(tail -n +2 log.csv | sort | uniq -d | wc -l)
[ "$twice" = "$once" ] || fail "$twice rows stand more than once in the store, $once in the file $(cat err)"
"$weir" store verify --store store.duckdb >verify.out 2>&1 || fail "at the end: $(cat verify.out)"
echo "$kills imports of $took ms, $caught caught alive, $between stores half full (seed $seed)"
[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

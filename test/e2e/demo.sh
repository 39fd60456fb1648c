#!/usr/bin/env bash
# The simulated studio: made once, adding nothing the second time, every answer saying that it is
# simulated, and the constraint that was put in found again.
# demo.sh WEIR
set -u
weir=$(realpath "$1")
command -v jq >/dev/null || { echo "jq is not installed: skipped"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$root" || exit 1
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS) unset "$variable" ;; esac
done
export XDG_DATA_HOME=$root/data XDG_CONFIG_HOME=$root/config HOME=$root NO_COLOR=1 TZ=UTC LC_ALL=C.UTF-8
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
is() { [ "$2" = "$3" ] || fail "$1: \"$2\" instead of \"$3\""; }
has() { grep -q -- "$2" "$3" || fail "$1: no \"$2\" in: $(cat "$3")"; }

echo "made"
WEIR_STORE=$root/real.duckdb "$weir" demo >first.txt || fail "demo: $?"
[ ! -e real.duckdb ] || fail "the store of WEIR_STORE was touched"
store=$root/data/weir/demo.duckdb
[ -f "$store" ] || fail "it is not in the data folder"
has "it says what it is" "This is simulated" first.txt
has "it says what to look at next" "weir map --store $store" first.txt
"$weir" demo --json >second.json || fail "demo --json: $?"
is "again, nothing is added" "$(jq .new second.json)" 0
is "events" "$(jq .events second.json)" 15878
is "all are stored" "$("$weir" sql 'SELECT count(*) FROM event' --plain -q --store "$store")" 15878
"$weir" demo --store other.duckdb >/dev/null || fail "demo --store: $?"
dump() { "$weir" sql 'SELECT time, type, item, activity, life, actor, team, attrs FROM event ORDER BY seq' \
    --plain -q --store "$1" | sha256sum; }
is "the same seed, the same events" "$(dump other.duckdb)" "$(dump "$store")"

echo "more months, other seeds, other data"
"$weir" demo --store short.duckdb --months 5 --json >short.json || fail "five months: $?"
"$weir" demo --store short.duckdb --months 18 --json >long.json || fail "then eighteen: $?"
is "more months add the rest" "$(($(jq .new short.json) + $(jq .new long.json)))" 15878
is "in the same order" "$(dump short.duckdb)" "$(dump "$store")"
"$weir" demo --store short.duckdb --seed 4 2>error.txt
is "another seed in the same store" $? 2
has "the sentence" "holds the studio of seed 17" error.txt
echo '{"id":"1","time":"2026-03-02T08:00:00Z","type":"issue.created","item":"issue:DRV-17"}' >real.ndjson
"$weir" import -q real.ndjson --store real.duckdb || fail "import: $?"
"$weir" demo --store real.duckdb 2>error.txt
is "no simulation among real events" $? 2
has "the sentence" "events that are not simulated" error.txt
is "they stay as they were" "$("$weir" sql 'SELECT count(*) FROM event' --plain --store real.duckdb)" 1
"$weir" demo --months 0 --store none.duckdb 2>error.txt
is "no months" $? 2
[ ! -e none.duckdb ] || fail "a store was made for nothing"

echo "looked at"
number=0
for command in map constraint "items --aging" "item LOBBY-17" flow metrics status doctor "store info"; do
    read -ra words <<<"$command"
    number=$((number + 1))
    "$weir" "${words[@]}" --json --store "$store" >"doc.$number" 2>err || [ $? = 1 ] || fail "$command: $(cat err)"
    is "$command says that it is simulated" "$(jq '[.notes[] | select(startswith("simulated: "))] | length > 0' "doc.$number")" true
done
"$weir" map --store "$store" >/dev/null 2>err
has "and so for people" "simulated: " err
is "real data say nothing of it" "$("$weir" map --json --store real.duckdb 2>&1 | grep -c simulated)" 0

echo "compared with what was put in"
truth() { jq "$1" second.json; }
near() { # WHAT FOUND PUT_IN PART: they differ by no more than that part
    jq -en "($2 - $3) | fabs <= $4 * $3" >/dev/null || fail "$1: $2, but $3 was put in"
}
"$weir" map --json -q --store "$store" >map.json
"$weir" constraint --json -q --store "$store" >constraint.json
is "items" "$(jq .items map.json)" "$(truth .truth.issues)"
is "the constraint" "$(jq -r '"\(.verdict) \(.stage)"' constraint.json)" "likely Ready for QA"
share() { jq "[.stages[] | select(.stage == \"$1\") | .share_of_lead] | add" constraint.json; }
for pair in "Ready for QA/qa_queue" "In test/qa_test" "release/release"; do
    # weir counts open items, too
    near "share of ${pair%/*}" "$(share "${pair%/*}")" "$(truth ".truth.share_of_lead.${pair#*/}")" .25
done
"$weir" items --json -q --store "$store" >/dev/null || fail "items: $?"
lead() { "$weir" item "$1" --json -q --store "$store" | jq -r "$2"; }
titled() { "$weir" sql "SELECT item FROM event WHERE type = 'issue.created' AND attrs LIKE '%$1%'" --plain -q --store "$store"; }
search=$(titled 'player search is slow') invite=$(titled 'invite a friend')
is "the slow search was mended" "$(lead "$search" .state)" finished
is "the invite button is in use" "$(lead "$invite" .state)" finished
is "the flag" "$(lead "$invite" '[.members[] | select(.type == "flag")] | length')" 1
is "the index" "$("$weir" sql "SELECT count(*) FROM event WHERE type = 'migration'" --plain -q --store "$store")" 1
"$weir" metrics dora --json -q --store "$store" >dora.json || fail "metrics dora: $?"
is "deployments" "$(jq .dora.deployment_frequency.n dora.json)" \
    "$(($(truth .truth.releases) + $(truth .truth.incidents)))"
is "most commits have their deployment" "$(jq '.dora.lead_time_for_changes.n > 1000' dora.json)" true

echo "another studio, of another truth"
"$weir" demo --seed 2 --store two.duckdb --json -q >two.json
is "the release was put in" "$(jq '.truth.share_of_lead | .release > 1.5 * .qa_queue' two.json)" true
is "and found" "$("$weir" constraint --json -q --store two.duckdb | jq -r '"\(.verdict) \(.stage)"')" "likely release"

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

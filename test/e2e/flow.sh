#!/usr/bin/env bash
# flow.sh WEIR: what the map says of rework and hand-overs, and the metrics of the weeks, on a log small
# enough to count by hand.
set -uo pipefail
weir=$(realpath "$1")
command -v jq >/dev/null || { echo "left out: there is no jq"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root/home LC_ALL=C.UTF-8
mkdir -p "$HOME"
cd "$root" || exit 2
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# is WHAT EXPECTED JQ COMMAND…
is() {
    local what=$1 expected=$2 filter=$3 got
    shift 3
    got=$("$weir" "$@" --store log.duckdb --json | jq -c "$filter")
    [ "$got" = "$expected" ] || fail "$what: $got, not $expected"
}

# 2026-03-02 is a Monday. b comes back to dev, by another person; c directly by the same.
cat >log.csv <<'CSV'
case,activity,time,resource,team
a,dev,2026-03-02T10:00:00Z,ann,left
a,qa,2026-03-04T10:00:00Z,bob,right
b,dev,2026-03-03T10:00:00Z,ann,left
b,qa,2026-03-05T10:00:00Z,bob,right
b,dev,2026-03-09T10:00:00Z,cat,left
b,qa,2026-03-12T10:00:00Z,,right
c,dev,2026-03-10T10:00:00Z,ann,left
c,dev,2026-03-11T10:00:00Z,ann,left
c,ops,2026-03-18T10:00:00Z,dan,
CSV
"$weir" import log.csv --store log.duckdb >/dev/null || fail "import"

people() {
    is "rework" '[3,2,0.6666666666666666,3]' '.rework | [.n, .items, .share, .visits]' "$@"
    is "rework of stages" '[["dev",3,5,2,2,1,1,1,0],["qa",2,3,1,1,0,0,0,1]]' \
        '[.rework.stages[] | [.name, .items, .visits, .again_items, .again_visits, .self_loops, .repeat,
            .redo, .by_unknown]]' "$@"
    # b: ann bob, bob cat; a: ann bob; c: ann ann, ann dan. b's last visit is by nobody that is known
    is "persons" '[6,5,0.8333333333333334,4,0.8]' \
        '.handovers | [.visit_pairs, (.persons | .n, .coverage, .proper, .share)]' "$@"
    is "teams" '[5,4,2,2,4]' \
        '.handovers.teams | [.n, .proper, .teams, .small_teams, .unlisted]' "$@"
    is "teams of few are not named" '[[],[],2]' \
        '[.handovers.pairs, .rework.ping_pong.pairs, .rework.ping_pong.unlisted]' "$@"
    is "nobody is named" 0 '[.. | strings | select(test("\\b(ann|bob|cat|dan|left|right)\\b"))] | length' "$@"
    is "ping-pong" '[3,1]' '.rework.ping_pong | [.n, .items]' "$@"
}
echo "rework and hand-overs, without weaving and woven"
people map
people map --where type=case --from 2026-01-01
printf 'privacy: {minimum_group: 1}\n' >weir.yaml
is "hand-overs of teams" '[["left","right",3],["right","left",1]]' \
    '[.handovers.pairs[] | [.from, .to, .count]]' map
is "ping-pong of teams" '[["left","right",1],["right","left",1]]' \
    '[.rework.ping_pong.pairs[] | [.from, .to, .count]]' map
rm weir.yaml
said=$("$weir" map --store log.duckdb)
for line in 'Rework: 2 of 3 items (67 %)*3 visits*' '*persons: 4 of 5 pairs*known in 83 %*' \
    '*teams: 4 of 5 pairs*' '*Ping-pong: 1 of 3 items*' '*2 of 2 teams have fewer than 5 people*'; do
    # shellcheck disable=SC2053
    [[ $(tr '\n' ' ' <<<"$said") == *$line* ]] || fail "map does not say: $line"
done
grep -qE 'ann|bob|cat|dan|left|right' <<<"$said" && fail "map names somebody"
[ "$(wc -L <<<"$said")" -le 80 ] || fail "map is wider than 80 columns"

echo "weeks"
weeks='[.weeks[] | [.from[:10], .arrivals, .completions, .wip_at_start, .partial]]'
is "weeks" '[["2026-03-02",2,1,0,true],["2026-03-09",1,1,1,false],["2026-03-16",0,1,1,true]]' "$weeks" \
    metrics flow
# in Auckland a Monday begins at 11:00 UTC of the Sunday before
is "weeks in a zone" '["2026-03-01T11:00:00.000000Z",2,1]' \
    '.weeks[0] | [.from, .arrivals, .completions]' metrics flow --tz Pacific/Auckland
# 2 + 9 + 8 days in 16; as everything is finished the law holds exactly
is "Little" '[3,1.1875,0.1875,547200,0,547200]' \
    '.little | [.n, .wip, .finished_per_day, .mean_lead_s, .residual, .average_lead_s]' metrics flow
# 9 March to 16 March: b and c are there, b for 3 days and 10 hours, c for 5 days and 14 hours
window='metrics flow --from 2026-03-09 --to 2026-03-16'
# shellcheck disable=SC2086
is "a window" '[["2026-03-09",1,1,1,false]]' "$weeks" $window
# shellcheck disable=SC2086
is "Little in a window: b alone is finished, after 9 days" '[1,1.2857142857142858,0,777600,1]' \
    '[.little.n, .little.wip, (.little.residual * 1e9 | round), (.little.average_lead_s | round), .flow.velocity.value]' \
    $window
# shellcheck disable=SC2086
is "load: two were in progress, of which one is done" '[2,1]' '[.flow.load.n, .flow.time.n]' $window
is "no stages, no cumulative flow" null '.weeks[0].cumulative' metrics flow
is "the notes say so" true '[.notes[] | test("no order of stages")] | any' metrics flow
cat >weir.yaml <<'YAML'
stages:
  - {name: dev, match: {activity: [dev]}}
  - {name: qa, match: {activity: [qa]}}
  - {name: ops, category: done, match: {activity: [ops]}}
YAML
is "cumulative flow: who comes back is not taken away" \
    '[{"dev":2,"qa":2,"ops":0},{"dev":3,"qa":2,"ops":0},{"dev":3,"qa":3,"ops":1}]' \
    '[.weeks[].cumulative]' metrics flow
is "only c is done: the law does not hold" '[true,null]' \
    '[.little.residual > .little.limit, .little.average_lead_s]' metrics flow
"$weir" metrics flow --store log.duckdb | tr '\n' ' ' | grep -q 'not stable in this *window' ||
    fail "the refusal of an average"
rm weir.yaml
[ "$("$weir" metrics flow --by week --plain --store log.duckdb | cut -f 3-6 | tr '\t\n' ',;')" = \
    "2,1,0,true;1,1,1,false;0,1,1,true;" ] || fail "weeks for a script"
[ "$("$weir" metrics --output csv --store log.duckdb | grep -c 2026)" = 0 ] || fail "weeks among the metrics"
[ "$("$weir" metrics flow --weeks 2 --store log.duckdb | grep -cE '^2026-03-[0-9]+ ')" = 2 ] ||
    fail "--weeks 2"

echo "ages"
printf '1,New,2026-03-18T10:00:00Z,New\n2,QA,2026-03-20,QA\n' |
    cat <(printf 'case,activity,time,lifecycle:transition\n') - >open.csv
for i in 1 2 3 4; do
    printf '%s,New,2026-01-01,New\n%s,closed,2026-01-0%s,closed\n' "d$i" "d$i" $((1 + i))
done >>open.csv
"$weir" import open.csv --store open.duckdb >/dev/null || fail "import"
got=$("$weir" items --aging --store open.duckdb --json | jq -c '[.finished, [.items[] | [.id, .age_percentile]]]')
[ "$got" = '[4,[["1",0.25],["2",0]]]' ] || fail "age: $got"

echo "changes"
cat >changes.ndjson <<'NDJSON'
{"id":"1","time":"2026-03-02T09:00:00Z","type":"change.created","item":"change:42","stage":"created","actor":"ann"}
{"id":"2","time":"2026-03-02T11:00:00Z","type":"change.reviewed","item":"change:42","stage":"changes requested","actor":"bob"}
{"id":"3","time":"2026-03-02T12:00:00Z","type":"change.updated","item":"change:42","stage":"updated","actor":"ann"}
{"id":"4","time":"2026-03-02T14:00:00Z","type":"change.reviewed","item":"change:42","stage":"reviewed","actor":"bob","attrs":{"state":"approved"}}
{"id":"5","time":"2026-03-02T15:00:00Z","type":"change.merged","item":"change:42","stage":"merged","actor":"ann"}
{"id":"6","time":"2026-03-03T10:00:00Z","type":"change.created","item":"change:43","stage":"created","actor":"ann"}
{"id":"7","time":"2026-03-03T12:00:00Z","type":"change.merged","item":"change:43","stage":"merged","actor":"ann"}
{"id":"8","time":"2026-03-04T12:00:00Z","type":"change.created","item":"change:44","stage":"created","actor":"eve"}
NDJSON
rm log.duckdb
"$weir" import changes.ndjson --store log.duckdb >/dev/null || fail "import of changes"
is "phases" '[2,{"no_end":1},[["author_turn",3600,1],["coding",null,0],["cycle",14400,2],["merge_wait",3600,1],["pickup",7200,1],["review",10800,1],["reviewer_turn",7200,1],["unreviewed",7200,1]]]' \
    '.changes | [.merged, .excluded, [.phases | to_entries | sort_by(.key)[] | [.key, .value.value, .value.n]]]' \
    metrics dora
is "phases of another program" '["mean",7200,10800,3600,14400,null]' \
    '.changes | [.statistic, (.phases | .first_response, .rework, .merge, .cycle, .first_commit_to_open | .value)]' \
    metrics dora --rule middleware
is "changes in a window" '[1,{"no_end":1,"outside_window":1}]' '.changes | [.merged, .excluded]' \
    metrics dora --from 2026-03-03
is "nobody is named" 0 '[.. | strings | select(test("\\b(ann|bob|eve)\\b"))] | length' metrics
said=$("$weir" metrics dora --store log.duckdb | tr '\n' ' ')
for line in '*Merged changes: 2; medians by the rule weir, on the wall clock*' '*change_pickup * 2.0h *1 *50 %*' \
    '*change_coding: not measurable: no commit of a merged change is *known*' '*Changes left out: 1 not merged.*'; do
    # shellcheck disable=SC2053
    [[ $said == $line ]] || fail "metrics does not say: $line"
done
[ "$("$weir" metrics --output csv --store log.duckdb | grep -c '^metric,')" = 1 ] || fail "one head"
"$weir" metrics dora --plain --store log.duckdb | grep -q $'^change_cycle\t14400\t' || fail "rows for programs"

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

#!/usr/bin/env bash
# delivery.sh WEIR: a delivery log from its three files to the metrics, as a script sees it.
set -uo pipefail
weir=$(realpath "$1")
shared=$(realpath "$(dirname "$0")/../../..")/shared/data
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root/home LC_ALL=C.UTF-8
mkdir -p "$HOME" "$root/log"
cd "$root" || exit 2
command -v jq >/dev/null || { echo "jq is not here: skipped"; exit 77; }
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# is WHAT EXPECTED JQ ARGUMENTS…: the answer of weir metrics dora --json ARGUMENTS
is() {
    local what=$1 expected=$2 filter=$3 got
    shift 3
    got=$("$weir" metrics dora --store log.duckdb --json "$@" | jq -c "$filter")
    [ "$got" = "$expected" ] || fail "$what: $got, not $expected"
}

cat >log/deployments.csv <<'CSV'
id,started,finished,environment,result,kind,planned,service,commit
d1,2026-03-02T09:50:00Z,2026-03-02T10:00:00Z,production,success,release,yes,web,c1
d2,2026-03-03T09:50:00Z,2026-03-03T10:00:00Z,production,success,release,,web,c3
s1,2026-03-03T09:00:00Z,2026-03-03T09:30:00Z,staging,success,release,,web,c3
f1,2026-03-04T09:50:00Z,2026-03-04T10:00:00Z,production,failure,release,,web,c4
d3,2026-03-04T11:50:00Z,2026-03-04T12:00:00Z,production,success,hotfix,,web,c4
d4,2026-03-05T09:50:00Z,2026-03-05T10:00:00Z,production,success,release,,api,a1
CSV
cat >log/changes.csv <<'CSV'
commit,pr,committed,pr_opened,pr_merged,deployment
c1,1,2026-03-01T10:00:00Z,2026-03-01T12:00:00Z,2026-03-02T08:00:00Z,d1
c3,2,2026-03-02T14:00:00Z,2026-03-02T13:00:00Z,2026-03-03T09:00:00Z,d2
c4,3,2026-03-04T11:00:00Z,,,d3
a1,5,2026-03-05T12:00:00Z,2026-03-04T10:00:00Z,2026-03-05T09:00:00Z,d4
x9,6,2026-03-06T10:00:00Z,2026-03-06T10:00:00Z,,
CSV
echo "without incidents: unknown, not none"
"$weir" import --store log.duckdb --format delivery log >/dev/null || fail "import"
is "no incidents" '[null,"not measurable: no incidents are told of",0]' \
    '.dora.change_fail_rate | [.value, .note, .n]'
"$weir" metrics dora --store log.duckdb | grep -q '^change_fail_rate: not measurable: no incidents' ||
    fail "the line that says what is not measurable"
echo 'id,created,resolved,caused_by_deployment,service' >log/incidents.csv
"$weir" import --store log.duckdb log >/dev/null || fail "import, recognised by content"
is "incidents, none of them" '[0,4]' '.dora.change_fail_rate | [.value, .n]'

echo "with incidents"
cat >>log/incidents.csv <<'CSV'
i1,2026-03-03T10:00:00Z,2026-03-03T13:00:30Z,,web
i2,2026-03-03T11:00:00Z,2026-03-04T12:00:00Z,,web
i3,2026-03-03T12:00:00Z,,,web
i4,2026-03-08T00:00:00Z,2026-03-08T06:00:00Z,d4,api
i0,2026-03-01T00:00:00Z,2026-03-01T01:00:00Z,,web
CSV
counts=$("$weir" import --store log.duckdb --json log | jq -c '[.events, .duplicates, .rejected]')
[ "$counts" = '[9,18,0]' ] || fail "only what is new is stored: $counts"
[ "$("$weir" import --store log.duckdb --json log | jq .events)" = 0 ] || fail "the same files again"
is "failed" '["d1","d2","d4"]' .dora.change_fail_rate.detail.failed
is "links" '[null,{"deployment":"d1","rule":"window","confidence":0.6},{"deployment":"d4","rule":"stated","confidence":1}]' \
    '.dora.change_fail_rate.detail.links | [.i0, .i1, .i4]'
is "unlinked" '["i0"]' .dora.change_fail_rate.detail.unlinked_incidents
is "lead time" '[72000,{"no_deployment":1,"negative_duration":1}]' \
    '.dora.lead_time_for_changes | [.value, .excluded]'
is "stages sum" true '.dora.lead_time_for_changes | .distribution.sum == ([.detail.by_stage[].time.sum] | add)'
is "recovery" '[97230,1]' '.dora.failed_deployment_recovery_time | [.value, .detail.censored]'
is "rework" '[0.25,["d3"]]' '.dora.deployment_rework_rate | [.value, .detail.unplanned]'
is "weeks" '[[0,4],["2026-02-23T00:00:00Z"]]' \
    '.dora.deployment_frequency.detail | [[.weekly_counts[]], .partial_weeks]' --to 2026-03-09
is "the series counts what the window counts" true \
    '.dora.deployment_frequency | .n == ([.series[].n] | add)'
is "same second" '["d2","d4"]' .dora.change_fail_rate.detail.failed --rule middleware
is "same second" '["d1","d2","d4"]' .dora.change_fail_rate.detail.failed --rule devlake
is "services" '[["web",3],["api",1]]' \
    '[.groups[] | [.service, .dora.deployment_frequency.n]]' --by service
is "environments" '[1]' '[.dora.deployment_frequency.n]' --where environment=staging
is "parameters" '["d2","d4"]' .dora.change_fail_rate.detail.failed --rule weir:window_h=3
is "report of 2023" '"5 %"' '.benchmark.levels[0].change_fail_rate' --benchmark 2023
[ "$("$weir" metrics dora --store log.duckdb --explain --benchmark 2024 | wc -L)" -le 80 ] ||
    fail "wider than 80 columns"
"$weir" metrics dora --store log.duckdb --benchmark 2023 | grep -qi 'you are\|your level' &&
    fail "a grade"
for rule in weir dora devlake fourkeys middleware pelorus cdviz gitlab; do
    "$weir" metrics dora --store log.duckdb --rule $rule >/dev/null || fail "rule $rule"
done
said=$("$weir" metrics dora --store log.duckdb --rule wier 2>&1) && fail "an unknown rule is taken"
[[ $said == *"no rule \"wier\""*"Rules: weir, dora"* ]] || fail "an unknown rule: $said"
printf 'rules: {change_fail_rate: dora}\n' >weir.yaml
is "rules of weir.yaml" '["dora","weir"]' \
    '[.dora.change_fail_rate.rule.name, .dora.lead_time_for_changes.rule.name]'
rm weir.yaml

# The cases of another program, written as delivery logs.
set06=$shared/delivery/06-middleware-dora
if [ -d "$set06" ]; then
    echo "middleware: change failure rate, frequency, time to restore"
    cases=$(jq '.cases | length' "$set06/change_failure_rate.json")
    for ((i = 0; i < cases; i++)); do
        rm -rf log log.duckdb
        mkdir log
        jq -r ".cases[$i].deployments | to_entries | (\"id,finished,environment,result\"),
            (.[] | [.key, .value, \"production\", \"success\"] | join(\",\"))" \
            "$set06/change_failure_rate.json" >log/deployments.csv
        jq -r ".cases[$i].incidents_created | to_entries | (\"id,created\"),
            (.[] | [.key, .value] | join(\",\"))" "$set06/change_failure_rate.json" >log/incidents.csv
        "$weir" import --store log.duckdb --format delivery log >/dev/null || fail "import"
        expected=$(jq -c ".cases[$i].expected | [.change_failure_rate_percent, .failed_deployments, .total,
            .incident_to_deployment]" "$set06/change_failure_rate.json")
        is "case $i" "$(jq -c . <<<"$expected")" \
            '.dora.change_fail_rate | [.value, .detail.failed, .detail.deployments,
             (.detail.links | with_entries(select(.value) | .value = .value.deployment))]' \
            --rule middleware --from 2024-01-01 --to 2024-01-31
    done
    cases=$(jq '.cases | length' "$set06/deployment_frequency.json")
    for ((i = 0; i < cases; i++)); do
        rm -rf log log.duckdb
        mkdir log
        jq -r ".cases[$i].deployments | to_entries | (\"id,finished,environment,result\"),
            (.[] | [\"d\\(.key)\", .value, \"production\", \"success\"] | join(\",\"))" \
            "$set06/deployment_frequency.json" >log/deployments.csv
        "$weir" import --store log.duckdb --format delivery log >/dev/null || fail "import"
        is "frequency $i" \
            "$(jq -c ".cases[$i].expected | [.total, .daily, .avg_weekly, .avg_monthly, .weekly_counts]" \
                "$set06/deployment_frequency.json")" \
            '.dora.deployment_frequency.detail | [.count, .daily, .avg_weekly, .avg_monthly, .weekly_counts]' \
            --rule middleware --from "$(jq -r ".cases[$i].interval[0]" "$set06/deployment_frequency.json")" \
            --to "$(jq -r ".cases[$i].interval[1]" "$set06/deployment_frequency.json")"
    done
    rm -rf log log.duckdb
    mkdir log
    jq -r '("id,created,resolved"), (.incidents[] | [.id, .created, .resolved] | join(","))' \
        "$set06/time_to_restore.json" >log/incidents.csv
    "$weir" import --store log.duckdb --format delivery log >/dev/null || fail "import"
    is "time to restore" \
        "$(jq -c '.expected | [.mean_seconds, .count, [.weekly[] | [.mean_seconds, .count]]]' \
            "$set06/time_to_restore.json" | sed 's/\.0\b//g')" \
        '.dora.failed_deployment_recovery_time | [.value, .n, [.series[] | [.value, .n]]]' \
        --rule middleware --from 2024-01-01T00:00:00Z --to 2024-01-22T00:00:00Z
else
    echo "$set06 is not here: skipped"
fi

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

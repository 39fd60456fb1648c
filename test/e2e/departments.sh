#!/usr/bin/env bash
# One issue through the tools of several departments: tracker, forge, CI, deployments, incident. Its
# trace shows every step at its true time, and the parts sum to the lead time.
# departments.sh WEIR
set -u
weir=$1
command -v jq >/dev/null || { echo "jq is not installed: skipped"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$root" || exit 1
export XDG_DATA_HOME=$root/data XDG_CONFIG_HOME=$root/config HOME=$root NO_COLOR=1 TZ=UTC
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
is() { [ "$2" = "$3" ] || fail "$1: \"$2\" instead of \"$3\""; }

shop=cdevents:v0:github::acme:shop
cat >events.ndjson <<END
{"id":"1","time":"2026-03-02T08:00:00Z","type":"issue.created","item":"issue:DRV-17","team":"sales"}
{"id":"2","time":"2026-03-03T08:00:00Z","type":"issue.status","item":"issue:DRV-17","stage":"In Progress","team":"dev"}
{"id":"3","time":"2026-03-04T08:00:00Z","type":"change.created","item":"change:$shop:pr:42","items":["issue:DRV-17"],"stage":"created"}
{"id":"4","time":"2026-03-04T12:00:00Z","type":"change.reviewed","item":"change:$shop:pr:42","stage":"reviewed"}
{"id":"5","time":"2026-03-04T14:00:00Z","type":"change.merged","item":"change:$shop:pr:42","stage":"merged"}
{"id":"6","time":"2026-03-05T08:00:00Z","type":"issue.status","item":"issue:DRV-17","stage":"Ready for QA"}
{"id":"7","time":"2026-03-10T08:00:00Z","type":"issue.status","item":"issue:DRV-17","stage":"In test","team":"qa"}
{"id":"8","time":"2026-03-11T08:00:00Z","type":"issue.status","item":"issue:DRV-17","stage":"Closed"}
{"id":"9","time":"2026-03-20T08:00:00Z","type":"deployment","item":"deployment:d1","items":["change:$shop:pr:42"],"stage":"deploy","attrs":{"environment":"staging","outcome":"success"}}
{"id":"10","time":"2026-04-01T08:00:00Z","type":"deployment","item":"deployment:d2","items":["change:$shop:pr:42"],"stage":"deploy","attrs":{"environment":"production","outcome":"success"}}
{"id":"11","time":"2026-04-01T10:00:00Z","type":"incident.opened","item":"incident:i1","items":["deployment:d2"],"stage":"opened"}
{"id":"12","time":"2026-03-02T09:00:00Z","type":"issue.created","item":"issue:DRV-18"}
{"id":"13","time":"2026-03-06T09:00:00Z","type":"issue.status","item":"issue:DRV-18","stage":"Closed"}
{"id":"14","time":"2026-03-02T10:00:00Z","type":"issue.created","item":"issue:DRV-19"}
{"id":"15","time":"2026-03-07T09:00:00Z","type":"change.created","item":"change:$shop:pr:43","items":["issue:DRV-19"],"stage":"created"}
END
"$weir" import -q events.ndjson --store s.duckdb || fail "import: $?"

echo "the trace"
"$weir" item DRV-17 --json --store s.duckdb >item.json || fail "item: $?"
is "lead time" "$(jq .lead_s item.json)" $((30 * 86400)) # 2 March to 1 April: deployed, not closed
is "parts" "$(jq '[.spans[] | (.end | sub("\\..*"; "Z") | fromdate) - (.begin | sub("\\..*"; "Z") | fromdate)] | add' item.json)" $((30 * 86400))
is "critical path" "$(jq '[.critical_path[].self_s] | add' item.json)" $((30 * 86400))
is "QA's queue" "$(jq '.critical_path[] | select(.stage == "Ready for QA") | .self_s' item.json)" $((5 * 86400))
is "QA" "$(jq '.critical_path[] | select(.stage == "In test") | .self_s' item.json)" 86400
is "state" "$(jq -r .state item.json)" finished
is "members" "$(jq -r '[.members[].type] | sort | join(" ")' item.json)" "change deployment deployment incident"
is "steps" "$(jq -r '[.spans[].stage] | join(", ")' item.json)" \
    "idea, In Progress, review, review, release, Ready for QA, In test, Closed, deploy"

echo "the others"
is "without code: closed" "$("$weir" item DRV-18 --json --store s.duckdb | jq -r '"\(.state) \(.lead_s)"')" \
    "finished $((4 * 86400))"
is "not deployed: open" "$("$weir" item DRV-19 --json --store s.duckdb | jq -r .state)" open
"$weir" map --json --store s.duckdb >map.json
is "items" "$(jq .items map.json)" 3
jq -r '.notes[]' map.json >notes
grep -q 'done when it is deployed to production (1 items); one without code when it is closed (1); 1 are open' notes ||
    fail "the notes do not say what done is: $(cat notes)"
grep -q '2 of 2 changes are linked to an issue' notes || fail "coverage: $(cat notes)"

echo "late and out of order"
tac events.ndjson >backwards.ndjson
"$weir" import -q backwards.ndjson --store b.duckdb
is "order of arrival" "$("$weir" item DRV-17 --json --store b.duckdb | jq -c '[.lead_s, .spans[].stage]')" \
    "$(jq -c '[.lead_s, .spans[].stage]' item.json)"

[ $failures = 0 ] || { echo "$failures failed"; exit 1; }

#!/usr/bin/env bash
# curves.sh WEIR: the cumulative flow of a log that fits into the head, and its visits as bytes.
set -uo pipefail
weir=$(realpath "$1")
command -v jq >/dev/null || { echo "left out: there is no jq"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root LC_ALL=C.UTF-8
cd "$root" || exit 2
failed=0
same() { # WHAT EXPECTED GOT
    [ "$2" = "$3" ] || { echo "FAILED: $1: expected $2, got $3"; failed=1; }
}

cat >weir.yaml <<'END'
stream: small
stages:
  - {name: dev, match: {to: [dev]}}
  - {name: qa, match: {to: [qa]}}
  - {name: done, category: done, match: {to: [done]}}
END
# a: dev 1st to 3rd, qa to the 4th. b: dev 2nd to 5th, qa and back to dev on the 6th, open. c: arrives on the 5th.
cat >log.csv <<'END'
case,activity,time
a,dev,2026-01-01T00:00:00Z
b,dev,2026-01-02T00:00:00Z
a,qa,2026-01-03T00:00:00Z
a,done,2026-01-04T00:00:00Z
b,qa,2026-01-05T00:00:00Z
c,dev,2026-01-05T00:00:00Z
b,dev,2026-01-06T00:00:00Z
c,qa,2026-01-09T00:00:00Z
END
store=(--store flow.duckdb --config weir.yaml)
"$weir" import "${store[@]}" log.csv 2>/dev/null || { echo "FAILED: import"; exit 1; }
"$weir" flow "${store[@]}" --json >flow.json || { echo "FAILED: flow"; exit 1; }
day() { jq -c --arg t "2026-01-0$1T00:00:00.000000Z" '(.times | index($t)) as $i | [.arrived[$i], .finished[$i], (.stages[] | select(.name != "done") | .wip[$i])]' flow.json; }
same "the 1st" "[1,0,1,0]" "$(day 1)"
same "the 2nd" "[2,0,2,0]" "$(day 2)"
same "the 3rd" "[2,0,1,1]" "$(day 3)"
same "the 4th" "[2,1,1,0]" "$(day 4)"
same "the 5th" "[3,1,1,1]" "$(day 5)"
same "the 6th" "[3,1,2,0]" "$(day 6)"
same "the 9th" "[3,1,1,1]" "$(day 9)"
same "ages when dev was left" "[3,172800]" "$(jq -c '.stages[] | select(.name == "dev") | [.age.n, .age.min]' flow.json)"
same "lead times" "[1,259200]" "$(jq -c '[.lead.n, .lead.max]' flow.json)"
same "every curve has every moment" true "$(jq '(.times | length) as $n | [.arrived, .finished, .cancelled, (.stages[] | .wip, .entered)] | all(length == $n)' flow.json)"

"$weir" flow "${store[@]}" --visits >visits || { echo "FAILED: visits"; exit 1; }
head=$(head -n 1 visits)
bytes=$(($(head -n 1 visits | wc -c)))
n=$(jq .n <<<"$head")
same "visits" 8 "$n"
same "the header ends at a multiple of four" 0 $((bytes % 4))
same "nine bytes a visit" $((bytes + 9 * n)) "$(wc -c <visits)"
tail -c +$((bytes + 1)) visits >rows
floats() { od -An -v -t f4 -w4 --endian=little -j "$1" -N $((4 * n)) rows | tr -d ' ' | paste -sd' '; }
same "begins" "0 86400 172800 259200 345600 345600 432000 691200" "$(floats 0)"
same "ends: two items are still open" "172800 345600 259200 259200 432000 691200 inf inf" "$(floats $((4 * n)))"
edges=($(od -An -v -t u1 -w1 -j $((8 * n)) rows))
same "the last row's edge" '["dev","qa"]' "$(jq -c --argjson e "${edges[$((n - 1))]}" '.edges[$e] | [.from, .to]' <<<"$head")"
same "the first row's edge" '[null,"dev"]' "$(jq -c --argjson e "${edges[0]}" '.edges[$e] | [.from, .to]' <<<"$head")"
same "a sample holds whole items" true "$("$weir" flow "${store[@]}" --visits --limit 4 | head -n 1 | jq '.every == 2 and .n <= 8 and .visits == 8')"
exit $failed

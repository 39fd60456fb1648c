#!/usr/bin/env bash
# documents.sh WEIR: docs/documents.md lists the fields that the commands print, and no others. Runs the
# commands on small logs, takes the path of every field, and compares in both directions.
set -uo pipefail
weir=$(realpath "$1")
page=$(dirname "$(realpath "$0")")/../../docs/documents.md
command -v jq >/dev/null || { echo "left out: there is no jq"; exit 77; }
page=$(realpath "$page")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root/home LC_ALL=C.UTF-8 GIT_CONFIG_GLOBAL=/dev/null
mkdir -p "$HOME" "$root/work"
cd "$root/work" || exit 2

# --- what there is to print ---
git init -q -b main shop && cd shop || exit 2
git config user.name somebody && git config user.email somebody@example.org
for i in $(seq 1 60); do
    export GIT_AUTHOR_DATE="2026-01-01T10:00:00Z" GIT_COMMITTER_DATE
    GIT_COMMITTER_DATE=$(date -u -d "2026-01-02 +$i days" +%FT%TZ)
    GIT_AUTHOR_DATE=$(date -u -d "2026-01-01 +$i days" +%FT%TZ)
    git commit -q --allow-empty -m "Do thing $i (#$i)"
    [ $((i % 20)) = 0 ] && git tag "v$((i / 20)).0"
done
git checkout -q -b idea && git commit -q --allow-empty -m "Try this" && git checkout -q main
git commit -q --allow-empty -m "Not yet out"
cd ..
{
    echo "case,activity,start_time,end_time,resource"
    for i in $(seq 1 60); do
        day=$(date -u -d "2026-01-01 +$i days" +%F)
        echo "c$i,dev,${day}T08:00:00Z,${day}T09:00:00Z,ann"
        echo "c$i,qa,${day}T12:00:00Z,${day}T15:00:00Z,bob"
    done
    echo "c60,qa,then,2026-06-01T00:00:00Z,bob"
} >intervals.csv
printf 'case,activity,time,lifecycle:transition\n1,New,2026-01-01,New\n1,QA,2026-01-02,QA\n' >open.csv
cat >teams.csv <<'CSV'
case,activity,time,team
1,dev,2026-01-01,left
1,qa,2026-01-02,right
1,dev,2026-01-03,left
CSV
echo '{"id":"1","time":"2026-03-02T09:00:00Z","type":"change","item":"change:1","stage":"created"}
{"id":"2","time":"2026-03-02T15:00:00Z","type":"change","item":"change:1","stage":"merged"}' >changes.ndjson

n=0
take() { # one document; any exit code but 2 is an answer
    n=$((n + 1))
    "$weir" "$@" --json >"$root/doc.$n" 2>"$root/err"
    [ $? != 2 ] || [ "$1" = nonsense ] || { echo "FAILED: $*: $(cat "$root/err")"; exit 1; }
    jq -e .schema "$root/doc.$n" >/dev/null || { echo "FAILED: $*: no document"; exit 1; }
}
i=(--store intervals.duckdb)
take -C shop
for command in map flow constraint "items --aging" items metrics "metrics --by service" status doctor "store info" "store verify"; do
    read -ra words <<<"$command"
    take -C shop "${words[@]}"
done
take -C shop item "$(git -C shop rev-parse v1.0)"
take import intervals.csv "${i[@]}"
take map "${i[@]}"
take constraint "${i[@]}"
take item c1 "${i[@]}"
take status "${i[@]}"
take status --rejects "${i[@]}"
take store compact "${i[@]}"
take sql "SELECT item FROM event LIMIT 2" "${i[@]}"
take export csv log.csv "${i[@]}"
take import teams.csv --store teams.duckdb
take map --store teams.duckdb
take import changes.ndjson --store changes.duckdb
take metrics --store changes.duckdb
take import open.csv --store open.duckdb
take items --store open.duckdb
take init shop
take demo --store demo.duckdb --months 4
take item LOBBY-1 --store demo.duckdb
take token create wall --store open.duckdb
take token list --store open.duckdb
take config show -C shop
take config check -C shop
echo 'stram: x' >wrong.yaml
take config check --config wrong.yaml
take help
take version
take nonsense

# --- compare ---
# SCHEMA PATH of every field that was printed; [] stands for the places of an array.
for ((k = 1; k <= n; k++)); do
    jq -r '.schema as $s | [paths | map(if type == "number" then "[]" else tostring end) | join(".")] | unique[]
        | gsub("\\.\\[\\]"; "[]") | $s + "\t" + .' "$root/doc.$k"
done | sort -u >"$root/printed"

awk -F'|' -v printed="$root/printed" '
function allow(schema, path) { allowed[schema, path] = 1 }
function expand(schema, path, names,    list, k, m) {
    m = split(names, list, " ")
    for (k = 1; k <= m; k++) allow(schema, path "." list[k])
}
function distribution(schema, path) { expand(schema, path, "n mean min p50 p85 p95 max sum stdev") }
function take(schema, path, kind,    at, parts, k, m, prefix) {
    m = split(path, parts, ".")
    prefix = ""
    for (k = 1; k <= m; k++) { # what holds it is allowed with it
        prefix = prefix (k > 1 ? "." : "") parts[k]
        allow(schema, prefix)
        if (prefix ~ /\[\]$/) allow(schema, substr(prefix, 1, length(prefix) - 2))
    }
    if (kind !~ /sometimes/) required[schema, path] = 1
    sub(/,.*/, "", kind)
    if (kind == "D") distribution(schema, path)
    if (kind == "E") expand(schema, path, "value low high level")
    if (kind == "range") expand(schema, path, "from to")
    if (kind == "rule" || kind == "map") below[schema, path] = 1
    if (kind == "M") {
        expand(schema, path, "value unit distribution estimate n coverage rule excluded series series[] detail note warning")
        distribution(schema, path ".distribution")
        expand(schema, path ".estimate", "value low high level")
        expand(schema, path ".series[]", "from to value n partial")
        below[schema, path ".rule"] = below[schema, path ".excluded"] = below[schema, path ".detail"] = 1
    }
}
/^## weir\./ {
    schema = $0
    sub(/^## /, "", schema)
    known[schema] = 1
    expand(schema, "", "")
    allow(schema, "schema"); allow(schema, "excluded"); below[schema, "excluded"] = 1
    allow(schema, "notes"); allow(schema, "notes[]")
    if (schema ~ /report|map|flow|constraint|items?\/|metrics/) {
        take(schema, "range", "range"); take(schema, "clock", "text"); take(schema, "kind", "text")
    }
}
schema != "" && /^\| `/ {
    kind = $3
    gsub(/^ +| +$/, "", kind)
    rest = $2
    while (match(rest, /`[^`]+`/)) {
        path = substr(rest, RSTART + 1, RLENGTH - 2)
        rest = substr(rest, RSTART + RLENGTH)
        take(schema, path, kind)
        row[++rows] = schema SUBSEP path SUBSEP kind
    }
}
END {
    for (r = 1; r <= rows; r++) { # the report holds what other documents hold
        split(row[r], f, SUBSEP)
        if (f[1] == "weir.map/1" && f[2] ~ /^stages/) take("weir.report/1", f[2], f[3] ", sometimes")
        if (f[1] == "weir.constraint/1") take("weir.report/1", "constraint." f[2], f[3] ", sometimes")
    }
    allow("weir.report/1", "constraint.notes"); allow("weir.report/1", "constraint.notes[]")
    FS = "\t"
    while ((getline line < printed) > 0) {
        split(line, f, "\t")
        if (!(f[1] in known)) { print "not in the page: " f[1]; bad = 1; known[f[1]] = 1 }
        seen[f[1], f[2]] = 1
        path = f[2]
        ok = (f[1], path) in allowed
        while (!ok && match(path, /(\.[^.]*|\[\])$/)) {
            path = substr(path, 1, RSTART - 1)
            ok = (f[1], path) in below || (f[1], path "[]") in below
        }
        if (!ok) { print f[1] " prints a field that the page has not: " f[2]; bad = 1 }
    }
    for (key in required) if (!(key in seen)) {
        split(key, f, SUBSEP)
        print f[1] ": the page has a field that was not printed: " f[2]
        bad = 1
    }
    exit bad
}' "$page" || exit 1
echo "$n documents, $(wc -l <"$root/printed") fields"

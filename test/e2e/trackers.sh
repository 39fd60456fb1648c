#!/usr/bin/env bash
# trackers.sh WEIR: saved answers of trackers and CI through the program: recognised by content, known
# the second time, the same whether pushed or fetched; a mapped tool; the instance in the keys.
set -uo pipefail
weir=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
bodies=$here/../fixtures/hooks
mappings=$here/../../mappings
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

# Rejects are known the second time, too, and counted with the duplicates.
# took CODE FORMAT EVENTS DUPLICATES REJECTED ARGUMENT…: what an import says
took() {
    local code=$1 want="$2 $3 $4 $5"
    shift 5
    "$weir" import --json "$@" >out 2>err </dev/null
    local got=$?
    [ $got = "$code" ] || fail "import $*: exit code $got, not $code: $(cat err)"
    local said
    said=$(python3 -c 'import json, sys
d = json.load(open("out"))
print(d["format"], d["events"], d["duplicates"], d["rejected"])')
    [ "$said" = "$want" ] || fail "import $*: $said, not $want"
}

took 3 jira 16 0 3 "$bodies/jira.ndjson"
took 3 jira 0 19 3 "$bodies/jira.ndjson"
took 3 jira 10 14 4 "$bodies/jira_rest.ndjson"
took 3 redmine 19 0 5 "$bodies/redmine.ndjson"
took 3 buildbot 33 2 4 "$bodies/buildbot.ndjson"
took 3 jenkins 25 2 4 "$bodies/jenkins.ndjson"
took 0 mapped 7 0 0 --format mapped --map "$mappings/circleci.yaml" --source circleci "$bodies/circleci.ndjson"
took 3 redmine 19 0 5 --instance redmine.example --source other "$bodies/redmine.ndjson"
"$weir" items --json >out 2>err || fail "items: $(cat err)"
"$weir" import --format mapped "$bodies/circleci.ndjson" 2>err && fail "mapped without a mapping"
grep -q 'Name it: --map FILE' err || fail "no remedy: $(cat err)"
"$weir" import --format jira --map "$mappings/circleci.yaml" "$bodies/jira.ndjson" 2>err && fail "jira with a mapping"
grep -q 'leave out the mapping file' err || fail "no reason: $(cat err)"

[ $failures = 0 ] || exit 1
echo "trackers: all passed"

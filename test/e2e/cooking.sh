#!/usr/bin/env bash
# cooking.sh WEIR: the board of git's maintainers, set up in a few lines (docs/examples), tells its
# story: weeks of review and soaking, then a train every ten or eleven weeks, then the distributor.
# The table is not ours: skipped where it is not there.
set -uo pipefail
weir=$(realpath "$1")
root=$(dirname "$(realpath "$0")")/../..
table=$root/../shared/data/history/git-cooking/events.csv.gz
[ -r "$table" ] || { echo "skipped: there is no $table"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_STATE_HOME=$work/state
set -- --config "$root/docs/examples/git-cooking.yaml" --store "$work/store.duckdb"
"$weir" import "$@" "$table" >/dev/null || exit 1
"$weir" map "$@" --json >"$work/map" || exit 1
"$weir" constraint "$@" --json >"$work/constraint" || exit 1
cd "$work" || exit 1
python3 - <<'END'
import json

day = 86400
stages = {s["name"]: s for s in json.load(open("map"))["stages"]}
# medians counted apart from weir, by a script over the table
for name, days, visits in (("review", 5.919375, 12638), ("soak", 6.606192, 12377),
                           ("train", 40.079752, 11736), ("distributor", 11.086609, 11736)):
    time = stages[name]["time"]
    assert abs(time["p50"] / day - days) < 1e-6, (name, time["p50"] / day)
    assert time["n"] == visits, (name, time["n"])
assert stages["train"]["category"] == "gate"
found = json.load(open("constraint"))
batch = {s["stage"]: s["batch"] for s in found["stages"]}
for name in "train", "distributor":
    assert batch[name]["kind"] == "gate", name
    assert 60 * day < batch[name]["period_s"] < 85 * day, batch[name]
    assert batch[name]["size_p50"] > 100, batch[name]
assert batch["review"] is None and batch["soak"] is None
assert {c.split()[0] for c in found["candidates"]} == {"train", "distributor"}, found["candidates"]
END

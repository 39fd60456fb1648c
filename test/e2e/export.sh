#!/usr/bin/env bash
# export.sh WEIR: what goes out comes back: the same map after export and import, relations in are
# relations out, and a target is whole or not there. Also status, doctor, and what import says.
. "$(dirname "$0")/head.bash"
shared=$here/../../../shared/data/logs
export WEIR_NOW=2026-11-01T00:00:00Z

# round FORMAT LOG QUESTION…: the answers to the questions are the same after export and import. A
# question is "map" or a statement of SQL.
round() {
    local format=$1 log=$2 question
    shift 2
    rm -rf a.duckdb* b.duckdb* out.*
    "$weir" import -q --store a.duckdb "$log" >/dev/null 2>"$scratch/err"
    [ $? -le 3 ] || { fail "import $log: $(cat "$scratch/err")"; return; }
    "$weir" export --store a.duckdb "$format" "out.$format" >/dev/null 2>"$scratch/err" ||
        { fail "export $format of $log: $(cat "$scratch/err")"; return; }
    "$weir" import --store b.duckdb --format "$format" "out.$format" >/dev/null 2>"$scratch/err" ||
        { fail "import of exported $format of $log: $(cat "$scratch/err")"; return; }
    for question in "$@"; do
        local ask=(sql "$question" --plain)
        [ "$question" = map ] && ask=(map --json)
        "$weir" "${ask[@]}" --store a.duckdb >"$scratch/first" 2>&1 ||
            fail "$question of $log: $(cat "$scratch/first")"
        "$weir" "${ask[@]}" --store b.duckdb >"$scratch/second" 2>&1
        cmp -s "$scratch/first" "$scratch/second" ||
            fail "$format of $log: $question differs: $(diff "$scratch/first" "$scratch/second" | head -5)"
    done
}
counts="SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM item) AS items,
 (SELECT count(*) FROM link) AS links, (SELECT string_agg(f, ' ' ORDER BY f) FROM (SELECT \"from\" ||
 kind || \"to\" AS f FROM link LIMIT 50)) AS first_links"
events="SELECT item, activity, time, begin, life, actor, team FROM event ORDER BY ALL"

# --- inputs of several blocks ---
cat >odd.csv <<'CSV'
case,activity,start_time,time,lifecycle,resource,team,note,Activity 2
A 1,"QA, first",,2026-01-01 10:00:00.123456Z,start,Ann,red,"a ""quoted"" word",x
A 1,"QA, first",,2026-01-02T10:00:00Z,complete,Ann,red,"two
lines",y
NA,<dev> & 'ops',2026-01-03T08:00:00Z,2026-01-03T10:00:00Z,,Zoë,,,z
NA,<dev> & 'ops',2026-01-03T08:00:00Z,2026-01-03T10:00:00Z,,Zoë,,,z
; b,テスト,,2026-01-04T00:00:00Z,complete,,,,
CSV
cat >status.csv <<'CSV'
case,activity,time,lifecycle
1,Open,2026-01-01T00:00:00Z,In Progress
1,Open,2026-01-02T00:00:00Z,"Wait, user"
1,Done,2026-01-03T00:00:00Z,Closed
CSV
cat >nested.ndjson <<'JSON'
{"id":"1","time":"2026-01-01T10:00:00Z","type":"moved","item":"issue:A","stage":"dev","attrs":{"a":{"b":[1,2.5,{"c":true}]},"n":null,"t":"x\u0001y","":"empty"}}
{"id":"2","time":"2026-01-02T10:00:00Z","type":"moved","item":"issue:A","stage":"qa","actor":"me"}
{"id":"3","time":"2026-01-02T11:00:00Z","type":"moved","item":"issue:B","items":["pr:7"],"stage":"qa"}
JSON

round_trips() { # of one of csv, parquet, xes
    local log
    for log in "$root/work/odd.csv" "$root/work/status.csv" "$here/../fixtures/xes/studio.xes"; do
        round "$1" "$log" map "$events"
    done
    round "$1" "$root/work/nested.ndjson" "SELECT item, activity, time FROM event ORDER BY ALL"
    [ -d "$shared" ] || return 0
    round "$1" "$shared/running-example.xes.gz" map
    round "$1" "$shared/production.xes.gz" map
}

round_trips_of_objects() {
    local log file
    for log in "$root/work/odd.csv" "$here"/../fixtures/ocel/shop.*ocel; do
        round ocel "$log" "$counts" "SELECT item_type, item, activity, time FROM event ORDER BY ALL"
    done
    [ -d "$shared" ] || return 0
    round ocel "$shared/ocel/ocel20_example.jsonocel" "$counts"
    round ocel "$shared/ocel/logistics.sqlite.gz" "$counts"
    "$weir" export ocel again.json --store b.duckdb >/dev/null 2>&1
    for file in out.ocel again.json; do
        grep -o '"objectId"' $file | wc -l
    done | uniq | [ "$(wc -l)" = 1 ] || fail "relations of logistics are not all there again"
    [ "$(grep -o '"objectId"' out.ocel | wc -l)" = $((16738 + 3960)) ] || fail "relations of logistics"
}

documents() {
    cp "$root"/work/* .
    # what is written
    "$weir" import -q --store s.duckdb odd.csv nested.ndjson >/dev/null 2>&1 && fail "two formats in one import"
    expect 2 '' '*odd.csv is csv, but nested.ndjson is *one after the other*' -- "$weir" import --store s.duckdb odd.csv nested.ndjson
    [ -e s.duckdb ] && fail "a store was made for nothing"
    for log in odd.csv status.csv nested.ndjson; do "$weir" import -q --store s.duckdb $log >/dev/null 2>&1; done
    export WEIR_STORE=s.duckdb
    "$weir" export xes - >out.xes 2>/dev/null || fail "xes to standard output"
    if command -v xmllint >/dev/null; then xmllint --noout out.xes || fail "the XES is no XML"; fi
    grep -q '<float key="a.b.2" value="2.5"/>' out.xes || fail "nested attributes: $(grep 'a\.b' out.xes)"
    grep -q '<boolean key="a.b.3.c" value="true"/>' out.xes || fail "a nested flag"
    grep -q '&lt;dev&gt; &amp; ' out.xes || fail "entities"
    grep -q $'x\xef\xbf\xbdy' out.xes || fail "a control character in XML"
    "$weir" export csv - 2>/dev/null | head -1 | grep -q '^case_id,activity,timestamp,.*item_type,event_type,source' || fail "columns of a store of several kinds and sources"
    [ "$("$weir" export csv - --kind change 2>/dev/null | tail -n +2 | cut -d, -f1,2)" = 7,qa ] || fail "--kind"
    expect 2 '' '*no items of the kind "nothing"*' -- "$weir" export csv - --kind nothing
    expect 2 '' '*not one of csv|parquet|xes|ocel*' -- "$weir" export yaml -
    expect 2 '' '*Parquet cannot be written to standard output*' -- "$weir" export parquet -

    # targets
    expect 0 '11 events written to t.csv' '*' -- "$weir" export csv t.csv
    expect 2 '' '*t.csv exists already*--force' -- "$weir" export csv t.csv
    expect 0 '11 events written*' '*' -- "$weir" export csv t.csv --force
    expect 0 '{"schema":"weir.export/1","format":"parquet",*"events":11,*}' '*' -- "$weir" export parquet t.parquet --json
    expect 2 '' '*is a folder*' -- "$weir" export csv .
    expect 2 '' '*could not be written: No such file*' -- "$weir" export csv missing/t.csv
    expect 2 '' '*/dev/full could not be written: No space left*' -- "$weir" export csv /dev/full
    expect 2 '' '*standard output could not be written: No space left*' -- bash -c '"$0" export csv - >/dev/full' "$weir"
    expect 0 'case_id*' '*' -- bash -o pipefail -c '"$0" export csv - -q | head -1' "$weir"
    nothing_left

    # status and doctor
    expect 0 '11 events of 7 items in s.duckdb*kinds of items: *case*' '' -- "$weir" status
    expect 0 '{"schema":"weir.status/1",*"name":"csv","format":"csv",*"events":8,*"lag_s":*' '' -- "$weir" status --json
    expect 1 'nothing was rejected' '' -- "$weir" status --rejects
    expect 2 '' '*belong to --rejects*' -- "$weir" status 3
    printf 'case,activity,time\n1,a,2026-01-01T00:00:00Z\n1,b,31/02/2026\n' >bad.csv
    expect 3 '1 event of 1 new item stored*' '*csv: 1 of 2 rows rejected  (bad.csv)*line 3: column "time": *31/02/2026*as batch 1.*weir import bad.csv *E2103*' -- "$weir" import bad.csv --store r.duckdb
    expect 0 '{"schema":"weir.status.rejects/1",*"line":3,"column":"time",*"raw":"1,b,31/02/2026"*' '' -- "$weir" status --rejects 1 --store r.duckdb --json
    expect 1 'nothing was rejected in this batch' '' -- "$weir" status --rejects 9 --store r.duckdb
    expect 1 '*problem  rejected: 1 of 2 rows*fix: weir status --rejects*' '' -- "$weir" doctor --store r.duckdb
    printf 'case,activity,time\n1,a,2030-01-01T00:00:00Z\n' >late.csv
    "$weir" import -q late.csv --store late.duckdb >/dev/null 2>&1
    expect 1 '*problem  clock_skew: 1 of 1 events lie in the future*' '' -- "$weir" doctor --store late.duckdb

    # import and sql
    printf '\x89PNG\r\n\x1a\n' >p.png
    : >empty.csv
    expect 2 '' '*p.png is a PNG image*--format NAME' -- "$weir" import p.png
    expect 2 '' '*empty.csv is empty*Nothing was stored*' -- "$weir" import empty.csv
    expect 2 '' '*there is no file "missing.csv"*Nothing was stored*' -- "$weir" import missing.csv
    expect 2 '' '*weir does not read otlp yet*weir reads: *' -- "$weir" import --format otlp x
    expect 2 '' '*no format "cvs". Did you mean "csv"?*' -- "$weir" import --format cvs bad.csv
    expect 0 '0 events of 0 new items*no rows below*' '' -- bash -c 'echo case,activity,time | "$0" import - --format csv --store e.duckdb' "$weir"
    printf 'a,b\n1,2\n' >strange.csv
    expect 2 '' '*no column is known to be the case*' -- "$weir" import strange.csv --store none.duckdb
    expect 2 '' '*is a PNG image, not CSV*' -- "$weir" import --format csv p.png --store none.duckdb
    expect 2 '' '*not a git repository*' -- "$weir" import --format git . --store none.duckdb
    [ -z "$(find . -name 'none*')" ] || fail "a failed import left a store behind"
    cp s.duckdb before.duckdb
    expect 2 '' '*no column is known to be the case*' -- "$weir" import strange.csv
    cmp s.duckdb before.duckdb || fail "a failed import changed the store"
    expect 3 '0 events*2 were known already*' '*' -- "$weir" import bad.csv --store r.duckdb
    expect 0 '*"rejects":1,"batches":1,*' '' -- "$weir" store info --store r.duckdb --json
    expect 0 '*event   seq, key, source, *attrs*span *' '' -- "$weir" sql .views
    expect 0 '*event *time *TIMESTAMP*' '' -- "$weir" sql .schema
    expect 2 '' '*none of .views, .schema*' -- "$weir" sql .tables
}

nothing_left() {
    local left
    left=$(find . -name '.*.tmp*')
    [ -z "$left" ] || fail "left behind: $left"
}

large() { # interrupted, without room, broken off, held by another
    for i in $(seq 1 300000); do echo "$i,a,2026-01-01T00:00:00Z"; done | sed '1i case,activity,time' >big.csv
    "$weir" import -q --store big.duckdb big.csv >/dev/null 2>&1
    (ulimit -f 100; trap '' XFSZ; exec "$weir" export xes full.xes --store big.duckdb) >"$scratch/out" 2>"$scratch/err"
    [ $? = 2 ] || fail "a file that may grow no further: $(cat "$scratch/err")"
    local interrupted=0
    for i in 1 2 3; do
        # what bash starts aside ignores the signal, unless told otherwise
        env --default-signal=INT "$weir" export xes half.xes --store big.duckdb >/dev/null 2>&1 &
        sleep 0.1$i
        kill -INT $! 2>/dev/null
        wait $!
        code=$?
        [ $code = 130 ] || [ $code = 0 ] || fail "interrupted export: exit code $code"
        [ $code = 0 ] || [ ! -e half.xes ] || fail "half a file after an interrupt"
        interrupted=$((interrupted + (code == 130)))
        rm -f half.xes
    done
    [ $interrupted -gt 0 ] || fail "no export was interrupted"
    nothing_left

    gzip -c big.csv | head -c 200000 >cut.csv.gz
    expect 3 '*' '*break off*The input broke off.*weir import cut.csv.gz*' -- "$weir" import cut.csv.gz --store cut.duckdb
    expect 1 '*incomplete*The input of csv broke off*' '' -- "$weir" status --store cut.duckdb
    expect 1 '*problem  incomplete: the input of 1 of 1 sources broke off*' '' -- "$weir" doctor --store cut.duckdb
    expect 0 '*problems, *' '' -- "$weir" doctor --store big.duckdb
    expect 0 '{"schema":"weir.doctor/1","checks":\[*"numerator":*"denominator":*"problems":0,*' '' -- "$weir" doctor --store big.duckdb --json

    mkfifo pipe
    "$weir" import - --format csv --store big.duckdb <pipe >/dev/null 2>&1 &
    reader=$!
    exec 9>pipe
    echo case,activity,time >&9
    # Looking at the store by weir would hold it for a moment, and the reader would be the one refused.
    for i in $(seq 200); do
        grep -q ":$(stat -c %i big.duckdb) " /proc/locks && break
        sleep 0.05
    done
    "$weir" import "$root/work/odd.csv" --store big.duckdb >/dev/null 2>"$scratch/err"
    status=$?
    [ $status = 75 ] || fail "a store that another process holds: exit $status, $(cat "$scratch/err")"
    exec 9>&-
    wait $reader
}

aside csv round_trips csv
aside parquet round_trips parquet
aside xes round_trips xes
aside objects round_trips_of_objects
aside documents documents
aside large large
[ -d "$shared" ] || echo "left out, the real logs are not here: $shared"
finish

#!/usr/bin/env bash
# serve.sh WEIR: a real server. What it answers over HTTP and through its socket is what the commands
# print; who may ask what; what slow, large and forged requests do; how it reloads and stops.
set -uo pipefail
weir=$(realpath "$1")
for tool in curl jq; do
    command -v $tool >/dev/null || { echo "left out: there is no $tool"; exit 77; }
done
root=$(mktemp -d)
servers=()
trap 'for p in "${servers[@]}"; do kill -9 "$p" 2>/dev/null; done; rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | *_proxy | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root LC_ALL=C.UTF-8 WEIR_NOW=2026-09-01T00:00:00Z
cd "$root" || exit 2
failures=0

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}
check() { # WHAT GOT WANTED
    [ "$2" = "$3" ] || fail "$1: $2, not $3"
}
wait_until() { # WHAT COMMAND…: at most 15 s
    local what=$1
    shift
    for _ in $(seq 150); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    fail "$what"
    return 1
}
start() { # OPTIONS…: sets pid and base
    : >out
    : >log
    "$weir" serve --listen 127.0.0.1:0 "$@" >out 2>log &
    pid=$!
    servers+=("$pid")
    wait_until "the server starts: $(cat log)" grep -q '^weir serves http' out || exit 1
    base=$(sed -n 's|^weir serves \(http://.*\)/$|\1|p' out)
}
stop() { # waits for its end; sets code
    kill -TERM "$pid"
    wait "$pid"
    code=$?
}
get() { curl -sS --max-time 20 "$@"; }
code_of() { curl -sS --max-time 20 -o /dev/null -w '%{http_code}' "$@"; }

# --- a store, and what the commands say of it without a server ---
{
    echo "case,activity,start_time,end_time,resource,team"
    for i in $(seq 1 60); do
        day=$(date -u -d "2026-01-01 +$i days" +%F)
        echo "c$i,dev,${day}T08:00:00Z,${day}T09:00:00Z,ann,blue"
        echo "c$i,qa,${day}T12:00:00Z,${day}T15:00:00Z,bob,red"
        [ $((i % 3)) = 0 ] || echo "c$i,release,${day}T18:00:00Z,${day}T18:10:00Z,eve,blue"
    done
    echo "c60,qa,then,2026-06-01T00:00:00Z,bob,red"
} >intervals.csv
"$weir" import --store s.duckdb intervals.csv >/dev/null 2>&1
[ -e s.duckdb ] || { echo "FAILED: no store"; exit 1; }

commands=(
    "map" "map --json" "map --plain --header" "map --top 2 --json" "map --dot" "map --explain" "map --ascii --output md"
    "constraint" "constraint --json" "items" "items --aging" "items --slow --limit 3 --plain" "items --stage qa --json"
    "items --stage nowhere" "items --where team=blue --json" "item c1" "item c1 --json" "item nothing --json" "item nothing"
    "metrics" "metrics flow --json" "metrics --last 400d --json" "metrics --clock work" "status" "status --json"
    "status --rejects" "status --rejects --json" "doctor" "doctor --json" "doctor --tz Asia/Tokyo" "store info"
    "store info --json" "store verify" "sql .views" "export csv -"
    "map --tz Nowhere --json" "map --no-such-option" "items --limit -1 --json" "map --stream x" "items --output jsonl"
    "map --from 2026-02-01 --to 2026-03-01 --json" "metrics --color always" "constraint --output csv" "help map" "version --json"
)
run() { # FOLDER COMMAND: stdout, stderr and exit code
    local name=${2// /_}
    name=${name//\//+}
    # shellcheck disable=SC2086
    "$weir" $2 --store s.duckdb >"$1/$name.out" 2>"$1/$name.err" </dev/null
    echo $? >"$1/$name.code"
}
mkdir direct served again
for c in "${commands[@]}"; do
    case $c in "help map" | "version --json") continue ;; esac
    run direct "$c"
done
for c in "map --json" "items --slow --json" "item c2 --json" "metrics --json" "metrics dora --json" "constraint --json" \
    "doctor --json" "items --aging --where team=red --last 400d --json"; do
    # shellcheck disable=SC2086
    "$weir" $c --store s.duckdb >"direct/http.${c// /_}" 2>/dev/null
done
"$weir" status --json --store "$root/s.duckdb" >direct/http.status

# --- the same, while a server holds the store ---
start --store s.duckdb
[ "$(stat -c %a s.duckdb.sock)" = 600 ] || fail "the socket is not for its owner alone"
for c in "${commands[@]}"; do
    case $c in "help map" | "version --json") continue ;; esac
    run served "$c"
done
diff -r -x 'http.*' direct served >differences || fail "through the socket the answers differ: $(head -20 differences)"
(mkdir -p sub/deep && cd sub && "$weir" -C .. map --store s.duckdb --json) | cmp -s - "direct/map_--json.out" || fail "-C through the socket"
(cd sub/deep && "$weir" map --store ../../s.duckdb --json) | cmp -s - "direct/map_--json.out" || fail "a relative store through the socket"
"$weir" map --store s.duckdb --json >/dev/full 2>err
check "a full disk behind the socket" $? 2
"$weir" items --store s.duckdb | head -1 >/dev/null
WEIR_OUTPUT=json "$weir" map --store s.duckdb | jq -e .schema >/dev/null || fail "the asker's environment counts"

http() { # QUERY FILE
    get "$base/api/v1/$1" >http.out || fail "$1"
    cmp -s http.out "$2" || fail "GET $1 is not what the command prints"
}
http map "direct/http.map_--json"
http "items?slow" "direct/http.items_--slow_--json"
http "items?aging=yes&where=team=red&last=400d" "direct/http.items_--aging_--where_team=red_--last_400d_--json"
http "item?id=c2" "direct/http.item_c2_--json"
http "item/c2" "direct/http.item_c2_--json"
http metrics "direct/http.metrics_--json"
http metrics/dora "direct/http.metrics_dora_--json"
http "metrics?part=dora" "direct/http.metrics_dora_--json"
http constraint "direct/http.constraint_--json"
http doctor "direct/http.doctor_--json"
get "$base/api/v1/status" | jq -S 'del(.store)' | cmp -s - <(jq -S 'del(.store)' direct/http.status) || fail "GET status"

# --- how an answer comes ---
etag=$(get -D - -o /dev/null "$base/api/v1/map" | tr -d '\r' | sed -n 's/^ETag: //p')
check "If-None-Match" "$(code_of -H "If-None-Match: $etag" "$base/api/v1/map")" 304
check "If-None-Match of another" "$(code_of -H 'If-None-Match: "x"' "$base/api/v1/map")" 200
get -H 'Accept-Encoding: gzip' "$base/api/v1/map" | gunzip -c | cmp -s - "direct/http.map_--json" || fail "a compressed answer"
check "HEAD" "$(code_of -I "$base/api/v1/map")" 200
for case in 404:nothing 404:api/v1/nothing 404:api/v1/item/nothing 400:api/v1/item 400:api/v1/map?bogus=1 400:api/v1/items?limit=0 \
    400:api/v1/items?limit=x 400:api/v1/map?tz=Nowhere 400:api/v1/map?last=soon 400:api/v1/items?aging=perhaps 400:api/v1/map?store=/etc/passwd \
    400:api/v1/map?config=/etc/passwd 400:api/v1/map?%zz 400:%00 404:api/v1/sql 404:api/v1/import 404:api/v1/export 404:api/v1/token 404:api/v1/serve \
    404:api/v1/report 404:help/nonsense 200:help/E6103 200:help/map 200:healthz 200:livez 200:readyz 200:metrics 200:api/v1/openapi.json 200: 200:index.html; do
    got=$(get -o problem -w '%{http_code} %{content_type}' "$base/${case#*:}")
    check "GET /${case#*:}" "${got%% *}" "${case%%:*}"
    [ "${case%%:*}" = 200 ] || { [ "${got#* }" = application/problem+json ] && jq -e '.type and .title and .status and .detail and .instance' problem >/dev/null; } ||
        fail "GET /${case#*:}: not a problem: $(cat problem)"
done
# a long list in parts is the list, whatever the size of the parts
get "$base/api/v1/items?slow&limit=1000" | jq -c '.items[].id' >whole
[ "$(wc -l <whole)" -gt 50 ] || fail "the list is too short"
cursor= parts=
for _ in $(seq 20); do
    get -D headers "$base/api/v1/items?slow&limit=7${cursor:+&cursor=$cursor}" >part
    parts+=$(jq -c '.items[].id' part)$'\n'
    cursor=$(jq -r '.cursor // empty' part)
    [ -n "$cursor" ] || break
    grep -qi "^link: </api/v1/items?slow=&limit=7&cursor=$cursor>; rel=\"next\"" headers || fail "no link to the next part"
done
check "the parts" "$(grep . <<<"$parts")" "$(cat whole)"
check "a cursor that is none" "$(code_of "$base/api/v1/items?cursor=x")" 400
check "405" "$(get -o /dev/null -D - -X POST "$base/api/v1/map" | tr -d '\r' | grep -c '^HTTP/1.1 405\|^Allow: GET, HEAD, OPTIONS$')" 2
check "415" "$(code_of -X POST -H 'Content-Type: text/xml' -d x "$base/api/v1/session")" 415
for header in "content-security-policy: default-src 'self'" "x-content-type-options: nosniff" "x-frame-options: DENY" "referrer-policy: no-referrer"; do
    get -D - -o /dev/null "$base/" | grep -qi "^$header" || fail "no header $header"
done
# every address that the description knows is there, and its parameters are understood or refused, never a 5xx
get "$base/api/v1/openapi.json" >openapi.json
check "addresses described" "$(jq -r '.paths | keys[]' openapi.json | grep -c '^/api/v1/')" "$(jq -r '[.paths | keys[] | select(startswith("/api/v1/"))] | unique | length' openapi.json)"
jq -r '.paths | to_entries[] | select(.value.get) | .key as $p | ([""] + [.value.get.parameters[]? | select(.in == "query") | .name])[] | $p + " " + .' openapi.json |
    grep -v '^/api/v1/live' >described
[ "$(wc -l <described)" -gt 40 ] || fail "the description is too short: $(wc -l <described)"
while read -r path name; do
    path=${path//\{*\}/%F0%9F%90%8C..%2F%3F}
    for value in '' 1 -1 99999999999999999999 1e999 %27%3B-- %00 %FF ../../etc/passwd --help -- 2026-01-01 wall '%1b%5b2J' "$(printf 'x%.0s' $(seq 300))"; do
        printf 'url = "%s"\noutput = /dev/null\n' "$base$path?$name=$value"
        [ -n "$name" ] || break
    done
done <described >urls
curl -sS --path-as-is --max-time 120 -K urls -w '%{http_code} %{url}\n' >codes
check "addresses asked" "$(wc -l <codes)" "$(grep -c ^url urls)"
grep -vE '^(200|400|404) ' codes >odd && fail "$(head -5 odd)"

# --- who is believed ---
check "another host" "$(code_of -H 'Host: evil.example' "$base/api/v1/map")" 421
check "no host" "$(code_of -H 'Host:' --http1.0 "$base/api/v1/map")" 421
check "localhost" "$(code_of -H 'Host: localhost:1' "$base/api/v1/map")" 200
check "another site's form" "$(code_of -H 'Origin: http://evil.example' -d token=x "$base/api/v1/session")" 403
check "a page of another site" "$(code_of -H 'Sec-Fetch-Site: cross-site' -X DELETE "$base/api/v1/session")" 403
check "our own page" "$(code_of -H "Origin: $base" -H 'Sec-Fetch-Site: same-origin' -X DELETE "$base/api/v1/session")" 204
check "a program" "$(code_of -X DELETE "$base/api/v1/session")" 204

# --- changes through the socket, and who hears of them ---
curl -sN --max-time 30 "$base/api/v1/live" >live 2>/dev/null &
live=$!
wait_until "the live page is told the version" grep -q '"version"' live
printf 'case,activity,time\nnew1,dev,2026-07-01\nnew1,qa,2026-07-02\n' >more.csv
(cd sub && "$weir" import ../more.csv --store ../s.duckdb --json) >import.json 2>import.err
check "import through the socket" $? 0
check "events imported" "$(jq .events import.json)" 2
printf 'case,activity,time\nnew2,dev,2026-07-03\n' | "$weir" import - --format csv --store s.duckdb --json >import.json 2>import.err
check "import of standard input through the socket" "$? $(jq .events import.json)" "0 1"
"$weir" import missing.csv --store s.duckdb >/dev/null 2>import.err
check "import of a missing file through the socket" $? 2
printf 'case,activity,time\nnew2,dev,never\nnew2,qa,2026-07-04\n' | "$weir" import - --format csv --store s.duckdb >import.out 2>import.err
check "rejects through the socket" $? 3
"$weir" item new2 --store s.duckdb --json | jq -e .id >/dev/null || fail "what was imported is there"
get "$base/api/v1/item/new1" | jq -e '.id == "new1"' >/dev/null || fail "the kept answer is the old one"
check "the page has another name now" "$(code_of -H "If-None-Match: $etag" "$base/api/v1/map")" 200
wait_until "the live page is told of changes" eval '[ "$(grep -c ^event: live)" -ge 3 ]'
kill $live 2>/dev/null
wait $live 2>/dev/null
"$weir" store compact --store s.duckdb >/dev/null 2>&1 || fail "compact through the socket"
"$weir" store verify --store s.duckdb >/dev/null 2>&1 || fail "the store is not sound"
"$weir" export csv - --store s.duckdb >export.csv 2>err
check "export to standard output through the socket" "$? $(head -1 export.csv | grep -c .)" "0 1"
"$weir" export csv sub/log.csv --store s.duckdb >/dev/null 2>&1 && [ -s sub/log.csv ] || fail "export to a file through the socket"
"$weir" serve --store s.duckdb --listen 127.0.0.1:0 >/dev/null 2>err
check "a second server at the store" $? 75

# --- events and webhooks ---
post() { get -o posted -w '%{http_code}' -H 'Content-Type: application/x-ndjson' "$@"; }
event='{"id":"e1","time":"2026-07-05T10:00:00Z","type":"moved","item":"case:sent1","stage":"qa"}'
check "an event" "$(post --data-binary "$event" "$base/api/v1/events") $(jq -c '[.accepted, .duplicates]' posted)" "200 [1,0]"
check "the same again" "$(post --data-binary "$event"$'\nnonsense\n' "$base/api/v1/events") $(jq -c '[.accepted, .duplicates, .rejected[].line]' posted)" "200 [0,1,2]"
check "nothing understood" "$(post --data-binary nonsense "$base/api/v1/events") $(jq -c '[.accepted, .rejected[].line]' posted)" "400 [0,1]"
check "compressed events" "$(gzip -c <<<"${event//e1/e2}" | post -H 'Content-Encoding: gzip' --data-binary @- "$base/api/v1/events") $(jq .accepted posted)" "200 1"
check "what was sent is there at once" "$(code_of "$base/api/v1/item/sent1")" 200
check "events of another site's page" "$(post -H 'Origin: http://evil.example' --data-binary "$event" "$base/api/v1/events")" 403
check "events as XML" "$(code_of -H 'Content-Type: text/xml' -d x "$base/api/v1/events")" 415
check "no such source" "$(code_of -d '{}' "$base/api/v1/hooks/nobody")" 404
check "readiness" "$(code_of "$base/readyz")" 200

# --- slow and large ---
exec 7<>"/dev/tcp/127.0.0.1/${base##*:}" 8<>"/dev/tcp/127.0.0.1/${base##*:}"
printf 'GET / HTTP/1.1\r\nX-Slow: ' >&7
printf 'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\n' >&8
begun=$SECONDS
while printf a >&7 2>/dev/null && [ $((SECONDS - begun)) -lt 20 ]; do
    check "others are served meanwhile" "$(code_of --max-time 2 "$base/healthz")" 200
    IFS= read -r -t 0.5 -n 1 _ <&7
    [ $? -gt 128 ] || break # not the end of patience: the connection is gone
done 2>/dev/null
[ $((SECONDS - begun)) -lt 15 ] || fail "a head that does not end holds its connection for $((SECONDS - begun)) s"
exec 7>&- 8>&-
head -c 200000000 /dev/zero | gzip -9 >bomb.gz
check "a bomb" "$(code_of -H 'Content-Type: application/x-www-form-urlencoded' -H 'Content-Encoding: gzip' --data-binary @bomb.gz "$base/api/v1/session")" 413
head -c 40000000 /dev/zero >large
check "a large body" "$(code_of -H 'Content-Type: application/x-www-form-urlencoded' -H 'Expect: 100-continue' --data-binary @large "$base/api/v1/session")" 413
check "a large head" "$(code_of -H "X-Large: $(printf 'x%.0s' $(seq 17000))" "$base/healthz")" 431
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
case $weir in *dev* | *tsan* | *cover*) ;; *) [ "$peak" -lt 400000 ] || fail "the server took $peak kB" ;; esac

# --- a signal to, and --timeout of, an asker who waits ---
"$weir" sql --store s.duckdb --timeout 60s "SELECT count(*) FROM range(100000000000) a, range(1000) b" >/dev/null 2>err &
long=$!
sleep 1
"$weir" map --store s.duckdb --timeout 1s >/dev/null 2>err2
check "--timeout of one who waits" $? 75
check "health while it works" "$(code_of --max-time 2 "$base/healthz")" 200
kill -TERM $long # Ctrl-C goes the same way, but not to what a script has in the background
wait $long
check "a signal reaches the server" $? 143
"$weir" map --store s.duckdb >/dev/null 2>err || fail "after that the server answers: $(cat err)"

# --- figures ---
get "$base/metrics" >metrics.txt
grep -q '^weir_http_requests_total{route="/api/v1/map",code="200"} [1-9]' metrics.txt || fail "requests are not counted"
if command -v promtool >/dev/null; then
    promtool check metrics <metrics.txt >promtool.out 2>&1 && [ ! -s promtool.out ] || fail "promtool: $(cat promtool.out)"
else
    echo "left out: there is no promtool"
fi
grep -E 'evil|passwd|2026-01|where' log | grep -v 'msg="weir.yaml' >leak && fail "the log names what was asked: $(head -3 leak)"

# --- stopping ---
stop
check "the end after SIGTERM" $code 0
[ ! -e s.duckdb.sock ] || fail "the socket stays behind"
run again "map --json"
"$weir" item new1 --store s.duckdb --json | jq -e .id >/dev/null || fail "what was imported is gone"

# --- a server that is killed leaves a socket that nobody minds ---
start --store s.duckdb
kill -9 "$pid"
wait "$pid" 2>/dev/null
[ -S s.duckdb.sock ] || fail "the test: no socket was left"
"$weir" map --store s.duckdb --json | cmp -s - again/map_--json.out || fail "after kill -9 the store opens"
printf 'case,activity,time\nnew3,dev,2026-07-03\n' | "$weir" import - --format csv --store s.duckdb >/dev/null 2>&1 || fail "import past a dead socket"

# --- weir.yaml: read again, a broken one refused ---
cat >weir.yaml <<'END'
timezone: UTC
END
start --store s.duckdb --config weir.yaml
before=$(get "$base/api/v1/map" | jq -c '[.stages[].name]')
cat >weir.yaml <<'END'
timezone: UTC
stream: s
items: case
stages:
  - {name: Development, from: [dev]}
  - {name: Testing, from: [qa]}
END
wait_until "a changed weir.yaml is read" grep -q 'read again' log
after=$(get "$base/api/v1/map" | jq -c '[.stages[].name]')
[ "$before" != "$after" ] || fail "the new weir.yaml does not count: $after"
echo 'stram: nonsense' >weir.yaml
kill -HUP "$pid"
wait_until "a broken weir.yaml is refused" grep -q 'weir.yaml:1' log
check "the one before stays" "$(get "$base/api/v1/map" | jq -c '[.stages[].name]')" "$after"
check "and it is served on" "$(code_of "$base/healthz")" 200
stop
check "the end" $code 0
rm weir.yaml

# --- webhooks: secrets, and what is acknowledged outlives kill -9 ---
cat >weir.yaml <<'END'
sources: [{name: forge, kind: github, secret_env: FORGE_SECRET}, {name: open, kind: cdevents}]
END
export FORGE_SECRET=0123456789abcdef0123456789
start --store s.duckdb --config weir.yaml
sign() { printf %s "$1" | openssl dgst -sha256 -hmac "$FORGE_SECRET" | sed 's/.* //'; }
hook() { code_of -H 'Content-Type: application/json' -H 'X-GitHub-Event: push' "$@"; }
body='{"ref":"refs/heads/main"}'
if command -v openssl >/dev/null; then
    check "signed" "$(hook -H 'X-GitHub-Delivery: d1' -H "X-Hub-Signature-256: sha256=$(sign "$body")" -d "$body" "$base/api/v1/hooks/forge")" 202
    check "again" "$(hook -H 'X-GitHub-Delivery: d1' -H "X-Hub-Signature-256: sha256=$(sign "$body")" -d "$body" "$base/api/v1/hooks/forge")" 202
    check "changed on the way" "$(hook -H 'X-GitHub-Delivery: d2' -H "X-Hub-Signature-256: sha256=$(sign "$body")" -d "$body " "$base/api/v1/hooks/forge")" 401
fi
check "not signed" "$(hook -d "$body" "$base/api/v1/hooks/forge")" 401
check "a kind without signatures, from this machine" "$(code_of -H 'Content-Type: application/json' -d '{}' "$base/api/v1/hooks/open")" 202
for i in $(seq 20); do post --data-binary "${event//e1/k$i}" "$base/api/v1/events?source=kept" >>acknowledged; done
kill -9 "$pid"
wait "$pid" 2>/dev/null
check "acknowledged" "$(cat acknowledged)" "$(printf '200%.0s' $(seq 20))"
check "and kept" "$("$weir" sql --store s.duckdb --output csv "SELECT count(*) FROM event WHERE source = 'kept'" | tail -1 | tr -d '\r')" 20
"$weir" store verify --store s.duckdb >/dev/null || fail "the store after kill -9"
rm weir.yaml

# --- tokens ---
"$weir" serve --store s.duckdb --listen 0.0.0.0:0 >/dev/null 2>err
check "others can reach it, and there is no token" "$? $(grep -c E6002 err)" "2 1"
start --store s.duckdb
check "without tokens everybody here may ask" "$(code_of "$base/api/v1/map")" 200
declare -A token
for scope in read ingest admin; do # made while it runs: they count at once
    token[$scope]=$("$weir" token create "for $scope" --scope $scope --store s.duckdb -q) || fail "token create"
done
check "the list shows no token" "$("$weir" token list --store s.duckdb --json | grep -c "${token[read]#weir_????????_}")" 0
while read -r path method needs; do
    for scope in none read ingest admin; do
        header=()
        [ $scope = none ] || header=(-H "Authorization: Bearer ${token[$scope]}")
        case $needs:$scope in
        none:*) want=fine ;;
        *:none) want=401 ;;
        *:admin | read:read | ingest:ingest) want=fine ;;
        *) want=403 ;;
        esac
        got=$(curl -sS --max-time 1 -o /dev/null -w '%{http_code}' -X "$method" "${header[@]}" "$base${path/\{*\}/c1}" 2>/dev/null)
        case $want in
        fine) [ "$got" != 401 ] && [ "$got" != 403 ] && [ "$got" -lt 500 ] || fail "$method $path with $scope: $got" ;;
        *) check "$method $path with $scope" "$got" $want ;;
        esac
    done
done < <(jq -r '.paths | to_entries[] | .key as $p | .value | to_entries[] |
    $p + " " + (.key | ascii_upcase) + " " + (.value.security[0].token[0] // "none")' openapi.json | sed 's|^/metrics GET read|/metrics GET none|')
check "an ingest token writes" "$(post -H "Authorization: Bearer ${token[ingest]}" --data-binary "${event//e1/t1}" "$base/api/v1/events")" 200
bound=$("$weir" token create bound --scope ingest --source ci --store s.duckdb -q)
check "one of a source writes for it alone" "$(post -H "Authorization: Bearer $bound" --data-binary "${event//e1/t2}" "$base/api/v1/events?source=other") $(post -H "Authorization: Bearer $bound" --data-binary "${event//e1/t2}" "$base/api/v1/events")" "403 200"
check "the page asks to sign in" "$(get -o page -w '%{http_code}' "$base/") $(grep -c 'name="token"' page)" "401 1"
check "a wrong token" "$(code_of -H "Authorization: Bearer ${token[read]%?}x" "$base/api/v1/map")" 401
check "a token in the address" "$(code_of "$base/api/v1/map?token=${token[read]}")" 400
check "a session" "$(get -c jar -o /dev/null -w '%{http_code}' --data-urlencode "token=${token[read]}" "$base/api/v1/session")" 303
grep -q '#HttpOnly_' jar || fail "the cookie is open to scripts"
check "its cookie" "$(code_of -b jar "$base/api/v1/map") $(code_of -b jar "$base/")" "200 200"
check "its end" "$(code_of -b jar -X DELETE "$base/api/v1/session") $(code_of -b jar "$base/api/v1/map")" "204 401"
get -c jar -o /dev/null --data-urlencode "token=${token[read]}" "$base/api/v1/session"
"$weir" token revoke "for read" --yes --store s.duckdb >/dev/null 2>&1
check "revoke" $? 0
check "revoking counts at once" "$(code_of -H "Authorization: Bearer ${token[read]}" "$base/api/v1/map") $(code_of -b jar "$base/api/v1/map")" "401 401"
"$weir" token revoke "for read" --yes --store s.duckdb >/dev/null 2>&1
check "revoke what is gone" $? 1
short=$("$weir" token create short --scope read --expires 1s --store s.duckdb -q)
code_of -H "Authorization: Bearer $short" "$base/api/v1/map" >/dev/null
for _ in $(seq 12); do code_of -H "Authorization: Bearer weir_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" "$base/api/v1/map" >last; done
check "too many wrong tokens" "$(cat last) $(code_of -H "Authorization: Bearer ${token[admin]}" "$base/api/v1/map")" "429 429"
check "health all the same" "$(code_of "$base/healthz")" 200
grep -E 'weir_[A-Za-z0-9_-]{8}_' log >leak && fail "the log holds a token"
stop
check "the end with tokens" $code 0
[ "$("$weir" sql --store s.duckdb --output csv "SELECT count(*) FROM event" | tail -1 | tr -d '\r')" -gt 100 ] || fail "the store afterwards"

# --- a proxy that knows its users ---
umask 077
echo "a secret of the proxy" >proxy.secret
umask 022
cat >weir.yaml <<'END'
serve:
  hosts: [weir.example.org]
  proxy: {user_header: X-User, trusted: [127.0.0.1], secret_header: X-Secret, secret_file: proxy.secret}
END
start --store s.duckdb --config weir.yaml
check "through the proxy" "$(code_of -H 'Host: weir.example.org' -H 'X-User: ann' -H 'X-Secret: a secret of the proxy' "$base/api/v1/map")" 200
check "past the proxy" "$(code_of -H 'X-User: ann' "$base/api/v1/map")" 401
check "a wrong secret" "$(code_of -H 'X-User: ann' -H 'X-Secret: guessed' "$base/api/v1/map")" 401
check "two users" "$(code_of -H 'X-User: ann' -H 'X-User: bob' -H 'X-Secret: a secret of the proxy' "$base/api/v1/map")" 400
get "$base/metrics" >metrics.txt
grep -q '^weir_auth_failures_total{reason="untrusted_proxy"} 2' metrics.txt || fail "forged headers are not counted"
grep -q ann log && fail "the log names a person"
kill -TERM "$pid"
wait "$pid"
check "the end behind a proxy" $? 0

[ $failures = 0 ] || { echo "--- log"; tail -20 log; exit 1; }
echo "$((${#commands[@]} - 2)) commands, $(wc -l <described) parameters"

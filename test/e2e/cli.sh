#!/usr/bin/env bash
# cli.sh WEIR: exit codes, streams, signals and configuration of the program, as a script sees them.
. "$(dirname "$0")/head.bash"

echo "exit codes and streams"
expect 0 'weir [0-9]*' '' -- "$weir" version
expect 0 'weir [0-9]*' '' -- "$weir" --version
expect 0 '{"schema":"weir.version/1",*"duckdb":*' '' -- "$weir" version --json
expect 0 '{"schema":"weir.version/1",*' '' -- "$weir" --json version
expect 2 '' 'weir: unknown command "verison". Did you mean "version"?' -- "$weir" verison
expect 2 '' 'weir: unknown command "completions". Did you mean "completion"?' -- "$weir" completions
expect 2 '{"schema":"weir.error/1","id":"E1001",*}' 'weir: unknown command*' -- "$weir" verison --json
expect 2 '' '*unknown option "--jsno". Did you mean "--json"?*' -- "$weir" version --jsno
expect 2 '' '*--config is given twice*' -- "$weir" config check --config a --config b
expect 2 '' '*weir help COMMAND*' -- "$weir"
expect 0 '*weir help COMMAND*' '' -- "$weir" -h
expect 0 '*Usage*' '' -- "$weir" config -h
expect 0 'E2103: *' '' -- "$weir" help E2103
expect 2 '' '*there is no help on "confg". Did you mean "config"?*' -- "$weir" help confg
expect 0 '*weir.error/1*' '' -- "$weir" help json
expect 2 '' 'weir: version: -C /nowhere: No such file or directory' -- "$weir" -C /nowhere version
expect 2 '' '*could not be written*' -- bash -c '"$0" help >/dev/full' "$weir"
expect 2 '' '*could not be written*' -- bash -c '"$0" version >&-' "$weir"
expect 0 'weir shows*' '' -- bash -o pipefail -c '"$0" help | head -1' "$weir"
expect 2 '' '' -- bash -c '"$0" verison 2>&-' "$weir"
expect 0 '*' '' -- bash -c '"$0" version <&-' "$weir"

echo "look"
[ "$("$weir" help | wc -L)" -le 80 ] || fail "help is wider than 80 columns when piped"
"$weir" help --color always | grep -q $'\e' || fail "no colour with --color always"
FORCE_COLOR=1 "$weir" help | grep -q $'\e' || fail "no colour with FORCE_COLOR"
FORCE_COLOR=1 "$weir" help --color never | grep -q $'\e' && fail "colour with --color never"
"$weir" help | grep -q $'\e' && fail "colour in a pipe"
if command -v script >/dev/null; then
    shown=$(TERM=xterm PAGER='sed s/^/paged:/' script -qec "stty rows 10 cols 60; '$weir' help" /dev/null </dev/null)
    grep -q '^paged:' <<<"$shown" || fail "no pager on a small terminal"
    grep -q $'\e' <<<"$shown" || fail "no colour on a terminal"
    shown=$(TERM=xterm PAGER='sed s/^/paged:/' script -qec "stty rows 10; '$weir' help --json" /dev/null </dev/null)
    grep -q '^paged:' <<<"$shown" && fail "a pager for JSON"
    shown=$(TERM=xterm PAGER=/no/such/pager script -qec "stty rows 10; '$weir' help" /dev/null </dev/null)
    grep -q 'Exit codes' <<<"$shown" || fail "nothing is shown when the pager is missing"
fi

echo "completion"
for shell in bash zsh fish; do
    "$weir" completion $shell >"$root/$shell" || fail "completion $shell"
done
bash -n "$root/bash" || fail "bash -n"
if command -v zsh >/dev/null; then zsh -n "$root/zsh" || fail "zsh -n"; fi
if command -v fish >/dev/null; then fish --no-execute "$root/fish" || fail "fish --no-execute"; fi
expect 2 '' '*no completion for "tcsh"*' -- "$weir" completion tcsh
expect 0 'version' '' -- "$weir" completion --words commands ver
expect 0 '' '' -- "$weir" completion --words nonsense

# names of a store: the first answer may come too late, what it found is there the next time
printf 'case,activity,time\nA 1,build it,2026-01-01\nA 2,test it,2026-01-02\n' >log.csv
"$weir" import -q --store names.duckdb log.csv >/dev/null 2>&1
words() { "$weir" completion --store names.duckdb --words "$@"; }
# until EXPECTED KIND PREFIX: within ten seconds
until_says() {
    for _ in $(seq 100); do
        [ "$(words "$2" "$3")" = "$1" ] && return
        sleep 0.1
    done
    fail "names of $2: $(words "$2" "$3")"
}
until_says 'A 2' items 'A 2'
[ "$(words stages '')" = $'build it\ntest it' ] || fail "names of stages: $(words stages '')"
[ "$(words kinds c)$(words sources c)" = casecsv ] || fail "names of kinds and sources"
[ "$(stat -c %a "$HOME"/.cache/weir)" = 700 ] || fail "others may read the names"
echo "A 3,ship it,2026-01-03" >>log.csv
"$weir" import -q --store names.duckdb log.csv >/dev/null 2>&1
until_says 'ship it' stages ship
rm names.duckdb
expect 0 '' '' -- "$weir" completion --store names.duckdb --words items

# complete WORD…: what bash would offer for the last word
complete_in_bash() {
    PATH=$(dirname "$weir"):$PATH bash -c '
        source "$0"
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _weir 2>/dev/null
        printf "%s\n" "${COMPREPLY[@]}"' "$root/bash" "$@"
}
[ "$(complete_in_bash weir vers)" = version ] || fail "bash: commands"
[ "$(complete_in_bash weir version --js)" = --json ] || fail "bash: options"
[ "$(complete_in_bash weir --clock w)" = $'wall\nwork' ] || fail "bash: words"
[ "$(complete_in_bash weir -C /tmp config --tr)" = --trust ] || fail "bash: options behind -C DIR"
[ "$(complete_in_bash weir config ch)" = check ] || fail "bash: arguments"

echo "manual pages"
if command -v scdoc >/dev/null && command -v man >/dev/null; then
    "$here/../../scripts/man.sh" "$weir" "$root/man" || fail "scripts/man.sh"
    for page in "$root"/man/*; do
        said=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || fail "$page: $said"
    done
    [ -s "$root/man/weir-model.7" ] && [ -s "$root/man/weir.yaml.5" ] || fail "a page is missing"
fi

echo "init and config"
git init -q repo && cd repo || fail "git init"
git config remote.origin.url https://me:secret@github.com/acme/shop.git
git config user.name n && git config user.email n@example.org
touch Jenkinsfile
for i in 1 2 3 4; do git commit -q --allow-empty -m "DRV-$i: text in UTF-8"; done
expect 0 'Wrote weir.yaml.*acme/shop*jenkins*DRV-1*Next: weir' '' -- "$weir" init
grep -q 'kind: git, path' weir.yaml && grep -q 'repository: acme/shop' weir.yaml &&
    grep -q 'pattern: "DRV-' weir.yaml || fail "init guessed something else: $(cat weir.yaml)"
grep -q secret@ weir.yaml && fail "a secret of the remote stands in weir.yaml"
cp weir.yaml before
expect 2 '' '*weir.yaml exists already and is left as it is*' -- "$weir" init
cmp -s weir.yaml before || fail "init overwrote weir.yaml"
expect 0 '*weir.yaml: no fault found' '' -- "$weir" config check
expect 0 '*stream*repo*' '' -- "$weir" config show
expect 0 '*weir.yaml:4*' '' -- "$weir" config show --origin
expect 0 '*timezone,UTC,text,--tz*' '' -- "$weir" config show --origin --output csv --tz UTC
expect 0 '{"schema":"weir.init/1",*' '' -- bash -c 'mkdir sub && "$0" init sub --json' "$weir"
expect 2 '' '*not a folder*' -- "$weir" init nowhere
printf 'stram: x\n' >weir.yaml
expect 1 '*weir.yaml:1:*stram*stream*' '' -- "$weir" config check
expect 1 '{"schema":"weir.config/1",*"faults":\[{"message":*' '' -- "$weir" config check --json
expect 2 '' '*weir.yaml:1:*' -- "$weir" config show

echo "a cloned repository is not believed"
printf 'store: /elsewhere/x.duckdb\n' >weir.yaml
expect 1 '*puts the store outside the project*config check --trust' '' -- "$weir" config check
expect 0 '*no fault found' 'weir: note: *is trusted as it is now' -- "$weir" config check --trust
expect 0 '*no fault found' '' -- "$weir" config check
printf 'store: /elsewhere/y.duckdb\n' >weir.yaml
expect 1 '*puts the store outside*' '' -- "$weir" config check
ln -s /tmp link
printf 'store: link/x.duckdb\n' >weir.yaml
expect 1 '*puts the store outside*' '' -- "$weir" config check
printf 'store: a/../../x.duckdb\n' >weir.yaml
expect 1 '*puts the store outside*' '' -- "$weir" config check
printf 'store: .weir/store.duckdb\n' >weir.yaml
expect 0 '*no fault found' '' -- "$weir" config check
printf 'store: /elsewhere/z.duckdb\n' >chosen.yaml
expect 0 '*no fault found' '' -- "$weir" config check --config chosen.yaml

echo "working days"
cd "$root/work" || exit 2
cat >weir.yaml <<'YAML'
stream: shop
timezone: UTC
calendars: {office: {hours: "Mon-Fri 09:00-17:00"}}
YAML
# from Thursday 09:00 to Tuesday 13:00: three working days and a half
cat >days.csv <<'CSV'
case,activity,start_time,time
1,dev,2026-01-08T09:00:00Z,2026-01-13T13:00:00Z
2,dev,2026-01-15T09:00:00Z,2026-01-16T17:00:00Z
CSV
"$weir" import -q --store days.duckdb days.csv >/dev/null 2>&1
export WEIR_STORE=days.duckdb
says='Durations are working time of the calendar "office": 1d is 8h'
expect 0 "*$says.*dev*2.8d  *5.5d*" '' -- "$weir" map --clock work
expect 0 "*$says.*dev*2.8d  *" '' -- "$weir" constraint --clock work
expect 0 "*$says.*1 *3.5d*2 *2.0d*" '' -- "$weir" items --clock work
expect 0 "*lead time 3d 4h*$says.*3.5d*" '' -- "$weir" item 1 --clock work
expect 0 "*$says.*lead_time *2.8d*" '' -- "$weir" metrics flow --clock work
expect 0 '*lead time 5d 4h*' '' -- "$weir" item 1
expect 0 'dev	*	79200	*' '' -- "$weir" constraint --clock work --plain
expect 0 "*1d is 8h, also in --last.*--last 3d *from 2026-01-13 17:00*" '' -- "$weir" map --clock work --last 3d --to 2026-01-17 --explain
expect 0 '*"range":{"from":"2026-01-10T*' '' -- "$weir" map --last 1w --to 2026-01-17 --json
expect 0 '*"range":{"from":"2026-01-09T17:00:*' '' -- "$weir" map --last 1w --to 2026-01-17 --clock work --json
unset WEIR_STORE

finish

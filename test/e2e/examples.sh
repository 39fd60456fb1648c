#!/usr/bin/env bash
# examples.sh WEIR: every example of the help runs. Each in a fresh copy of a folder that
# prepare/all.sh and then prepare/<command>.sh filled; a line that needs a program which is not
# installed is left out, aloud. Exit codes 0, 1 (no) and 3 (rejects) are fine; `weir serve` is
# interrupted after two seconds.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
weir=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
mkdir "$root/bin"
ln -s "$weir" "$root/bin/weir"
export PATH=$root/bin:$PATH HOME=$root/run/home LC_ALL=C.UTF-8 GIT_CONFIG_GLOBAL=/dev/null
failures=0 n=0

# The folder is always the same one, so that what depends on its path stays.
begin() {
    rm -rf "$root/run"
    mkdir -p "$root/run/home" "$root/run/work"
    cd "$root/run/work" || exit 2
    for step in all "$1"; do
        if [ -e "$here/prepare/$step.sh" ]; then
            bash -euo pipefail "$here/prepare/$step.sh" >"$root/prepared" 2>&1 || {
                echo "FAILED: prepare/$step.sh: $(cat "$root/prepared")"
                exit 1
            }
        fi
    done
    rm -rf "$root/template"
    cp -a "$root/run" "$root/template"
}

missing() { # the first program of the line that is not there
    local part
    while read -r part; do
        part=${part%% *}
        [ -z "$part" ] || command -v "$part" >/dev/null || { echo "$part"; return; }
    done < <(sed -e "s/'[^']*'//g" -e 's/"[^"]*"//g' -e 's/||\|&&\||/\n/g' <<<"$1")
}

before=
while IFS=$'\t' read -r command line <&3; do
    lacks=$(missing "$line")
    case $line in *https://*)
        echo "left out, it asks a service on the network: $line"
        continue
        ;;
    esac
    if [ -n "$lacks" ]; then
        echo "left out, there is no $lacks: $line"
        continue
    fi
    if [ "$command" != "$before" ]; then
        begin "$command"
        before=$command
    else
        cd / && rm -rf "$root/run" && cp -a "$root/template" "$root/run" && cd "$root/run/work" || exit 2
    fi
    limit=60
    case $line in *"weir serve"* | *"weir demo"*) limit=2 ;; esac
    timeout -s INT -k 10 $limit bash -o pipefail -c "$line" >"$root/out" 2>"$root/err" </dev/null
    code=$?
    n=$((n + 1))
    case $code:$limit in
    0:* | 1:* | 3:* | 124:2 | 130:2) ;;
    *)
        echo "FAILED: $line: exit code $code: $(head -5 "$root/err")"
        failures=$((failures + 1))
        ;;
    esac
done 3< <(weir help --examples)
echo "$n examples"
[ $failures = 0 ] && [ $n -gt 0 ]

# head.bash: what the scripts beside it begin with: an empty home, an environment without weir's own
# variables, and `expect`. Sourced as  . "$(dirname "$0")/head.bash"  with the program as $1.
#
# Blocks that do not need each other run two at a time by `aside`: each in a folder of its own, which
# it may fill as it likes. `finish` waits for them and ends the script.
set -uo pipefail
weir=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
for variable in $(compgen -e); do
    case $variable in WEIR_* | XDG_* | *COLOR* | PAGER | COLUMNS | TZ) unset "$variable" ;; esac
done
export HOME=$root/home LC_ALL=C.UTF-8 XDG_STATE_HOME=$root/state GIT_CONFIG_GLOBAL=/dev/null
scratch=$root
mkdir -p "$HOME" "$root/work"
cd "$root/work" || exit 2
: >"$root/failed"

fail() {
    echo "FAILED: $*"
    echo . >>"$root/failed"
}

# expect CODE STDOUT STDERR -- COMMAND…: the texts are bash patterns
expect() {
    local code=$1 out=$2 err=$3
    shift 4
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    local got=$?
    [ $got = "$code" ] || fail "$*: exit code $got, not $code: $(cat "$scratch/out" "$scratch/err")"
    # shellcheck disable=SC2053
    [[ $(cat "$scratch/out") == $out ]] || fail "$*: stdout: $(cat "$scratch/out")"
    # shellcheck disable=SC2053
    [[ $(cat "$scratch/err") == $err ]] || fail "$*: stderr: $(cat "$scratch/err")"
}

# aside NAME FUNCTION ARGUMENT…: runs it beside the others, in $root/NAME/work
aside() {
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    echo "$1"
    (
        scratch=$root/$1
        mkdir -p "$scratch/work" && cd "$scratch/work" || exit 2
        shift
        "$@" >"$scratch/said" 2>&1
        status=$?
        cat "$scratch/said"
        [ $status = 0 ] || fail "$scratch: exit code $status"
    ) &
}

finish() {
    wait
    [ ! -s "$root/failed" ] || { echo "$(wc -l <"$root/failed") failed"; exit 1; }
    exit 0
}

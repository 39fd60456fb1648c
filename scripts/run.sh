#!/usr/bin/env bash
# run.sh REPO SERVE: mines the repository with the built program, prints the report, and serves the pages
# until Ctrl-C, unless SERVE is 0.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=${1:-.}
case $repository in "~" | "~/"*) repository=$HOME${repository#"~"} ;; esac # not every shell expands REPO=~/x
status=0
build/weir -C "$repository" || status=$?
[ $status = 0 ] || [ $status = 3 ] || exit $status # 3: finished, some commits could not be read

from=
[ "$repository" = . ] || from=" -C $(printf %q "$repository")"
cat <<END

Look further
  build/weir$from constraint --explain    the evidence behind the verdict
  build/weir$from items --aging           what has waited longest
  build/weir demo                    a simulated company, whose constraint is known
END
[ "${2:-}" != 0 ] || exit 0
echo
build/weir -C "$repository" serve -q || status=$?
[ $status != 2 ] || exec build/weir -C "$repository" serve -q --listen 127.0.0.1:0 # 8080 is taken

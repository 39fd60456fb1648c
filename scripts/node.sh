#!/usr/bin/env bash
# node.sh: prints the folder of a node that is new enough to build the pages (20.19 or newer): the machine's, else
# the one that scripts/deps.sh put into deps/node. Exit 1: there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
is_new_enough() {
    [ -x "$1" ] && "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}
for node in "$(command -v node || true)" "$PWD/deps/node/bin/node"; do
    if [ -n "$node" ] && is_new_enough "$node"; then
        dirname "$node"
        exit 0
    fi
done
exit 1

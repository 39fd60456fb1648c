#!/usr/bin/env bash
# web.sh build: the pages, from web/ into web/dist, when anything changed since.
# web.sh functions | pages: their tests. 77: left out, with the reason.
set -euo pipefail
what=${1:-build}
weir=${2:+$(realpath "$2")}
cd "$(dirname "$0")/.."
left_out() {
    echo "left out: $1"
    exit 77
}
folder=$(scripts/node.sh) || left_out "there is no node of 20.19 or newer (scripts/deps.sh fetches one)"
export PATH=$folder:$PATH
cd web

install_packages() {
    [ node_modules/.package-lock.json -nt package-lock.json ] && return
    command -v npm >/dev/null || left_out "there is no npm"
    echo "weir: fetching what the pages are built from"
    npm ci --no-audit --no-fund --loglevel=error || left_out "npm could not fetch the packages of web/; is the network there?"
}

is_built() {
    [ -e dist/index.html ] && [ -z "$(find src tool/tokens.js index.html vite.config.js package-lock.json tsconfig.json -newer dist/index.html -print -quit)" ]
}

case $what in
build)
    is_built && exit 0
    install_packages
    node node_modules/typescript/bin/tsc
    node node_modules/vite/bin/vite.js build --logLevel warn
    ;;
functions)
    [ -d node_modules ] || left_out "the packages of web/ are not there (make web)"
    node --test test/unit/
    ;;
pages)
    [ -d node_modules ] || left_out "the packages of web/ are not there (make web)"
    [ -e dist/index.html ] || left_out "the pages are not built (make web)"
    chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
    [ -n "$chromium" ] || left_out "there is no chromium (apt-get install chromium)"
    WEIR=${weir:-../build/release/weir} CHROMIUM=$chromium node --test --test-concurrency=1 test/pages/
    ;;
*)
    echo "usage: scripts/web.sh build|functions|pages [WEIR]" >&2
    exit 2
    ;;
esac

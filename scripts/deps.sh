#!/usr/bin/env bash
# Installs what weir is built from: Debian packages, and DuckDB's library and header from their npm
# packages (there is no Debian package of them), pinned by version and checksum, into deps/; and node, for the
# pages, where the machine's is missing or too old (without it weir is built with a page that says so).
# Does nothing, and asks no network, when everything is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(gcc libc6-dev cmake ninja-build pkg-config git
    libgit2-dev libjansson-dev libexpat1-dev libfyaml-dev libpcre2-dev libsqlite3-dev libicu-dev
    r-mathlib libxxhash-dev zlib1g-dev libzstd-dev libssl-dev libmicrohttpd-dev libcurl4-openssl-dev
    libcmocka-dev scdoc man-db)
if [ "${WEIR_DEPS:-build}" = all ]; then # the analysers and the fuzzers' compiler
    packages+=(clang libclang-rt-14-dev clang-tidy clang-format cppcheck zsh fish jq python3 chromium)
fi

duckdb_version=1.5.6-r.1
duckdb_header_version=1.4.4
duckdb_header_sha256=5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed
node_version=22.23.3
case $(uname -m) in
x86_64)
    node_arch=x64
    node_sha256=00b5c43d88958dbbf45339c4d5e9a76289c7e25876fd08270b379e485e151fc5
    duckdb_arch=x64
    duckdb_sha256=1b9f82478539bb9a1d1df44bd103121a12ae52142c07158dc52b97d2ec1d69ff
    ;;
aarch64)
    node_arch=arm64
    node_sha256=894b9938b215d40b3a38db094ef436d02b3bc7dd16f04fca145a4735cd9e9035
    duckdb_arch=arm64
    duckdb_sha256=3a45a6305b3235a781ed9de25aa795a3862acd042782d1f864e1bdb656de212b
    ;;
*)
    echo "weir: there is no DuckDB library for $(uname -m); x86_64 and aarch64 are supported" >&2
    exit 2
    ;;
esac

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "weir: these Debian packages are missing and neither root nor sudo is at hand:" >&2
        echo "  apt-get install ${missing[*]}" >&2
        exit 2
    fi
}

install_missing() {
    missing=()
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || {
        echo "weir: install these first (named as in Debian 12): ${missing[*]}" >&2
        exit 2
    }
    echo "weir: installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null
}

# unpack PACKAGE VERSION SHA256 MEMBER TARGET: one member of an npm package into deps/
unpack() {
    local work
    work=$(mktemp -d)
    (cd "$work" && npm pack --silent --loglevel=error "$1@$2" >/dev/null) || {
        echo "weir: the npm package $1@$2 cannot be fetched; is the network there?" >&2
        rm -rf "$work"
        exit 2
    }
    echo "$3  $(echo "$work"/*.tgz)" | sha256sum --check --status || {
        echo "weir: the npm package $1@$2 has not the checksum that this version of weir expects" >&2
        rm -rf "$work"
        exit 2
    }
    tar xzf "$work"/*.tgz -C "$work" "$4"
    mkdir -p "$(dirname "$5")"
    mv "$work/$4" "$5"
    rm -rf "$work"
}

install_missing "${packages[@]}"
# not as a package: where node came from elsewhere, npm came with it, and Debian's would be in conflict
if [ "${WEIR_DEPS:-build}" = all ]; then
    command -v npm >/dev/null || install_missing npm
fi
stamp=deps/duckdb/$duckdb_version-$duckdb_header_version
if [ ! -e "$stamp" ]; then
    command -v npm >/dev/null || install_missing npm
    echo "weir: fetching DuckDB $duckdb_version"
    rm -rf deps/duckdb
    unpack duckdb "$duckdb_header_version" "$duckdb_header_sha256" \
        package/src/duckdb/src/include/duckdb.h deps/duckdb/include/duckdb.h
    unpack "@duckdb/node-bindings-linux-$duckdb_arch" "$duckdb_version" "$duckdb_sha256" \
        package/libduckdb.so deps/duckdb/lib/libduckdb.so
    touch "$stamp"
fi
if ! scripts/node.sh >/dev/null; then
    command -v npm >/dev/null || install_missing npm
    echo "weir: fetching node $node_version for the pages"
    (unpack "node-linux-$node_arch" "$node_version" "$node_sha256" package/bin/node deps/node/bin/node) ||
        echo "weir: without node the program gets a page that says how to build the pages" >&2
fi

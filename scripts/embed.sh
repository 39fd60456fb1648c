#!/usr/bin/env bash
# embed.sh OUT FOLDER…: the files below the folders, as pages.S (their bytes, also compressed) and
# pages_table.c (struct page of src/serve/pages.h) in OUT. Of files of one name the first folder's counts.
set -euo pipefail
out=$1
shift
mkdir -p "$out/gz"
declare -A seen
n=0
exec 3>"$out/pages.S" 4>"$out/pages_table.c"
echo '.section .rodata' >&3
echo '#include "serve/pages.h"' >&4
rows=
for folder in "$@"; do
    while IFS= read -r file; do
        path=/${file#"$folder"/}
        [ -z "${seen[$path]:-}" ] || continue
        [[ $path =~ ^[A-Za-z0-9._/-]+$ ]] || { echo "embed.sh: $path has a name that no address can have" >&2; exit 2; }
        case $path in *.map | *.gz | *.br) continue ;; esac
        seen[$path]=1
        case $path in
        *.html) type='text/html; charset=utf-8' ;;
        *.js | *.mjs) type='text/javascript; charset=utf-8' ;;
        *.css) type='text/css; charset=utf-8' ;;
        *.json | *.webmanifest) type=application/json ;;
        *.svg) type=image/svg+xml ;;
        *.png) type=image/png ;;
        *.ico) type=image/x-icon ;;
        *.wasm) type=application/wasm ;;
        *.txt) type='text/plain; charset=utf-8' ;;
        *) type=application/octet-stream ;;
        esac
        hashed=false
        [[ $path =~ ^/assets/.*-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$ ]] && hashed=true
        etag=$(sha256sum "$file" | cut -c1-32)
        put() { # LABEL FILE
            printf '.global %s\n%s:\n.incbin "%s"\n.global %s_end\n%s_end:\n.byte 0\n' "$1" "$1" "$2" "$1" "$1" >&3
            echo "extern const unsigned char $1[], $1_end[];" >&4
        }
        put "page_$n" "$(realpath "$file")"
        gz="NULL, NULL"
        gzip -n9 <"$file" >"$out/gz/$n"
        if [ $(($(stat -c %s "$out/gz/$n") * 10)) -lt $(($(stat -c %s "$file") * 9)) ]; then
            put "page_gz_$n" "$(realpath "$out/gz/$n")"
            gz="page_gz_$n, page_gz_${n}_end"
        fi
        rows+="    {\"$path\", \"$type\", \"\\\"$etag\\\"\", page_$n, page_${n}_end, $gz, $hashed},"$'\n'
        n=$((n + 1))
    done < <(find "$folder" -type f | LC_ALL=C sort)
done
echo '.section .note.GNU-stack,"",@progbits' >&3
printf 'const struct page pages[] = {\n%s    {.path = NULL},\n};\n' "$rows" >&4

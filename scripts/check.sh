#!/usr/bin/env bash
# The analysers: formatting, gcc -fanalyzer, cppcheck, a short list of clang-tidy. Each stops the check.
set -euo pipefail
cd "$(dirname "$0")/.."
WEIR_DEPS=all scripts/deps.sh
jobs=$(nproc)
mapfile -t sources < <(git ls-files 'src/*.c' 'src/*.h' 'test/*.c' 'test/*.h' 'fuzz/*.c' 'bench/*.c')

echo "weir: clang-format"
clang-format --dry-run -Werror "${sources[@]}"

echo "weir: gcc -fanalyzer"
cmake --preset release -B build/analyze -DCMAKE_C_FLAGS="-fanalyzer" -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build build/analyze -- -j"$jobs" floors

echo "weir: cppcheck"
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
    --suppressions-list=scripts/cppcheck.txt --inline-suppr -j"$jobs" -I src src

echo "weir: clang-tidy"
cmake --preset dev >/dev/null
git ls-files 'src/*.c' | xargs -P "$jobs" -n 8 clang-tidy --quiet -p build/dev 2>/dev/null

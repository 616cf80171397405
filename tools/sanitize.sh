#!/bin/sh
# Runs the stand-alone programs of tools/cpp (each ends with "N passed, N failed") under the address
# and undefined-behaviour sanitizers, for the baseline instruction set and AVX2 where there is one.
#   tools/sanitize.sh [PROGRAM.cpp...]
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

compiler=${CXX:-g++}
levels=0
if grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo; then levels='0 1'; fi
[ "$#" -gt 0 ] || set -- tools/cpp/*.cpp

ASAN_OPTIONS=detect_leaks=${RESCORLA_LEAKS:-1}:abort_on_error=0
UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export ASAN_OPTIONS UBSAN_OPTIONS

failed=0
for source in "$@"; do
  for level in $levels; do
    label="$(basename "$source" .cpp), instruction set $level"
    program=$scratch/$(basename "$source" .cpp)-$level
    if ! "$compiler" -std=gnu++17 -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
      -fno-sanitize-recover=all -DRESCORLA_LEVEL="$level" -Iinst/include -Isrc/models -pthread \
      "$source" -o "$program" >"$scratch/log" 2>&1; then
      say "$label: does not compile"
      head -n 30 "$scratch/log"
      failed=1
    elif "$program" >"$scratch/log" 2>&1 &&
      tail -n 1 "$scratch/log" | grep -q '[1-9][0-9]* passed, 0 failed'; then
      say "$label: $(tail -n 1 "$scratch/log")"
    else
      say "$label: failed"
      head -n 40 "$scratch/log"
      failed=1
    fi
  done
done
[ "$failed" -eq 0 ] || die "the sanitizers or the programs' own checks object"

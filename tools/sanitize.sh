#!/bin/sh
# Runs the stand-alone programs of tools/cpp (each ends with "N passed, N failed") under the address
# and undefined-behaviour sanitizers, for the baseline instruction set and AVX2 where there is one.
# PROGRAM.with.cpp, where there is one, is a second unit of PROGRAM.cpp.
#   tools/sanitize.sh [PROGRAM.cpp...]
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

compiler=${CXX:-g++}
levels=0
if grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo; then levels='0 1'; fi
[ "$#" -gt 0 ] || set -- tools/cpp/test-*.cpp

ASAN_OPTIONS=detect_leaks=${RESCORLA_LEAKS:-1}:abort_on_error=0
UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export ASAN_OPTIONS UBSAN_OPTIONS

# check SOURCE LEVEL: one line, or the head of the log; status 1 where something is wrong.
check() {
  label="$(basename "$1" .cpp), instruction set $2"
  program=$scratch/$(basename "$1" .cpp)-$2
  log=$program.log
  companion=${1%.cpp}.with.cpp
  [ -e "$companion" ] || companion=
  # shellcheck disable=SC2086 # no companion, no argument
  if ! "$compiler" -std=gnu++17 -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=all -DRESCORLA_LEVEL="$2" -Iinst/include -Isrc/models -pthread \
    "$1" $companion -o "$program" >"$log" 2>&1; then
    say "$label: does not compile"
    head -n 30 "$log"
    return 1
  fi
  if "$program" >"$log" 2>&1 && tail -n 1 "$log" | grep -q '[1-9][0-9]* passed, 0 failed'; then
    say "$label: $(tail -n 1 "$log")"
    return 0
  fi
  say "$label: failed"
  head -n 40 "$log"
  return 1
}

# Two at a time, in the order given: each job waits for the one two before it.
failed=0
before=
last=
for source in "$@"; do
  case $source in *.with.cpp) continue ;; esac
  own=$levels
  # Code for a device is the same at all instruction sets, and so is what draws from a posterior.
  case $source in */test-device-* | */test-hierarchy*) own=0 ;; esac
  for level in $own; do
    if [ -n "$before" ]; then wait "$before" || failed=1; fi
    check "$source" "$level" &
    before=$last last=$!
  done
done
for job in $before $last; do wait "$job" || failed=1; done
[ "$failed" -eq 0 ] || die "the sanitizers or the programs' own checks object"

#!/bin/sh
# Runs the stand-alone programs of tools/cpp (each ends with "N passed, N failed") under the address
# and undefined-behaviour sanitizers, for the baseline instruction set and AVX2 where there is one.
# A unit test-x.with.cpp is part of the program test-x.cpp: what has to be compiled another way.
#   tools/sanitize.sh [PROGRAM.cpp...]
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

compiler=${CXX:-g++}
levels=0
if grep -qw avx2 /proc/cpuinfo 2>/dev/null && grep -qw fma /proc/cpuinfo; then levels='0 1'; fi
if [ "$#" -eq 0 ]; then
  for source in tools/cpp/*.cpp; do
    case $source in *.with.cpp) ;; *) set -- "$@" "$source" ;; esac
  done
fi

ASAN_OPTIONS=detect_leaks=${RESCORLA_LEAKS:-1}:abort_on_error=0
UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export ASAN_OPTIONS UBSAN_OPTIONS

# check SOURCE LEVEL: one line, or the head of the log; status 1 where something is wrong.
check() {
  label="$(basename "$1" .cpp), instruction set $2"
  program=$scratch/$(basename "$1" .cpp)-$2
  log=$program.log
  with=${1%.cpp}.with.cpp
  [ -e "$with" ] || with=
  # shellcheck disable=SC2086 # none or one
  if ! "$compiler" -std=gnu++17 -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=all -DRESCORLA_LEVEL="$2" -Iinst/include -Isrc/models -pthread \
    "$1" $with -o "$program" >"$log" 2>&1; then
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

failed=0
for source in "$@"; do
  running=
  # The instruction sets side by side.
  for level in $levels; do
    check "$source" "$level" &
    running="$running $!"
  done
  for job in $running; do wait "$job" || failed=1; done
done
[ "$failed" -eq 0 ] || die "the sanitizers or the programs' own checks object"

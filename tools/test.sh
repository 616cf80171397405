#!/bin/sh
# Installs the package into a library of its own and runs the tests against it.
#   tools/test.sh [FILTER]     only the test files whose name matches FILTER
# RESCORLA_LIBRARY names a library to install into (and keep) instead of a temporary one.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

library=${RESCORLA_LIBRARY:-$scratch/library}
say "Installing rescorla for its tests"
install_package "$library" || die "the package did not install"

put_first "$library"
use_two_threads
NOT_CRAN=true
# Models compiled by the tests stay out of the user's cache.
R_USER_CACHE_DIR=$scratch/cache
export NOT_CRAN R_USER_CACHE_DIR
# Two processes share the files.
queue=$scratch/queue
mkdir "$queue"
Rscript tools/test.R "${1:-}" "$queue" >"$scratch/second.log" 2>&1 &
second=$!
first_status=0 second_status=0
Rscript tools/test.R "${1:-}" "$queue" || first_status=$?
wait "$second" || second_status=$?
cat "$scratch/second.log"
# A process that died leaves no counts: its status tells.
if [ "$first_status" -ne 0 ] || [ "$second_status" -ne 0 ]; then
  die "a process of the tests ended early"
fi
Rscript tools/test.R --sum "$queue"

#!/bin/sh
# Compiles the package with -Wall -Wextra -pedantic and fails on any warning in our own files.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

printf 'CXX17FLAGS = -O2 -Wall -Wextra -pedantic\n' >"$scratch/Makevars"
R_MAKEVARS_USER=${RESCORLA_MAKEVARS:-$scratch/Makevars}
export R_MAKEVARS_USER
install_package "$scratch/library" || die "the package did not install"

# The compiler runs in src/: our files have relative names, those of other packages absolute ones.
# RcppExports.cpp is Rcpp's text; its table of entry points casts function pointers by design.
if grep -E '^[^/].*(warning|Warning):' "$scratch/install.log" |
  grep -v '^RcppExports\.cpp:' >"$scratch/warnings"; then
  head -n 40 "$scratch/warnings"
  die "$(wc -l <"$scratch/warnings") compiler warnings"
fi
say "no compiler warnings ($(grep -c -- ' -c ' "$scratch/install.log") units)"

#!/bin/sh
# R CMD check --as-cran on the built source package: passes without errors, warnings and notes. The
# note on the installed size alone is accepted: the catalogue is compiled once for every instruction
# set.
#   tools/check-package.sh [DIRECTORY]     keeps the check's folder and the source package there
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

work=$scratch/check
if [ "$#" -gt 0 ]; then
  mkdir -p "$1"
  work=$(CDPATH='' cd -- "$1" && pwd)
fi

# Debian's default -g makes the shared library many times larger than a release is.
printf 'CXX17FLAGS = -O2 -Wall\n' >"$scratch/Makevars"
R_MAKEVARS_USER=${RESCORLA_MAKEVARS:-$scratch/Makevars}
R_RD4PDF=times,hyper
# What only the network can answer is left to the submission.
_R_CHECK_CRAN_INCOMING_=false
_R_CHECK_CRAN_INCOMING_REMOTE_=false
_R_CHECK_SYSTEM_CLOCK_=false
LANGUAGE=en
export LANGUAGE R_MAKEVARS_USER R_RD4PDF _R_CHECK_CRAN_INCOMING_ _R_CHECK_CRAN_INCOMING_REMOTE_ \
  _R_CHECK_SYSTEM_CLOCK_
unset NOT_CRAN
use_two_jobs

say "Building the source package and its vignettes"
rm -rf "$work/source"
build_source "$work/source" || die "R CMD build failed"
say "Checking $(basename "$tarball")"
# Its status tells errors only; the log tells all.
(cd "$work" && R CMD check --as-cran "$tarball") >"$scratch/check.log" 2>&1 || :
log=$work/rescorla.Rcheck/00check.log
[ -e "$log" ] || {
  tail -n 40 "$scratch/check.log"
  die "R CMD check stopped before it wrote a log"
}

# An item is a line "* checking ..." and what stands below it up to the next.
awk '
  function flush() { if (bad && !accepted) { printf "%s", item; found = 1 } }
  /^\* / { flush(); item = ""; bad = 0; accepted = 0 }
  { item = item $0 "\n" }
  /^\*.* (ERROR|WARNING|NOTE)$/ || /^ *(ERROR|WARNING|NOTE)$/ { bad = 1 }
  /^\* checking installed package size \.\.\. NOTE$/ { accepted = 1 }
  /^\* DONE/ { done = 1 }
  END { flush(); if (!done) print "the check did not reach its end"; exit found || !done }
' "$log" || {
  if grep -Eq '^\* checking whether package .* (ERROR|WARNING)$' "$log"; then
    tail -n 40 "$work/rescorla.Rcheck/00install.out"
  fi
  for file in "$work"/rescorla.Rcheck/tests/*.fail; do
    if [ -e "$file" ]; then tail -n 40 "$file"; fi
  done
  die "R CMD check objects"
}
tail -n 2 "$log" | grep '^Status' || true

#!/bin/sh
# Demand 4: does the package, built under R's default -O2, lose anything to a build with
# -march=native? Builds it twice into temporary libraries and times the kernel in both, turn by
# turn. Prints actions,order,default,native: nanoseconds per (subject, trial), medians.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/../tools/common.sh"

build() {
  printf 'CXXFLAGS = %s\nCXX17FLAGS = %s\n' "$2" "$2" >"$scratch/Makevars.$1"
  R_MAKEVARS_USER="$scratch/Makevars.$1" install_package "$scratch/$1"
  rm -rf "$scratch/source"
}

build default "-O2"
build native "-O2 -march=native"

for _ in 1 2 3 4 5; do
  for flags in default native; do
    Rscript bench/lib/native-kernel.R "$flags" "$scratch/$flags" >>"$scratch/timed.csv"
  done
done
Rscript bench/lib/native-kernel.R --summary "$scratch/timed.csv"

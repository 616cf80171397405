#!/bin/sh
# Proves the generated files fresh: makes them again in a copy of the working tree and compares.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

wanted=$(sed -n 's/^RoxygenNote: *//p' DESCRIPTION)
found=$(Rscript -e 'cat(as.character(packageVersion("roxygen2")))')
[ "$wanted" = "$found" ] ||
  die "the help pages were made with roxygen2 $wanted and this is $found: they cannot be compared"

copy=$scratch/copy
copy_tree "$copy"
# A model that left the catalogue must not linger, nor a page of a function that is gone.
rm -rf "$copy/src/models" "$copy/src/cuda/models" "$copy/man"
rm -f "$copy/src/RcppExports.cpp" "$copy/R/RcppExports.R"

say "Making the catalogue again"
(cd "$copy" && quietly "$scratch/generate.log" Rscript tools/generate-catalogue.R) ||
  die "the generator failed"
say "Making the exports and help pages again"
(cd "$copy" && quietly "$scratch/document.log" Rscript tools/document.R) ||
  die "documenting failed"
say "Making the pages of the catalogue again"
(cd "$copy" && quietly "$scratch/help.log" Rscript tools/generate-help.R) ||
  die "the pages of the catalogue could not be made"

stale=0
for path in src/models src/cuda/models src/Makevars.in src/Makevars.win src/RcppExports.cpp \
  R/RcppExports.R man NAMESPACE; do
  # Objects of a build in the working tree are nobody's concern, nor are figures among the pages.
  if ! diff -r -u -x '*.o' -x figures "$path" "$copy/$path" >"$scratch/diff"; then
    say "not fresh: $path"
    head -n 40 "$scratch/diff"
    stale=1
  fi
done
[ "$stale" -eq 0 ] || die "run 'make generate document' and commit what changes"
say "generated files are fresh"

#!/bin/sh
# Installs the package into the user's R library, unless the very same sources are there already.
# RESCORLA_CUDA=yes builds the CUDA backend too, RESCORLA_CUDA=DIR with the toolkit there.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

library=${RESCORLA_LIBRARY:-$(Rscript tools/packages.R library)}
stamp=$library/rescorla/source.cksum

# Names and contents of all that is installed, and the R it is installed for.
sources=$(
  {
    Rscript --version 2>&1
    printf '%s\n' "${RESCORLA_CUDA:-}" "${RESCORLA_CUDA_ARCH:-}"
    find DESCRIPTION NAMESPACE configure R data inst src man -type f \
      ! -name '*.o' ! -name '*.so' ! -path src/Makevars |
      LC_ALL=C sort | tr '\n' '\0' | xargs -0 cksum
  } | cksum
)
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$sources" ]; then
  say "rescorla is installed and up to date in $library"
  exit 0
fi

say "Installing rescorla into $library (three to five minutes: it compiles the catalogue of models)"
install_package "$library" || die "the package did not install"
printf '%s\n' "$sources" >"$stamp"

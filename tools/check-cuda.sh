#!/bin/sh
# The core is host and device code: compiles tools/cuda/check-*.cu, kernels that call the core and
# the first models of the catalogue and that fit one of them, for a GPU. Needs nvcc but no device;
# without nvcc it says so and passes.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

if ! have nvcc; then
  say "skipped: nvcc is not on the PATH"
  exit 0
fi
for source in tools/cuda/check-*.cu; do
  # A call of a host function from device code compiles with a warning and fails when it runs.
  nvcc -std=c++17 -arch="${CUDA_ARCH:-sm_90}" --expt-relaxed-constexpr \
    -Werror cross-execution-space-call -Iinst/include -Isrc/models \
    -c "$source" -o "$scratch/check.o" ||
    die "$source does not compile for a GPU"
done
say "compiled with nvcc $(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')"

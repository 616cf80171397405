#!/bin/sh
# The core is host and device code: compiles the units of tools/cuda, kernels that call the core and
# the first models of the catalogue, for a GPU, and holds those that should keep to registers to that.
# Needs nvcc but no device; without nvcc it says so and passes.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

if ! have nvcc; then
  say "skipped: nvcc is not on the PATH"
  exit 0
fi

# for_gpu UNIT [OPTION...]: what the assembler tells of each kernel comes with -Xptxas -v.
for_gpu() {
  unit=$1
  shift
  # A call of a host function from device code compiles with a warning and fails when it runs.
  nvcc -std=c++17 -arch="${CUDA_ARCH:-sm_90}" --expt-relaxed-constexpr \
    -Werror cross-execution-space-call -Iinst/include -Isrc/models "$@" \
    -c "tools/cuda/$unit.cu" -o "$scratch/$unit.o" >"$scratch/$unit.log" 2>&1 && return
  head -n 40 "$scratch/$unit.log"
  die "tools/cuda/$unit.cu does not compile for a GPU"
}

for_gpu check-core
for_gpu check-single
for_gpu check-registers -Xptxas -v
kernels=$(grep -c 'bytes stack frame' "$scratch/check-registers.log") || die "no kernel was assembled"
if grep 'bytes stack frame' "$scratch/check-registers.log" |
  grep -v ' 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads'; then
  die "kernels of tools/cuda/check-registers.cu need a stack"
fi
say "compiled with nvcc $(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')," \
  "$kernels kernels in registers"

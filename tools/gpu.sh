#!/bin/sh
# The full check and benchmark of the CUDA backend, without R: compiles src/cuda and the driver beside
# it, compares the GPU with the processor on the same data, and prints a table in Markdown of what was
# compared and how long things take. bench/GPU.md tells what is measured. On a machine without a GPU
# it compiles everything, says so and passes.
#   tools/gpu.sh [--host] [--build-only] [--objects DIR] [--out FILE] [--subjects N]
#     --host          the checks alone, with the host in the place of the GPU; needs no nvcc
#     --build-only    compile and link, and compile with NVRTC; run nothing on a GPU
#     --objects DIR   objects of src/cuda that are there already, DIR/*.o and DIR/models/*.o
#     --out FILE      the table goes there too
#     --subjects N    of the benchmark, a million by default
# CUDA_HOME names a toolkit, RESCORLA_CUDA_ARCH the compute capability where there is no GPU, RESCORLA_JOBS
# how many compilers run at a time, RESCORLA_BENCH_PYTHON a Python with JAX.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

host=
build_only=
objects=
out=
subjects=1000000
while [ "$#" -gt 0 ]; do
  case $1 in
    --host) host=yes ;;
    --build-only) build_only=yes ;;
    --objects | --out | --subjects)
      [ "$#" -gt 1 ] || die "$1 lacks its value"
      case $1 in
        --objects) objects=$2 ;;
        --out) out=$2 ;;
        --subjects) subjects=$2 ;;
      esac
      shift
      ;;
    *) die "'$1' is no option of tools/gpu.sh" ;;
  esac
  shift
done
case $subjects in '' | *[!0-9]*) die "--subjects is no number: $subjects" ;; esac

build=$scratch/gpu
mkdir -p "$build/commands" "$build/models"
compiler=${CXX:-g++}
jobs=${RESCORLA_JOBS:-$(nproc 2>/dev/null || echo 2)}

# ---- compiling ---------------------------------------------------------------------------------

# later NAME COMMAND...: to be run by compile(); NAME is also the object.
later() {
  name=$1
  shift
  {
    printf 'exec'
    for word in "$@"; do printf " '%s'" "$word"; done
    printf " -o '%s/%s.o' >'%s/%s.log' 2>&1\n" "$build" "$name" "$build" "$name"
  } >"$build/commands/$(printf '%s' "$name" | tr / -)"
}

compile() {
  find "$build/commands" -type f | sort | xargs -P "$jobs" -n 1 sh && return 0
  for log in "$build"/*.log "$build"/models/*.log; do
    if [ -s "$log" ]; then head -n 30 "$log" >&2; fi
  done
  die "the GPU check does not compile"
}

# The driver's own units; -O2 and the compiler's dialect, as R compiles the package.
later_host() {
  unit=$1
  shift
  later "$unit" "$compiler" -std=gnu++17 "-${level_of_optimisation:-O1}" -Wall -Wextra -pedantic \
    -Werror -Iinst/include -Isrc/models "$@"
}

# The widest instructions of this processor that the package knows.
instructions() {
  flags=$(grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null || :)
  has() { case " $flags " in *" $1 "*) return 0 ;; *) return 1 ;; esac }
  if has avx512f && has avx512dq && has avx512vl && has avx512bw; then
    echo 2
  elif has avx2 && has fma; then
    echo 1
  else
    echo 0
  fi
}

later_driver() {
  for unit in main check-likelihood check-simulate check-fit bench; do
    later_host "gpu-$unit" -c "tools/cuda/gpu-$unit.cpp"
  done
  level_of_optimisation=O2
  later_host gpu-cpu "-DRESCORLA_LEVEL=$(instructions)" -c tools/cuda/gpu-cpu.cpp
  level_of_optimisation=
}

build_for_host() {
  later_driver
  later_host gpu-host -c tools/cuda/gpu-host.cpp
  later_host gpu-host-kernels -c tools/cuda/gpu-host-kernels.cpp
  later_host host_device -c src/host_device.cpp
  for module in rlwm single fit; do
    later_host "gpu-module-$module" "-Drescorla_value=${module}_value" \
      "-Drescorla_gradient=${module}_gradient" "-Drescorla_information=${module}_information" \
      "-Drescorla_fit=${module}_fit" -c "tools/cuda/gpu-module-$module.cpp"
  done
  compile
  "$compiler" "$build"/*.o -pthread -o "$build/gpu" || die "the GPU check does not link"
}

find_nvcc() {
  if [ -n "${CUDA_HOME:-}" ] && [ -x "$CUDA_HOME/bin/nvcc" ]; then
    printf '%s\n' "$CUDA_HOME/bin/nvcc"
  elif have nvcc; then
    command -v nvcc
  elif [ -x /usr/local/cuda/bin/nvcc ]; then
    echo /usr/local/cuda/bin/nvcc
  fi
}

# The GPU's own architecture where there is one and nvcc can ask it.
architecture() {
  if have nvidia-smi && nvidia-smi -L 2>/dev/null | grep -q '^GPU' &&
    "$nvcc" --help 2>/dev/null | grep -qw native; then
    echo native
    return 0
  fi
  named=${RESCORLA_CUDA_ARCH:-90}
  echo "sm_${named%% *}"
}

later_nvcc() {
  unit=$1
  shift
  later "$unit" "$nvcc" -std=c++17 -O2 "-arch=$arch" --expt-relaxed-constexpr \
    -Werror cross-execution-space-call -Xcompiler -fPIC -Iinst/include -Isrc/models "$@"
}

build_for_gpu() {
  if [ -z "$objects" ]; then
    for source in src/cuda/*.cu src/cuda/models/*.cu; do
      unit=${source#src/cuda/}
      # NVRTC of the same toolkit is looked for first.
      later_nvcc "${unit%.cu}" "-DRESCORLA_CUDA_FOLDER=\"$toolkit/lib64\"" -c "$source"
    done
  fi
  later_driver
  later_host gpu-cuda -c tools/cuda/gpu-cuda.cpp
  later_nvcc gpu-limits -c tools/cuda/gpu-limits.cu
  compile
  # shellcheck disable=SC2046 # lists of files
  "$nvcc" "-arch=$arch" -cudart static "$build"/*.o \
    $(if [ -n "$objects" ]; then
      find "$objects" -name '*.o' | sort
    else
      find "$build/models" -name '*.o' | sort
    fi) -ldl -lrt -lpthread -o "$build/gpu" || die "the GPU check does not link"
  # PTX is the same for all architectures as far as it is counted.
  "$nvcc" -std=c++17 -O2 -arch=sm_90 --expt-relaxed-constexpr -Iinst/include -Isrc/models \
    -ptx tools/cuda/gpu-count.cu -o "$build/count.ptx" || die "gpu-count.cu does not compile"
  awk -f tools/cuda/gpu-count.awk "$build/count.ptx" >"$build/counts"
  [ "$(awk '$2 > 10' "$build/counts" | wc -l)" -eq 4 ] || {
    cat "$build/counts" >&2
    die "the operations of the kernels cannot be counted"
  }
}

# ---- running -----------------------------------------------------------------------------------

failed=0

# table COMMAND...: the command's rows go to the table.
table() {
  "$@" >"$build/rows" 2>"$build/errors" || failed=1
  cat "$build/rows" "$build/errors"
  if [ -n "$out" ]; then cat "$build/rows" >>"$out"; fi
}

open_table() {
  if [ -n "$out" ]; then : >"$out"; fi
  table printf '%s\n' '| what | result | how |' '| --- | --- | --- |'
}

sanitize() {
  if ! have compute-sanitizer; then
    echo '| compute-sanitizer | not run | it is not on the PATH |'
    return 0
  fi
  status=0
  compute-sanitizer --tool memcheck --error-exitcode 9 "$build/gpu" --root "$root" --check \
    >"$build/sanitizer" 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    echo '| compute-sanitizer | clean | memcheck over all the checks |'
    return 0
  fi
  echo "| compute-sanitizer | **FAILED** | status $status |"
  grep '^=' "$build/sanitizer" | head -n 40 >&2
  return 1
}

# A Python with JAX: RESCORLA_BENCH_PYTHON, or what bench/setup.sh made, or any.
jax() {
  python=${RESCORLA_BENCH_PYTHON:-}
  venv=${RESCORLA_BENCH_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/rescorla-bench}
  if [ -z "$python" ] && [ -x "$venv/bin/python" ]; then python=$venv/bin/python; fi
  python=${python:-python3}
  for actions in 2 5; do
    if [ ! -s "$build/data/$actions/ours.txt" ]; then continue; fi
    "$python" bench/peers/jax_gpu.py --data "$build/data/$actions" 2>"$build/jax.log" ||
      printf '| JAX, %s actions | not measured | %s |\n' "$actions" \
        "$(tail -n 1 "$build/jax.log" | tr '|' '/')"
  done
}

driver_row() {
  if have nvidia-smi; then
    echo "| driver | $(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1) | |"
  fi
}

if [ -n "$host" ]; then
  build_for_host
  if [ -n "$build_only" ]; then
    say "the GPU check compiled with the host in the place of the GPU"
    exit 0
  fi
  open_table
  table "$build/gpu" --describe
  table "$build/gpu" --check
  # That the benchmark runs; its times would mean nothing.
  mkdir -p "$build/data/2" "$build/data/5"
  "$build/gpu" --bench --subjects 500 --data "$build/data" >"$build/rows" || failed=1
  if grep 'FAILED' "$build/rows"; then failed=1; fi
  [ "$failed" -eq 0 ] || die "the host in the place of the GPU does not give what it should"
  say "the benchmark ran with few subjects: $(grep -c '| ok |' "$build/rows") comparisons ok"
  exit 0
fi

nvcc=$(find_nvcc)
if [ -z "$nvcc" ]; then
  say "skipped: nvcc is neither in CUDA_HOME, nor on the PATH, nor in /usr/local/cuda"
  exit 0
fi
toolkit=$(CDPATH='' cd -- "$(dirname -- "$nvcc")/.." && pwd)
arch=$(architecture)
build_for_gpu
if [ -n "$build_only" ]; then
  named=${RESCORLA_CUDA_ARCH:-90}
  "$build/gpu" --root "$root" --compile "sm_${named%% *}" || die "NVRTC does not compile the modules"
  say "the GPU check compiled for $arch; operations a trial: $(tr '\n' ' ' <"$build/counts")"
  exit 0
fi
if ! why=$("$build/gpu" --present); then
  say "skipped: all compiled for $arch, but there is nothing to run it on. $why"
  exit 0
fi

open_table
table "$build/gpu" --describe
table driver_row
table "$build/gpu" --root "$root" --check
table sanitize
mkdir -p "$build/data/2" "$build/data/5"
table "$build/gpu" --root "$root" --bench --subjects "$subjects" --counts "$build/counts" \
  --data "$build/data"
table jax
say "Repeat with: sh tools/gpu.sh --subjects $subjects"
[ "$failed" -eq 0 ] || die "something in the table failed"

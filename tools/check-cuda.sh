#!/bin/sh
# The CUDA backend on a machine that needs no GPU: the units of src/cuda/ compile as configure says, the
# kernels that matter stay in registers, NVRTC compiles what it is given on first use, which sees no
# standard header, the GPU check (tools/gpu.sh) is built, and the backend loads where there is no driver
# and says so. Without nvcc it says so and passes.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

if ! have nvcc; then
  say "skipped: nvcc is not on the PATH"
  exit 0
fi

architecture=${RESCORLA_CUDA_ARCH:-90}
kernels=$scratch/kernels

# kernels_of LOG: adds the functions that the log of `nvcc -Xptxas -v` tells of, with their names in
# C++ behind those of the linker.
kernels_of() {
  awk -f tools/cuda/kernels.awk "$1" >"$scratch/table"
  cut -f 6 "$scratch/table" >"$scratch/names"
  if have c++filt; then
    c++filt <"$scratch/names" >"$scratch/readable"
  else
    cp "$scratch/names" "$scratch/readable"
  fi
  paste "$scratch/table" "$scratch/readable" >>"$kernels"
}

# spill_check PATTERN: no function whose name, the linker's or C++'s, matches the extended regular
# expression uses memory for what belongs in registers; that none matches is an error too.
spill_check() {
  awk -F '\t' -v pattern="$1" '
    $6 ~ pattern || $7 ~ pattern {
      count++
      if ($3 + $4 + $5 > 0) {
        printf "%s: %d bytes of stack, %d of spill stores, %d of spill loads (%d registers): %s\n",
          $1, $3, $4, $5, $2, $7
        bad++
      } else if ($2 > most) {
        most = $2
      }
    }
    END {
      if (!count) printf "no kernel matches /%s/\n", pattern
      if (count && !bad) printf "%d kernels of /%s/ in registers, at most %d\n", count, pattern, most
      exit !count || bad
    }
  ' "$kernels" || die "kernels of /$1/ do not stay in registers"
}

# rtc_check FILE: NVRTC compiles it, as the package has it compiled.
rtc_check() {
  "$scratch/nvrtc-check" "$1" "--gpu-architecture=compute_${architecture##* }" -Iinst/include \
    --device-as-default-execution-space >"$scratch/rtc.log" 2>&1 || {
    head -n 20 "$scratch/rtc.log" >&2
    die "NVRTC does not compile $(basename "$1")"
  }
}

# ---- the backend, as configure and make build it -----------------------------------------------

copy=$scratch/copy
copy_tree "$copy"
(cd "$copy" && RESCORLA_CUDA_ARCH=$architecture quietly "$scratch/configure.log" \
  sh ./configure --with-cuda) || die "configure --with-cuda failed"
cudart=$(sed -n 's/^PKG_LIBS.*"\([^"]*libcudart_static[.]a\)".*/\1/p' "$copy/src/Makevars")
# A call of a host function from device code compiles with a warning and fails when it runs.
(cd "$copy/src" && NVCC_APPEND_FLAGS='-Xptxas -v -Werror cross-execution-space-call' \
  quietly "$scratch/make.log" R CMD make -f Makevars -f "$(R RHOME)/etc/Makeconf" cuda-objects) ||
  die "the units of src/cuda do not compile"
kernels_of "$scratch/make.log"
objects=$(find "$copy/src/cuda" -name '*.o' | sort)
say "$(printf '%s\n' "$objects" | wc -l) objects of src/cuda, $(wc -l <"$kernels") kernels in all"

# ---- what they use -----------------------------------------------------------------------------

spill_check 'ahead::score<rescorla::device::model_rw(_asymmetric|_forgetting)?, [2-8], .*>'

# ---- without R ---------------------------------------------------------------------------------

for program in check-device nvrtc-check; do
  # shellcheck disable=SC2086 # a list of files
  "${CXX:-g++}" -std=c++17 -O1 -Wall -Wextra -pedantic -Werror -Iinst/include \
    "tools/cuda/$program.cpp" $objects "$cudart" -ldl -lrt -lpthread -o "$scratch/$program" ||
    die "tools/cuda/$program.cpp does not compile"
done
"$scratch/check-device" || die "the backend does not do what it should"
# The driver of the GPU check with the same objects, and the kernels that it has NVRTC compile.
sh tools/gpu.sh --build-only --objects "$copy/src/cuda"

count=0
for header in inst/include/rescorla/core/*.hpp inst/include/rescorla/random/*.hpp \
  inst/include/rescorla/rules/*.hpp inst/include/rescorla/engine/*.hpp; do
  # What only the host needs.
  case $header in */error.hpp | */packing.hpp) continue ;; esac
  printf '#include "%s"\nextern "C" __global__ void nothing() {}\n' \
    "${header#inst/include/}" >"$scratch/header.cu"
  rtc_check "$scratch/header.cu"
  count=$((count + 1))
done
mkdir "$scratch/sources"
quietly "$scratch/sources.log" Rscript tools/cuda/sources.R "$scratch/sources" ||
  die "tools/cuda/sources.R failed"
for source in "$scratch"/sources/*.cu; do
  rtc_check "$source"
  count=$((count + 1))
done
say "NVRTC compiled $count headers and programs"

# ---- with R, as the package's library is linked ------------------------------------------------

# The one export that describes the backend, linked with it and loaded; the package's other units
# have nothing to do with CUDA.
cat >"$scratch/load.R" <<'LOAD'
arguments <- commandArgs(TRUE)
Sys.setenv(PKG_CPPFLAGS = paste0("-DRESCORLA_CUDA -I", arguments[1], "/inst/include"),
  PKG_LIBS = paste(arguments[2], "-ldl -lrt -lpthread"))
Rcpp::sourceCpp(file.path(arguments[1], "src", "cuda_info.cpp"), cacheDir = tempdir())
found <- cpp_cuda_describe()
stopifnot(found$built, found$runtime > 0, (found$devices > 0) != grepl("[.]$", found$why))
cat("loaded in R: ", found$devices, " devices. ", found$why, "\n", sep = "")
LOAD
quietly "$scratch/load.log" Rscript "$scratch/load.R" "$copy" \
  "$(printf '%s\n' "$objects" | tr '\n' ' ') $cudart" || die "R does not load the backend"
tail -n 1 "$scratch/load.log"

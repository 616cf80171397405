#!/bin/sh
# The CUDA backend on a machine that needs no GPU: the core and the first models compile as device
# code, the units of src/cuda/ as configure says, the kernels that matter stay in registers, NVRTC
# compiles the headers it will be given, the GPU check (tools/gpu.sh) is built, and the backend loads
# where there is no driver and says so.
# Without nvcc it says so and passes.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

if ! have nvcc; then
  say "skipped: nvcc is not on the PATH"
  exit 0
fi

# Headers that NVRTC compiles, which sees no standard header, and models of the catalogue.
rtc_headers='core/standard.hpp core/real.hpp core/single.hpp backend/device_entry.hpp
  backend/device_simulate.hpp inference/device_entry_fit.hpp'
rtc_models='hgf_ibrb kalman rlwm rw ts_par7'

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

# rtc_check NAME INCLUDE: NVRTC compiles a unit that includes it.
rtc_check() {
  printf '#include "%s"\nextern "C" __global__ void nothing() {}\n' "$2" >"$scratch/$1.cu"
  "$scratch/nvrtc-check" "$scratch/$1.cu" "--gpu-architecture=compute_$rtc" -default-device \
    -Iinst/include -Isrc/models >"$scratch/rtc.log" 2>&1 || {
    head -n 20 "$scratch/rtc.log" >&2
    die "NVRTC does not compile $2"
  }
}

# ---- the core ----------------------------------------------------------------------------------

# A call of a host function from device code compiles with a warning and fails when it runs.
nvcc -std=c++17 -arch="sm_${architecture%% *}" --expt-relaxed-constexpr \
  -Werror cross-execution-space-call -Xptxas -v -Iinst/include -Isrc/models \
  -c tools/cuda/check-core.cu -o "$scratch/check-core.o" >"$scratch/core.log" 2>&1 || {
  grep -v '^ptxas info' "$scratch/core.log" | head -n 60 >&2
  die "the core does not compile for a GPU"
}
kernels_of "$scratch/core.log"
say "the core compiled with nvcc $(nvcc --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')"

# ---- the backend, as configure and make build it -----------------------------------------------

copy=$scratch/copy
copy_tree "$copy"
(cd "$copy" && RESCORLA_CUDA_ARCH=$architecture quietly "$scratch/configure.log" \
  sh ./configure --with-cuda) || die "configure --with-cuda failed"
cudart=$(sed -n 's/^PKG_LIBS.*"\([^"]*libcudart_static[.]a\)".*/\1/p' "$copy/src/Makevars")
(cd "$copy/src" && NVCC_APPEND_FLAGS='-Xptxas -v' quietly "$scratch/make.log" \
  R CMD make -f Makevars -f "$(R RHOME)/etc/Makeconf" cuda-objects) ||
  die "the units of src/cuda do not compile"
kernels_of "$scratch/make.log"
objects=$(find "$copy/src/cuda" -name '*.o' | sort)
say "$(printf '%s\n' "$objects" | wc -l) objects of src/cuda, $(wc -l <"$kernels") kernels in all"

# ---- what they use -----------------------------------------------------------------------------

spill_check 'score_subjects<rescorla::device::model_rw(_asymmetric|_forgetting)?, .*, [24]>'

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

rtc=${architecture##* }
for header in $rtc_headers; do
  rtc_check "$(printf '%s' "$header" | tr / -)" "rescorla/$header"
done
for model in $rtc_models; do rtc_check "$model" "$model.hpp"; done
# shellcheck disable=SC2086 # lists
say "NVRTC compiled $(set -- $rtc_headers $rtc_models && echo $#) headers"

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

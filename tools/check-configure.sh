#!/bin/sh
# What configure writes and says, with and without CUDA. A stand-in for nvcc answers as the real one
# would, so that all of it is tried on machines without CUDA; where there is an nvcc it is tried too.
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

house=$scratch/house
toolkit="$scratch/a toolkit"
fakes=$scratch/fakes
mkdir -p "$house/src/cuda/models" "$toolkit/bin" "$toolkit/lib64" "$fakes"
cp configure "$house"
cp src/Makevars.in "$house/src"
: >"$toolkit/lib64/libcudart_static.a"

# It knows what it is for, lists what the real one lists, and makes the file it is asked for; not
# with a C++ compiler whose name ends with what FAKE_REFUSES says.
cat >"$toolkit/bin/nvcc" <<'NVCC'
#!/bin/sh
for argument in "$@"; do
  case $argument in
    --version) echo 'Cuda compilation tools, release 13.0, V13.0.88' && exit 0 ;;
    --list-gpu-code) printf 'sm_%s\n' ${FAKE_CODES:-80 86 90 120} && exit 0 ;;
    --dryrun) echo '#$ TOP=/somewhere' && exit 0 ;;
  esac
done
while [ "$#" -gt 0 ]; do
  if [ "$1" = -ccbin ]; then
    case $2 in *"${FAKE_REFUSES:-nothing}") echo "unsupported compiler $2" >&2 && exit 1 ;; esac
  fi
  if [ "$1" = -o ]; then : >"$2"; fi
  shift
done
NVCC
cat >"$fakes/nvidia-smi" <<'SMI'
#!/bin/sh
if [ -z "${FAKE_GPUS:-}" ]; then echo 'No devices were found' && exit 6; fi
printf '%s\n' $FAKE_GPUS
SMI
chmod +x "$toolkit/bin/nvcc" "$fakes/nvidia-smi"

# R's compiler, as some have it.
printf 'CXX17 = ccache g++ -g\n' >"$scratch/Makevars.user"
R_MAKEVARS_USER=$scratch/Makevars.user
export R_MAKEVARS_USER
unset CUDA_HOME NVCC_CCBIN RESCORLA_CUDA_ARCH R_HOME FAKE_GPUS FAKE_CODES FAKE_REFUSES || :
here=$PATH
# Folders with a real nvcc or nvidia-smi are out of sight.
seen=$fakes
for folder in $(printf '%s\n' "$PATH" | tr ':' ' '); do
  if [ ! -e "$folder/nvcc" ] && [ ! -e "$folder/nvidia-smi" ]; then seen=$seen:$folder; fi
done
# And so is the last place configure looks at.
sed 's|/usr/local/cuda|/usr/local/no-cuda|g' configure >"$house/configure.alone"

passed=0
failed=0
case_name=
count() {
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    say "FAILED: $case_name: $*"
    sed 's/^/  /' "$scratch/output"
  fi
}
# run NAME STATUS [VARIABLE=VALUE...] [ARGUMENT...]: runs configure; its words are in $scratch/output.
run() {
  case_name=$1
  expected=$2
  shift 2
  status=0
  (
    cd "$house"
    for word in "$@"; do
      case $word in
        --*) ;;
        *)
          # The value may hold spaces.
          export "${word?}"
          shift
          ;;
      esac
    done
    sh "./$script" "$@"
  ) >"$scratch/output" 2>&1 || status=$?
  count [ $((status != 0)) -eq "$expected" ]
}
says() { grep -qF -- "$1" "$scratch/output"; }
silent() { [ ! -s "$scratch/output" ]; }
lines() { [ "$(wc -l <"$scratch/output")" -eq "$1" ]; }
writes() { grep -qF -- "$1" "$house/src/Makevars"; }
writes_not() { ! grep -qF -- "$1" "$house/src/Makevars"; }
plain() { writes_not CUDA && writes_not nvcc && writes_not @ && writes_not '.o \ '; }

# ---- nothing is asked for ----------------------------------------------------------------------

if PATH=$seen command -v sed >/dev/null 2>&1 && PATH=$seen command -v R >/dev/null 2>&1; then
  PATH=$seen
else
  PATH=$fakes:$PATH
  say "nvcc cannot be put out of sight here: some cases are left out"
fi
export PATH
script=configure.alone
if ! have nvcc; then
  run 'no nvcc, none asked for' 0
  count silent
  count plain
  run 'no nvcc, but asked for' 1 --with-cuda
  count says '--configure-args=--with-cuda=DIR'
fi
script=configure
run 'nvcc, not asked for' 0 "CUDA_HOME=$toolkit"
count lines 2
count says 'R CMD INSTALL --configure-args=--with-cuda .'
count plain
run 'not wanted' 0 "CUDA_HOME=$toolkit" --without-cuda
count silent
count plain
# The text without CUDA's part, to the letter.
sed -e '/^# cuda: begin/,$d' -e 's/ @CUDA_[A-Z]*@//' src/Makevars.in >"$scratch/expected"
count cmp -s "$scratch/expected" "$house/src/Makevars"
run 'an unknown option' 0 "CUDA_HOME=$toolkit" --with-cudnn
count says "'--with-cudnn' is not an option"

# ---- asked for ---------------------------------------------------------------------------------

run 'a folder without a toolkit' 1 "CUDA_HOME=$toolkit" "--with-cuda=$scratch/nowhere"
count says "$scratch/nowhere: there is no bin/nvcc"
run 'a folder without a name' 1 "CUDA_HOME=$toolkit" --with-cuda=
run 'as CUDA_HOME says' 0 "CUDA_HOME=$toolkit" --with-cuda
count says 'CUDA 13.0'
run 'a folder' 0 "--with-cuda=$toolkit"
count says 'no GPU here'
count writes "NVCC = \"$toolkit/bin/nvcc\""
count writes "\"$toolkit/lib64/libcudart_static.a\" -ldl -lrt -lpthread"
count writes "-DRESCORLA_CUDA_FOLDER=\"$toolkit/lib64\"'"
count writes 'PKG_CPPFLAGS = -I../inst/include -Imodels -DRESCORLA_CUDA'
count writes '(CUDA_OBJECTS)'
count writes_not @CUDA
count writes_not @NVCC
count writes '-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90'
count writes '-gencode arch=compute_90,code=compute_90'
count writes_not ccache
if [ -x /usr/bin/g++ ]; then count writes '/g++"'; fi
run 'a GPU' 0 FAKE_GPUS=9.0 "--with-cuda=$toolkit"
count writes '-gencode arch=compute_90,code=sm_90 --expt'
count writes_not sm_80
run 'two GPUs, one newer than nvcc' 0 'FAKE_GPUS=8.6 10.3' "--with-cuda=$toolkit"
count writes 'arch=compute_86,code=sm_86 -gencode arch=compute_90,code=compute_90 --expt'
run 'a GPU too old for nvcc' 1 FAKE_GPUS=7.0 "--with-cuda=$toolkit"
count says 'too old for this nvcc'
run 'an nvcc without sm_90' 0 'FAKE_CODES=70 80' "--with-cuda=$toolkit"
count writes 'arch=compute_80,code=sm_80 -gencode arch=compute_80,code=compute_80 --expt'
run 'GPUs by name' 0 'RESCORLA_CUDA_ARCH=sm_80, 9.0' FAKE_GPUS=8.6 "--with-cuda=$toolkit"
count writes 'arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 --expt'
run 'an unknown GPU' 1 RESCORLA_CUDA_ARCH=91 "--with-cuda=$toolkit"
count says 'It knows 80 86 90 120.'
run 'no GPU at all' 1 RESCORLA_CUDA_ARCH=hopper "--with-cuda=$toolkit"
run 'not with that compiler' 1 NVCC_CCBIN=/opt/c++ FAKE_REFUSES=/c++ "--with-cuda=$toolkit"
count says 'unsupported compiler /opt/c++'
count says 'Set NVCC_CCBIN'
run 'not with the compiler of R' 0 FAKE_REFUSES=/g++ "--with-cuda=$toolkit"
count says 'it takes the compiler it finds'
count writes_not ccbin
rm "$toolkit/lib64/libcudart_static.a"
run 'no runtime' 1 "--with-cuda=$toolkit"
count says 'libcudart_static.a is not in the CUDA toolkit'
: >"$toolkit/lib64/libcudart_static.a"

# ---- objects of other settings -----------------------------------------------------------------

: >"$house/src/unit.o"
run 'as before' 0 FAKE_REFUSES=/g++ "--with-cuda=$toolkit"
count [ -e "$house/src/unit.o" ]
run 'otherwise than before' 0 --without-cuda
count [ ! -e "$house/src/unit.o" ]

# ---- the real nvcc -----------------------------------------------------------------------------

PATH=$here
if have nvcc; then
  run 'the nvcc of this machine' 0 RESCORLA_CUDA_ARCH=90 --with-cuda
  count says 'for sm_90 (as RESCORLA_CUDA_ARCH says)'
  count writes '-gencode arch=compute_90,code=sm_90 --expt'
fi
if have checkbashisms; then
  case_name='POSIX sh'
  count checkbashisms configure configure.win cleanup
fi

say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

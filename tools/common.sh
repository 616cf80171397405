# Sourced by the scripts beside it: the root of the repository, a scratch folder that goes away with
# the script, and the few steps they share.
# shellcheck shell=sh

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

scratch=$(mktemp -d "${TMPDIR:-/tmp}/rescorla-tools.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# The jobserver of a calling make does not reach through R CMD INSTALL: the jobs are set here.
use_two_jobs() {
  unset MFLAGS MAKELEVEL MAKEOVERRIDES
  MAKEFLAGS="-j${RESCORLA_JOBS:-2}"
  export MAKEFLAGS
}

use_two_threads() {
  OMP_THREAD_LIMIT=2
  RCPP_PARALLEL_NUM_THREADS=2
  export OMP_THREAD_LIMIT RCPP_PARALLEL_NUM_THREADS
}

# copy_tree DIR: the working tree without objects, what configure wrote, history and earlier checks.
copy_tree() {
  mkdir -p "$1"
  tar -cf - --exclude=./.git --exclude=./src/Makevars --exclude='*.o' --exclude='*.so' \
    --exclude='*.Rcheck' --exclude='*.tar.gz' . | tar -xf - -C "$1"
}

# quietly LOG COMMAND...: the output goes to LOG and is shown only when the command fails.
quietly() {
  quiet_log=$1
  shift
  if ! "$@" >"$quiet_log" 2>&1; then
    tail -n 60 "$quiet_log" >&2
    return 1
  fi
}

# build_source DIR [OPTION...]: the source package, built in DIR from a copy, so that no object and
# no vignette output is left in the working tree. Sets `tarball`.
build_source() {
  build_dir=$1
  shift
  copy_tree "$build_dir/rescorla"
  (cd "$build_dir" && quietly "$build_dir/build.log" R CMD build "$@" rescorla) || return 1
  tarball=$(ls "$build_dir"/rescorla_*.tar.gz)
}

# install_package LIBRARY: installs the working tree into LIBRARY; the log is $scratch/install.log.
# RESCORLA_CUDA is empty for no CUDA backend, yes, or the folder of a toolkit.
install_package() {
  mkdir -p "$1"
  use_two_jobs
  build_source "$scratch/source" --no-build-vignettes || return 1
  quietly "$scratch/install.log" \
    R CMD INSTALL --no-test-load --install-tests --library="$1" \
    ${RESCORLA_CUDA:+"--configure-args=--with-cuda=$RESCORLA_CUDA"} "$tarball"
}

# put_first LIBRARY: R looks there before anywhere else.
put_first() {
  R_LIBS="$1${R_LIBS:+:$R_LIBS}"
  export R_LIBS
}

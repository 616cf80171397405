#!/bin/bash
# The core's rules: every header under inst/include/rescorla compiles alone and without a warning, at
# the lowest and the highest instruction set and, where a device compiles it, in a device's forms;
# includes point down the list of layers only; nothing in the core knows R, Rcpp, Eigen or a threading
# library; nothing outside src/ knows Rcpp.
#   tools/check-headers.sh [compile|includes]      (both when not said)
#   CXX=clang++ tools/check-headers.sh compile
set -eu
# shellcheck source=tools/common.sh
. "$(dirname -- "$0")/common.sh"

core=inst/include/rescorla
what=${1:-all}
faults=0

fault() {
  say "$*"
  faults=$((faults + 1))
}

# one_alone HEADER: status 1 and the head of the compiler's log where it does not compile.
one_alone() {
  local header=$1 level log status=0 allowed=() define=() forms=$levels
  log=$(mktemp "$scratch/compile.XXXXXX")
  # A header without a function leaves the region of the target attribute empty, which clang minds.
  case $compiler in *clang*) allowed=(-Wno-pragma-clang-attribute) ;; esac
  # What a device compiles stands below the backend, but for its kernels.
  case $header in
    core/* | random/* | rules/* | engine/* | */device_entry*) forms="$levels $devices" ;;
  esac
  for level in $forms; do
    case $level in
      device) define=(-DRESCORLA_DEVICE) ;;
      single) define=(-DRESCORLA_DEVICE -DRESCORLA_SINGLE) ;;
      *) define=(-DRESCORLA_LEVEL="$level") ;;
    esac
    # core/end.hpp closes the region that clang insists on closing.
    if ! printf '#include "rescorla/%s"\n#include "rescorla/core/end.hpp"\n' "$header" |
      "$compiler" -std=gnu++17 -fsyntax-only -Wall -Wextra -pedantic -Werror "${allowed[@]}" \
        "${define[@]}" -Iinst/include -x c++ - 2>"$log"; then
      say "$header does not compile alone (instruction set $level):"
      head -n 15 "$log"
      status=1
    fi
  done
  return "$status"
}

compile_alone() {
  compiler=${CXX:-g++} levels='0' devices='device single'
  case $(uname -m) in x86_64 | amd64) levels='0 2' ;; esac
  # A second compiler is there for what it reads in another way: the region of a target.
  case $compiler in *clang*) levels=${levels##* } devices= ;; esac
  export compiler levels devices scratch
  export -f one_alone say
  local headers
  headers=$(cd "$core" && find . -name '*.hpp' | sed 's|^\./||' | sort)
  # Two at a time.
  # shellcheck disable=SC2016 # for the inner shell
  printf '%s\n' "$headers" | xargs -P 2 -I '{}' bash -c 'one_alone "$1"' _ '{}' ||
    fault "some headers do not compile alone"
  say "$(printf '%s\n' "$headers" | wc -l) headers compiled alone with $compiler"
}

# rank LAYER: the place in the list of layers; a header beside the layers may include them all.
rank() {
  case $1 in
    core) echo 1 ;;
    random) echo 2 ;;
    rules) echo 3 ;;
    engine) echo 4 ;;
    backend) echo 5 ;;
    inference) echo 6 ;;
    *) echo 9 ;;
  esac
}

check_include() {
  local file=$1 target=$2 from to path
  case $target in
    R.h | Rinternals.h | Rmath.h | Rdefines.h | R_ext/* | Rcpp* | Eigen/* | unsupported/Eigen/* | \
      tbb/* | oneapi/* | tthread/*)
      fault "$file includes $target: the core knows neither R nor Eigen nor a threading library"
      return
      ;;
  esac
  case $target in
    rescorla/*) path=inst/include/$target ;;
    *) path=$(dirname "$file")/$target ;;
  esac
  path=$(realpath -m --relative-to=. "$path")
  case $path in "$core"/*) ;; *) return ;; esac
  if [ ! -e "$path" ]; then
    # A bare name in angle brackets is a standard header.
    case $target in */*) fault "$file includes $target, which does not exist" ;; esac
    return
  fi
  from=${file#"$core"/}
  to=${path#"$core"/}
  if [ "$(rank "${to%%/*}")" -gt "$(rank "${from%%/*}")" ]; then
    fault "$file includes $to: layer '${from%%/*}' lies below '${to%%/*}'"
  fi
}

includes_of() {
  sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]\([^>"]*\)[>"].*/\1/p' "$1"
}

include_directions() {
  local file target count=0
  while IFS= read -r file; do
    while IFS= read -r target; do
      check_include "$file" "$target"
      count=$((count + 1))
    done < <(includes_of "$file")
  done < <(find "$core" -name '*.hpp' | sort)
  say "$count includes of the core followed"

  # The generated models and the stand-alone programs are compiled outside R as well.
  while IFS= read -r file; do
    fault "$file knows Rcpp, which only the units of src/ may"
  done < <(grep -rlE '^[[:space:]]*#[[:space:]]*include *[<"](Rcpp|R\.h|Rinternals|R_ext)' \
    inst src/models src/cuda tools --include='*.hpp' --include='*.h' --include='*.cpp' --include='*.cu' \
    2>/dev/null | grep -v '^src/models/.*\.cpp$' | sort)
}

case $what in
  compile) compile_alone ;;
  includes) include_directions ;;
  all)
    include_directions
    compile_alone
    ;;
  *) die "usage: tools/check-headers.sh [compile|includes]" ;;
esac
[ "$faults" -eq 0 ] || die "$faults faults in the headers"

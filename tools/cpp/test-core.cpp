// Tests of the core without R, at the instruction set of RESCORLA_LEVEL:
//   g++ -std=gnu++17 -O2 -Wall -Wextra -pedantic -DRESCORLA_LEVEL=1 -Iinst/include -Isrc/models
//   tools/cpp/test-core.cpp
// Elementary functions against long double, random numbers against published values and moments,
// derivatives against differences, a generated model against a loop over trials, a task and a model
// joined.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

#include "check.hpp"
#include "test-dual.hpp"
#include "test-gamma.hpp"
#include "test-kernel.hpp"
#include "test-math.hpp"
#include "test-random.hpp"
#include "test-task.hpp"

int main() {
#if RESCORLA_LEVEL > 0
#if RESCORLA_LEVEL > 1
  const bool there = __builtin_cpu_supports("avx512f");
#else
  const bool there = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  if (!there) {
    std::puts("skipped: this machine lacks the instruction set");
    return 0;
  }
#endif
  test_math::run();
  test_gamma::run();
  test_random::run();
  test_dual::run();
  test_kernel::run();
  test_task::run_all();
  return check::report();
}

#include "rescorla/core/end.hpp"

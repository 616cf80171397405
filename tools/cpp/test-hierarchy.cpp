// Tests of the hierarchical part of the inference layer, without R:
//   g++ -std=gnu++17 -O2 -Wall -Wextra -pedantic -I inst/include tools/cpp/test-hierarchy.cpp
//   -pthread
// Densities and modes that have closed forms, gradients by differences, draws whose moments are
// known.

#include "check.hpp"
#include "test-group-density.hpp"
#include "test-hierarchy.hpp"
#include "test-laplace.hpp"
#include "test-sampler.hpp"

int main() {
  test_hierarchy::run();
  test_laplace::run();
  test_group_density::run();
  test_sampler::run();
  return check::report();
}

#include "rescorla/core/end.hpp"

#ifndef RESCORLA_ENGINE_KERNEL_TABLE_HPP
#define RESCORLA_ENGINE_KERNEL_TABLE_HPP

#include "episodes.hpp"

namespace rescorla {

// Raised whenever a structure in episodes.hpp or this one changes: a library compiled against
// another layout is refused and compiled anew.
constexpr int kernel_interface = 4;

// What a compiled program hands to the rest of the package; plain C++ data, the same for the
// catalogue and for models compiled by their users.
struct kernel_table {
  int interface;
  int lanes;
  int parameters;
  unsigned long long estimated;   // parameters free by default, one bit each
  unsigned long long every;       // all parameters
  void (*value)(const likelihood_call&);
  void (*gradient)(const likelihood_call&);         // directions: estimated
  void (*gradient_every)(const likelihood_call&);   // directions: every; null where not compiled
  void (*record)(const trace_call&);
  std::ptrdiff_t (*workspace)(const int* extents);  // doubles
};

}  // namespace rescorla

#endif

#ifndef RESCORLA_INFERENCE_SCOPE_HPP
#define RESCORLA_INFERENCE_SCOPE_HPP

#include "../core/real.hpp"

// Fits are compiled in two forms: the ordinary one, and that of a device (RESCORLA_DEVICE), where
// one thread fits one unit in memory that it is given. A program may hold both. Those of a device
// stand in a namespace of their own, so that the linker never takes one for the other.
#ifdef RESCORLA_DEVICE
#define RESCORLA_INFERENCE_BEGIN \
  namespace rescorla {           \
  namespace inference {          \
  inline namespace RESCORLA_LEVEL_NAME {
#define RESCORLA_INFERENCE_END \
  }                            \
  }                            \
  }
#else
#define RESCORLA_INFERENCE_BEGIN \
  namespace rescorla {           \
  namespace inference {
#define RESCORLA_INFERENCE_END \
  }                            \
  }
#endif

#endif

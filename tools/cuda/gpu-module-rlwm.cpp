// A model that is not compiled ahead, with its data's shape as R/device.R writes it. NVRTC compiles
// this for a GPU, and the host's compiler where the host stands in.
#ifndef RESCORLA_DEVICE
#define RESCORLA_DEVICE 1
#endif
#include <rlwm.hpp>
#include <rescorla/backend/device_entry.hpp>

RESCORLA_BEGIN
struct shape {
  static constexpr int levels = 4;
  static constexpr bool sized = true;
  static constexpr RESCORLA_INLINE int extent(int dimension) {
    return dimension == 0 ? 4 : dimension == 1 ? 3 : 0;
  }
  struct constants {
    int extents[2];
    int labels[1];
    int number_base[3];
  };
  RESCORLA_INLINE static binding bind(constants& known, const binding&) {
    known = {{4, 3}, {0}, {0, 1, -1}};
    return {known.extents, known.labels, known.number_base, 128};
  }
};
RESCORLA_END

RESCORLA_SCORE_KERNELS(rescorla::model_rlwm, rescorla::shape, rescorla::model_rlwm::estimated)

// The processor's side of the GPU check: the ordinary kernels of its models, for the instruction
// set that RESCORLA_LEVEL names.

#include <kalman.hpp>
#include <rlwm.hpp>
#include <rw.hpp>
#include <rw_asymmetric.hpp>
#include <rw_forgetting.hpp>

// gpu.hpp declares these two; it is not included here, since nothing of the standard library may be
// compiled under wide instructions.
namespace gpu {

const rescorla::kernel_table* cpu_table(const char* model) {
  using namespace rescorla;
  const auto is = [model](const char* name) { return __builtin_strcmp(model, name) == 0; };
  if (is("kalman")) return kernels<model_kalman>::table<false>();
  if (is("rlwm")) return kernels<model_rlwm>::table<false>();
  if (is("rw_asymmetric")) return kernels<model_rw_asymmetric>::table<false>();
  if (is("rw_forgetting")) return kernels<model_rw_forgetting>::table<false>();
  return kernels<model_rw>::table<false>();
}

const char* cpu_instructions() {
#if RESCORLA_LEVEL == 2
  return "AVX-512";
#elif RESCORLA_LEVEL == 1
  return "AVX2";
#else
  return "the compiler's baseline";
#endif
}

}  // namespace gpu

#include <rescorla/core/end.hpp>

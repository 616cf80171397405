#ifndef RESCORLA_SRC_CUDA_FITS_H
#define RESCORLA_SRC_CUDA_FITS_H

// The kernel that fits the models compiled with the package, for any number of actions: the optimiser
// is long and takes long to compile, so that there is one for all of them, which finds the model's
// likelihood by its number. Where NVRTC is at hand, fits are compiled for a model and its data alone.

#include <rescorla/inference/device_entry_fit.hpp>

namespace ahead {

using rescorla::order;
using rescorla::inference::device_fit_job;

template <class... Model>
struct any_model;

template <class Model, class... Others>
struct any_model<Model, Others...> {
  typedef rescorla::inference::one_model<Model, rescorla::actions_shape<0>, Model::estimated> own;

  static RESCORLA_BOTH int parameters(const device_fit_job& job, int number) {
    return number == 0 ? own::parameters(job) : any_model<Others...>::parameters(job, number - 1);
  }
  static RESCORLA_BOTH int directions(const device_fit_job& job, int number) {
    return number == 0 ? own::directions(job) : any_model<Others...>::directions(job, number - 1);
  }
  template <class... Rest>
  static RESCORLA_BOTH void evaluate(int number, const device_fit_job& job, Rest... rest) {
    if (number == 0)
      own::evaluate(job, rest...);
    else
      any_model<Others...>::evaluate(number - 1, job, rest...);
  }
};

template <>
struct any_model<> {
  static RESCORLA_BOTH int parameters(const device_fit_job&, int) { return 0; }
  static RESCORLA_BOTH int directions(const device_fit_job&, int) { return 0; }
  template <class... Rest>
  static RESCORLA_BOTH void evaluate(int, const device_fit_job&, Rest...) {}
};

template <class... Model>
struct numbered_model {
  static RESCORLA_BOTH int parameters(const device_fit_job& job) {
    return any_model<Model...>::parameters(job, job.model);
  }
  static RESCORLA_BOTH int directions(const device_fit_job& job) {
    return any_model<Model...>::directions(job, job.model);
  }
  template <class... Rest>
  static RESCORLA_BOTH void evaluate(const device_fit_job& job, Rest... rest) {
    any_model<Model...>::evaluate(job.model, job, rest...);
  }
};

template <class... Model>
__global__ void RESCORLA_FIT_BOUNDS fit(const __grid_constant__ device_fit_job job) {
  const std::ptrdiff_t thread =
      static_cast<std::ptrdiff_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (thread < job.threads)
    rescorla::inference::fit_as_thread<numbered_model<Model...>>(job, thread);
}

}  // namespace ahead

#endif

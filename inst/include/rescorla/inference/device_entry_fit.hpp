#ifndef RESCORLA_INFERENCE_DEVICE_ENTRY_FIT_HPP
#define RESCORLA_INFERENCE_DEVICE_ENTRY_FIT_HPP

#include "../backend/device_entry.hpp"
#include "../backend/likelihood.hpp"
#include "device_fit.hpp"
#include "device_fit_job.hpp"

RESCORLA_INFERENCE_BEGIN

/// One likelihood of a thread that fits. A fit evaluates at many places: the loop over trials stands
/// apart, compiled once without and once with derivatives.
template <class Model, class Shape, directions D>
RESCORLA_APART inline void fit_likelihood(const device_fit_job& job, std::ptrdiff_t thread, int unit,
                                          bool information, const double* parameters,
                                          double* value, double* gradient, double* fisher) {
  score_unit<Model, Shape, D>(job, thread, unit, information, parameters, value, gradient, fisher);
}

/// Whose likelihoods a kernel evaluates: those of one model.
template <class Model, class Shape, directions D>
struct one_model {
  RESCORLA_BOTH static int parameters(const device_fit_job&) { return Model::parameters; }
  RESCORLA_BOTH static int directions(const device_fit_job&) { return score<1, D>::size; }
  RESCORLA_BOTH static void evaluate(const device_fit_job& job, std::ptrdiff_t thread, int unit,
                                     order what, const double* parameters, double* value,
                                     double* gradient, double* fisher) {
    if (what == order::value)
      fit_likelihood<Model, Shape, 0>(job, thread, unit, false, parameters, value, gradient, fisher);
    else
      fit_likelihood<Model, Shape, D>(job, thread, unit, what == order::information, parameters,
                                      value, gradient, fisher);
  }
};

/// The target of a thread's fit: a group is a unit, and has one lane.
template <class Models>
class thread_target {
 public:
  RESCORLA_BOTH thread_target(const device_fit_job& job, std::ptrdiff_t thread)
      : job_(job), thread_(thread) {}

  RESCORLA_BOTH int lanes() const { return 1; }
  RESCORLA_BOTH int unit(int group, int) const { return group; }
  RESCORLA_BOTH int parameters() const { return Models::parameters(job_); }
  RESCORLA_BOTH int directions() const { return Models::directions(job_); }
  RESCORLA_BOTH void evaluate(int group, order what, const unsigned char* wanted,
                              const double* parameters, double* value, double* gradient,
                              double* information) const {
    if (wanted == nullptr || wanted[0] != 0)
      Models::evaluate(job_, thread_, group, what, parameters, value, gradient, information);
  }

 private:
  const device_fit_job& job_;
  std::ptrdiff_t thread_;
};

/// The step that the job says, in memory of the thread's own where that is enough.
template <class Models>
RESCORLA_BOTH inline void fit_as_thread(const device_fit_job& job, std::ptrdiff_t thread) {
  const thread_target<Models> target(job, thread);
  double own[own_fit_memory / sizeof(double)];
  double* here = own;
#ifdef __CUDA_ARCH__
  // An address the compiler cannot follow: it would take the memory apart into its arrays again, and
  // takes minutes over it.
  asm("" : "+l"(here));
#endif
  const bool fits = job.fit.thread_memory <= own_fit_memory;
  fit_thread(target, job.fit, static_cast<int>(thread),
             fits ? memory(here, own_fit_memory)
                  : job.fit.piece(static_cast<std::size_t>(thread)));
}

RESCORLA_INFERENCE_END

// Blocks of 128 threads, four of them on a multiprocessor at a time: with all the registers it would
// like (182 of rw), the kernel takes three times as long to compile and two blocks are all that fit.
#ifdef __CUDACC__
#define RESCORLA_FIT_BOUNDS __launch_bounds__(128, 4)
#else
#define RESCORLA_FIT_BOUNDS
#endif

// The kernel that fits `model` with derivatives in the directions `wanted`.
#define RESCORLA_FIT_KERNEL(model, shape, wanted)                                       \
  RESCORLA_KERNEL_BOUNDED(rescorla_fit, RESCORLA_FIT_BOUNDS, inference::device_fit_job, \
                          job.threads,                                                  \
                          (rescorla::inference::fit_as_thread<                            \
                              rescorla::inference::one_model<model, shape, wanted>>(job, thread)))

#endif

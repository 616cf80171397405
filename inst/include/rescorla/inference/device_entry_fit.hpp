#ifndef RESCORLA_INFERENCE_DEVICE_ENTRY_FIT_HPP
#define RESCORLA_INFERENCE_DEVICE_ENTRY_FIT_HPP

#include "../backend/device_entry.hpp"
#include "../backend/likelihood.hpp"
#include "device_fit.hpp"
#include "device_fit_job.hpp"

RESCORLA_INFERENCE_BEGIN

/// The likelihoods of a thread that fits: a group is a unit. A fit evaluates at many places; the loop
/// over trials is compiled once without and once with derivatives.
template <class Model, class Shape, directions D>
class thread_likelihood {
 public:
  RESCORLA_BOTH thread_likelihood(const device_fit_job& job, std::ptrdiff_t thread)
      : job_(job), thread_(thread) {}

  RESCORLA_BOTH int units() const { return static_cast<int>(job_.data.units); }
  RESCORLA_BOTH int groups() const { return units(); }
  RESCORLA_BOTH int lanes() const { return 1; }
  RESCORLA_BOTH int unit(int group, int) const { return group; }
  RESCORLA_BOTH int parameters() const { return Model::parameters; }
  RESCORLA_BOTH int directions() const { return score<1, D>::size; }
  RESCORLA_BOTH int direction(int k) const {
    int p = 0;
    for (rescorla::directions rest = D;; rest >>= 1, ++p) {
      if ((rest & 1) == 0) continue;
      if (k-- == 0) return p;
    }
  }
  RESCORLA_BOTH void evaluate(int group, order what, const unsigned char*, const double* parameters,
                              double* value, double* gradient, double* information) const {
    if (what == order::value)
      run<0>(group, false, parameters, value, nullptr, nullptr);
    else
      run<D>(group, what == order::information, parameters, value, gradient, information);
  }

 private:
  template <rescorla::directions E>
  RESCORLA_APART void run(int unit, bool information, const double* parameters, double* value,
                               double* gradient, double* fisher) const {
    thread_workspace<Model, Shape, E> workspace;
    basic_likelihood_call<device_block> call;
    call.block = block_of_unit(job_.data, unit);
    call.parameters = parameters;
    call.workspace = workspace.at(job_.workspace, job_.cells, thread_);
    call.information = information;
    call.value = value;
    call.gradient = gradient;
    call.fisher = fisher;
    score_call<Model, Shape, E>(call, job_.bound);
  }

  const device_fit_job& job_;
  std::ptrdiff_t thread_;
};

/// The step that the job says, in memory of the thread's own where that is enough.
template <class Model, class Shape, directions D>
RESCORLA_BOTH inline void fit_thread(const device_fit_job& job, std::ptrdiff_t thread) {
  const thread_likelihood<Model, Shape, D> target(job, thread);
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

// The kernel that fits `model` with derivatives in the directions `wanted`.
#define RESCORLA_FIT_KERNEL(model, shape, wanted)                               \
  RESCORLA_KERNEL(rescorla_fit, inference::device_fit_job, job.threads,         \
                  (rescorla::inference::fit_thread<model, shape, wanted>(job, thread)))

#endif

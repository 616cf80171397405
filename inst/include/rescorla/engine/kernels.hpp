#ifndef RESCORLA_ENGINE_KERNELS_HPP
#define RESCORLA_ENGINE_KERNELS_HPP

#include "log_likelihood.hpp"
#include "trace.hpp"
#include "kernel_table.hpp"

RESCORLA_BEGIN

// The entry points of one program at one instruction set.
template <class Model, int W = RESCORLA_LANES>
struct kernels {
  RESCORLA_ENTRY static void value(const likelihood_call& call) { score_all<0>(call); }
  RESCORLA_ENTRY static void gradient(const likelihood_call& call) {
    score_all<Model::estimated>(call);
  }
  RESCORLA_ENTRY static void gradient_every(const likelihood_call& call) {
    score_all<Model::every>(call);
  }
  RESCORLA_ENTRY static void record(const trace_call& call) { trace<Model, W>(call); }

  template <directions D>
  RESCORLA_ENTRY static std::ptrdiff_t layout_size(const int* extents) {
    frame<W, D> f;
    f.bound.extents = extents;
    f.used = 0;
    Model::layout(f);
    return f.used;
  }
  RESCORLA_ENTRY static std::ptrdiff_t workspace(const int* extents) {
    return layout_size<Model::every>(extents);
  }

  // `Every`: with derivatives for the parameters that are fixed by default too.
  template <bool Every = true>
  static const kernel_table* table() {
    static const kernel_table t = {kernel_interface,
                                   W,
                                   Model::parameters,
                                   Model::estimated,
                                   Model::every,
                                   &value,
                                   &gradient,
                                   all_directions<Every>(),
                                   &record,
                                   &workspace};
    return &t;
  }

 private:
  // Two loops over trials rather than a choice within one: what is kept costs registers.
  template <directions D>
  RESCORLA_ENTRY static void score_all(const likelihood_call& call) {
    if constexpr (Model::keeps) {
      if (Model::keeps_exponentials(call.bound)) return log_likelihood<Model, W, D, 0, true>(call);
    }
    log_likelihood<Model, W, D>(call);
  }

  template <bool Every>
  static auto all_directions() -> void (*)(const likelihood_call&) {
    if constexpr (Model::every == Model::estimated)
      return &gradient;
    else if constexpr (Every)
      return &gradient_every;
    else
      return nullptr;
  }
};

RESCORLA_END

#endif

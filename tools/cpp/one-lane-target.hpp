#ifndef RESCORLA_TOOLS_ONE_LANE_TARGET_HPP
#define RESCORLA_TOOLS_ONE_LANE_TARGET_HPP

// The likelihood of a model as a thread of a device sees it: blocks of one lane, no virtual calls.

#include "rescorla/backend/likelihood.hpp"
#include "rescorla/engine/log_likelihood.hpp"

namespace one_lane {

/// Data that stay where they are: a block and a unit for every group.
struct data {
  const rescorla::packed_block* blocks;
  const int* unit;
  rescorla::binding bound;
  double* workspace;  // [thread][workspace_size]
  std::ptrdiff_t workspace_size;
};

RESCORLA_BOTH constexpr int bits(unsigned long long set) {
  return set == 0 ? 0 : 1 + bits(set & (set - 1));
}

/// A thread's target. The loop over the trials is compiled once for the value alone and once with
/// the derivatives, however many places of a fit ask for them.
template <class Model>
class target {
 public:
  RESCORLA_BOTH target(const data& from, std::ptrdiff_t thread)
      : from_(from), workspace_(from.workspace + thread * from.workspace_size) {}

  RESCORLA_BOTH int lanes() const { return 1; }
  RESCORLA_BOTH int unit(int group, int) const { return from_.unit[group]; }
  RESCORLA_BOTH int parameters() const { return Model::parameters; }
  RESCORLA_BOTH int directions() const { return bits(Model::estimated); }

  RESCORLA_BOTH void evaluate(int group, rescorla::order what, const unsigned char* wanted,
                              const double* parameters, double* value, double* gradient,
                              double* information) const {
    if (wanted[0] == 0) return;
    rescorla::likelihood_call call;
    call.block = from_.blocks[group];
    call.bound = from_.bound;
    call.parameters = parameters;
    call.workspace = workspace_;
    call.information = what == rescorla::order::information;
    call.value = value;
    call.gradient = gradient;
    call.fisher = information;
    if (what == rescorla::order::value)
      score_value(call);
    else
      score_derivatives(call);
  }

 private:
  RESCORLA_APART static void score_value(const rescorla::likelihood_call& call) {
    rescorla::log_likelihood<Model, 1, 0>(call);
  }
  RESCORLA_APART static void score_derivatives(const rescorla::likelihood_call& call) {
    rescorla::log_likelihood<Model, 1, Model::estimated>(call);
  }

  const data& from_;
  double* workspace_;
};

}  // namespace one_lane

#endif

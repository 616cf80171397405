#ifndef RESCORLA_SRC_TRACES_H
#define RESCORLA_SRC_TRACES_H

#include "bridge.h"

inline std::size_t as_size(std::ptrdiff_t x) { return static_cast<std::size_t>(x); }

// What a traced group of lanes needs besides its block.
struct lane_state {
  explicit lane_state(int lanes)
      : subject(as_size(lanes)), offset(as_size(lanes)), length(as_size(lanes)),
        bad_trial(as_size(lanes), -1), bad_line(as_size(lanes), -1) {}
  std::vector<double> parameters;
  std::vector<std::uint32_t> subject;
  std::vector<std::ptrdiff_t> offset;
  std::vector<int> length, bad_trial, bad_line;
};

// A call that draws and records nothing yet.
inline rescorla::trace_call empty_trace(const rescorla::bound_program& program,
                                        int first_response) {
  rescorla::trace_call call = rescorla::trace_call();
  call.bound = program.view();
  call.first_response = first_response;
  call.missing = NA_REAL;
  call.world.kind = rescorla::payoff_kind::none;
  call.world.outcome_input = -1;
  call.world.foregone_input = -1;
  return call;
}

#endif

#ifndef RESCORLA_TOOLS_SUBJECTS_CUH
#define RESCORLA_TOOLS_SUBJECTS_CUH

// Kernels for the checks beside this file: one thread per subject, every thread a pack of one lane.

#include <rescorla/engine/log_likelihood.hpp>
#include <rescorla/engine/trace.hpp>

using namespace rescorla;

// Elements from one subject to the next; a subject's arrays are those of a pack of one lane.
struct strides {
  int subjects;
  std::ptrdiff_t codes;
  std::ptrdiff_t numbers;
  std::ptrdiff_t workspace;
};

__device__ std::ptrdiff_t this_subject() {
  return static_cast<std::ptrdiff_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

template <class Call>
__device__ Call of_subject(Call call, const strides& step, int parameters, std::ptrdiff_t subject) {
  call.block.codes += subject * step.codes;
  call.block.numbers += subject * step.numbers;
  call.block.marks += subject * call.block.trials;
  call.block.any_mark += subject * call.block.trials;
  call.parameters += subject * parameters;
  call.workspace += subject * step.workspace;
  return call;
}

// With the number of actions known the states stay in registers. Zero leaves it to the data, the
// states to the workspace, and gives the information where wanted.
template <class Model, directions D, int Actions>
__global__ void score_subjects(likelihood_call all, strides step) {
  const std::ptrdiff_t subject = this_subject();
  if (subject >= step.subjects) return;
  likelihood_call call = of_subject(all, step, Model::parameters, subject);
  call.value += subject;
  call.gradient += subject * score<1, D>::size;
  call.fisher += subject * score<1, D>::pairs;
  if constexpr (Actions > 0) {
    double workspace[64 * Actions];
    call.workspace = workspace;
    call.information = false;
    log_likelihood<Model, 1, D, Actions>(call);
  } else {
    log_likelihood<Model, 1, D>(call);
  }
}

template <class Model>
__global__ void trace_subjects(trace_call all, strides step) {
  const std::ptrdiff_t subject = this_subject();
  if (subject >= step.subjects) return;
  trace_call call = of_subject(all, step, Model::parameters, subject);
  call.subject += subject;
  call.offset += subject;
  call.length += subject;
  trace<Model, 1>(call);
}

#define CHECK_SCORE(Model, D, Actions) \
  template __global__ void score_subjects<Model, D, Actions>(likelihood_call, strides);

#endif

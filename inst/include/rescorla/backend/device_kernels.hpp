#ifndef RESCORLA_BACKEND_DEVICE_KERNELS_HPP
#define RESCORLA_BACKEND_DEVICE_KERNELS_HPP

#include "../engine/log_likelihood.hpp"
#include "device_jobs.hpp"

RESCORLA_BEGIN

// The bodies of the kernels that score: what one thread does. The same text is compiled for the GPU
// and, in the tests, for the host.

// A shape is what is known of a (model, data) pair when a kernel is compiled. With the sizes known,
// loops over actions unroll and states stay in registers; a GPU's threads have no other place that
// is fast. A program compiled on first use knows all of it: such shapes are generated. One that is
// compiled ahead knows the number of actions, or nothing.
template <int Actions>
struct actions_shape {
  static constexpr int levels = Actions;
  static constexpr bool sized = Actions > 0;
  static constexpr RESCORLA_INLINE int extent(int) { return Actions; }
  struct constants {
    int extents[1];
  };
  RESCORLA_INLINE static binding bind(constants& known, const binding& given) {
    if (!sized) return given;
    known.extents[0] = Actions;
    return {known.extents, given.labels, given.number_base, given.flush};
  }
};

// Counts the doubles of a program's workspace.
template <class Shape, directions D>
struct layout_counter {
  int cells;
  constexpr RESCORLA_INLINE int extent(int dimension) const { return Shape::extent(dimension); }
  template <directions M>
  constexpr RESCORLA_INLINE void reserve(int, int count) {
    cells += (1 + directions_in(M & D)) * count;
  }
  static constexpr RESCORLA_INLINE int directions_in(directions m) {
    int n = 0;
    for (; m != 0; m &= m - 1) ++n;
    return n;
  }
};

template <class Model, class Shape, directions D>
constexpr RESCORLA_INLINE int workspace_cells() {
  layout_counter<Shape, D> f = {0};
  Model::layout(f);
  return f.cells;
}

// A thread's workspace: of its own where the size is known and small.
template <class Model, class Shape, directions D, bool Own>
struct workspace_of {
  RESCORLA_INLINE double* at(double* given, std::ptrdiff_t cells, std::ptrdiff_t thread) {
    return given + thread * cells;
  }
};
template <class Model, class Shape, directions D>
struct workspace_of<Model, Shape, D, true> {
  static constexpr int cells = workspace_cells<Model, Shape, D>();
  double own[cells > 0 ? cells : 1];
  RESCORLA_INLINE double* at(double*, std::ptrdiff_t, std::ptrdiff_t) { return own; }
};

template <class Model, class Shape>
constexpr RESCORLA_INLINE bool has_own_workspace() {
  if constexpr (Shape::sized)
    return workspace_cells<Model, Shape, Model::every>() <= largest_own_workspace;
  else
    return false;
}

template <class Model, class Shape, directions D>
using thread_workspace = workspace_of<Model, Shape, D, has_own_workspace<Model, Shape>()>;

RESCORLA_INLINE device_block block_of_unit(const device_data& data, std::ptrdiff_t unit) {
  return {data.length[unit], data.units, unit, data.codes, data.numbers, data.marks};
}

// Log-likelihood of a unit, and what of its derivatives is wanted. `Job`: what holds data, binding and
// workspace.
template <class Model, class Shape, directions D, class Job>
RESCORLA_INLINE void score_unit(const Job& job, std::ptrdiff_t thread, std::ptrdiff_t unit,
                                bool information, const double* parameters, double* value,
                                double* gradient, double* fisher) {
  thread_workspace<Model, Shape, D> workspace;
  typename Shape::constants known;
  basic_likelihood_call<device_block> call;
  call.block = block_of_unit(job.data, unit);
  call.bound = Shape::bind(known, job.bound);
  call.parameters = parameters;
  call.workspace = workspace.at(job.workspace, job.cells, thread);
  call.information = information;
  call.value = value;
  call.gradient = gradient;
  call.fisher = fisher;
  if constexpr (Model::keeps) {
    if (Model::keeps_exponentials(call.bound))
      return log_likelihood<Model, 1, D, Shape::levels, true>(call);
  }
  log_likelihood<Model, 1, D, Shape::levels>(call);
}

template <class Model, class Shape, directions D, bool Information>
RESCORLA_INLINE void score_thread(const score_job& job, std::ptrdiff_t thread) {
  constexpr int directions_wanted = score<1, D>::size, pairs = score<1, D>::pairs;
  const std::ptrdiff_t pair = job.first + thread;
  const std::ptrdiff_t unit = job.unit == nullptr ? pair % job.data.units : job.unit[pair];
  double parameters[Model::parameters > 0 ? Model::parameters : 1];
  for (int p = 0; p < Model::parameters; ++p)
    parameters[p] = job.parameters[p * job.pairs + pair];
  double value, gradient[directions_wanted > 0 ? directions_wanted : 1];
  double fisher[pairs > 0 ? pairs : 1];
  score_unit<Model, Shape, D>(job, thread, unit, Information, parameters, &value, gradient, fisher);
  job.value[pair] = value;
  for (int k = 0; k < directions_wanted; ++k) job.gradient[k * job.pairs + pair] = gradient[k];
  if constexpr (Information)
    for (int k = 0; k < pairs; ++k) job.fisher[k * job.pairs + pair] = fisher[k];
}

RESCORLA_END

#endif

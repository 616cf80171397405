// For gpu-host.cpp, the kernels that src/cuda/models/ compiles ahead, in the device's form.

#define RESCORLA_DEVICE 1
#include <kalman.hpp>
#include <rw.hpp>
#include <rw_asymmetric.hpp>
#include <rw_forgetting.hpp>

#include <rescorla/backend/device_interface.hpp>
#include <rescorla/backend/device_simulate.hpp>

namespace gpu {
namespace {

using namespace rescorla;

template <class Model, int Actions, directions D, bool Information>
void score(const void* job, std::int64_t thread) {
  const score_job& mine = *static_cast<const score_job*>(job);
  if (thread < mine.count)
    score_thread<Model, actions_shape<Actions>, D, Information>(mine, thread);
}

template <class Model, int Actions>
void simulate(const void* job, std::int64_t thread) {
  const simulate_job& mine = *static_cast<const simulate_job*>(job);
  if (thread < mine.subjects) simulate_thread<Model, actions_shape<Actions>>(mine, thread);
}

typedef void (*kernel)(const void* job, std::int64_t thread);

void set(device_program* p, device_task task, kernel function) {
  p->kernel[static_cast<int>(task)] = {reinterpret_cast<const void*>(function), 0};
}

template <class Model, int Actions>
bool scores(device_program* p) {
  set(p, device_task::value, &score<Model, Actions, 0, false>);
  set(p, device_task::gradient, &score<Model, Actions, Model::estimated, false>);
  set(p, device_task::information, &score<Model, Actions, Model::estimated, true>);
  return true;
}
template <class Model, int Actions>
bool all(device_program* p) {
  set(p, device_task::trace, &simulate<Model, Actions>);
  return scores<Model, Actions>(p);
}

}  // namespace

// Only those that are checked: each takes the compiler a second.
bool host_ahead(const char* model, int actions, device_program* p);
bool host_ahead(const char* model, int actions, device_program* p) {
  const auto is = [&](const char* name, int number) {
    return __builtin_strcmp(model, name) == 0 && actions == number;
  };
  *p = device_program();
  if (is("rw", 2)) return all<model_rw, 2>(p);
  if (is("rw", 5)) return all<model_rw, 5>(p);
  if (is("rw", 0)) return all<model_rw, 0>(p);
  if (is("rw_asymmetric", 2)) return scores<model_rw_asymmetric, 2>(p);
  if (is("rw_asymmetric", 3)) return scores<model_rw_asymmetric, 3>(p);
  if (is("rw_asymmetric", 5)) return all<model_rw_asymmetric, 5>(p);
  if (is("rw_forgetting", 5)) return scores<model_rw_forgetting, 5>(p);
  if (is("kalman", 4)) return scores<model_kalman, 4>(p);
  if (is("kalman", 0)) return scores<model_kalman, 0>(p);
  return false;
}

}  // namespace gpu

#include <rescorla/core/end.hpp>

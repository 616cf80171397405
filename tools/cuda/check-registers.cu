// Where the number of actions is known, a subject's states stay in registers: tools/check-cuda.sh fails
// where one of these kernels needs a stack.

#include <rw.hpp>
#include <rw_asymmetric.hpp>
#include <rw_forgetting.hpp>

#include "subjects.cuh"

#define CHECK_ACTIONS(Model, Actions) \
  CHECK_SCORE(Model, 0, Actions)      \
  CHECK_SCORE(Model, Model::estimated, Actions)
#define CHECK_MODEL(Model) \
  CHECK_ACTIONS(Model, 2)  \
  CHECK_ACTIONS(Model, 4)  \
  CHECK_ACTIONS(Model, 8)

CHECK_MODEL(model_rw)
CHECK_MODEL(model_rw_asymmetric)
CHECK_MODEL(model_rw_forgetting)

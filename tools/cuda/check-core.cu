// The core and the generated catalogue as device code. It need only compile; tools/check-cuda.sh sees
// to that.

#include <kalman.hpp>
#include <pearce_hall.hpp>
#include <rw.hpp>
#include <rw_asymmetric.hpp>
#include <rw_confirmation.hpp>
#include <rw_counterfactual.hpp>
#include <rw_forgetting.hpp>
#include <rw_lapse.hpp>
#include <rw_perseveration.hpp>

#include "subjects.cuh"

#define CHECK_MODEL(Model)                \
  CHECK_SCORE(Model, 0, 0)                \
  CHECK_SCORE(Model, Model::estimated, 0) \
  CHECK_SCORE(Model, 0, 2)                \
  CHECK_SCORE(Model, Model::estimated, 2) \
  CHECK_SCORE(Model, Model::estimated, 4) \
  template __global__ void trace_subjects<Model>(trace_call, strides);

CHECK_MODEL(model_kalman)
CHECK_MODEL(model_pearce_hall)
CHECK_MODEL(model_rw)
CHECK_MODEL(model_rw_asymmetric)
CHECK_MODEL(model_rw_confirmation)
CHECK_MODEL(model_rw_counterfactual)
CHECK_MODEL(model_rw_forgetting)
CHECK_MODEL(model_rw_lapse)
CHECK_MODEL(model_rw_perseveration)

// The device's trials in single precision; see tools/check-cuda.sh.

#define RESCORLA_SINGLE 1

#include <kalman.hpp>
#include <rw.hpp>

#include "subjects.cuh"

#define CHECK_MODEL(Model)                \
  CHECK_SCORE(Model, 0, 0)                \
  CHECK_SCORE(Model, Model::estimated, 0) \
  CHECK_SCORE(Model, 0, 4)                \
  CHECK_SCORE(Model, Model::estimated, 4)

CHECK_MODEL(model_kalman)
CHECK_MODEL(model_rw)

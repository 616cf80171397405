// The kernels of tools/cpp/measure-single-precision.cpp in single precision.

#define RESCORLA_DEVICE 1
#define RESCORLA_SINGLE 1

#include <kalman.hpp>
#include <rdt_happiness.hpp>
#include <rw_asymmetric.hpp>
#include <rw_lapse.hpp>

#include "measure-single-precision.hpp"

namespace {

// Without `record`: a simulation is in double precision.
template <class Model>
rescorla::kernel_table table() {
  typedef rescorla::kernels<Model> own;
  return {rescorla::kernel_interface,
          RESCORLA_LANES,
          Model::parameters,
          Model::estimated,
          Model::every,
          &own::value,
          &own::gradient,
          nullptr,
          nullptr,
          &own::workspace};
}

}  // namespace

rescorla::kernel_table single_precision(compared model) {
  using namespace rescorla;
  if (model == compared::rw_asymmetric) return table<model_rw_asymmetric>();
  if (model == compared::kalman) return table<model_kalman>();
  if (model == compared::rw_lapse) return table<model_rw_lapse>();
  return table<model_rdt_happiness>();
}

// Fits of the asymmetric Rescorla-Wagner model, two actions; see gpu-module-rlwm.cpp.
#ifndef RESCORLA_DEVICE
#define RESCORLA_DEVICE 1
#endif
#include <rw_asymmetric.hpp>
#include <rescorla/inference/device_entry_fit.hpp>

RESCORLA_FIT_KERNEL(rescorla::model_rw_asymmetric, rescorla::actions_shape<2>,
                    rescorla::model_rw_asymmetric::estimated)

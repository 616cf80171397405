// Trials in single precision, three actions; see gpu-module-rlwm.cpp.
#ifndef RESCORLA_DEVICE
#define RESCORLA_DEVICE 1
#endif
#define RESCORLA_SINGLE 1
#include <rw_asymmetric.hpp>
#include <rescorla/backend/device_entry.hpp>

RESCORLA_SCORE_KERNELS(rescorla::model_rw_asymmetric, rescorla::actions_shape<3>,
                       rescorla::model_rw_asymmetric::estimated)

#ifndef RESCORLA_TOOLS_MEASURE_SINGLE_PRECISION_HPP
#define RESCORLA_TOOLS_MEASURE_SINGLE_PRECISION_HPP

#include "rescorla/engine/kernel_table.hpp"

// The models compared, and their kernels in single precision: a form is a matter of macros, so each
// of the two has a unit of its own.
enum class compared { rw_asymmetric, kalman, rw_lapse, rdt_happiness };

rescorla::kernel_table single_precision(compared model);

#endif

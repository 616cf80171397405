#ifndef RESCORLA_SRC_REGISTRY_H
#define RESCORLA_SRC_REGISTRY_H

#include "rescorla/engine/kernel_table.hpp"
#include "rescorla/engine/task_table.hpp"

namespace rescorla {

// Kernels of a catalogue model at an instruction set (0, 1, 2), or null.
const kernel_table* catalogue_kernels(const char* name, int level);

// A task compiled with the package, or null.
const task_table* ready_task(const char* name, int level);

}  // namespace rescorla

#endif

#ifndef RESCORLA_SRC_CUDA_CUDA_H
#define RESCORLA_SRC_CUDA_CUDA_H

// The face of the units that know CUDA, for those that do not: plain C++, without a header of CUDA
// or of R. Nothing here throws. The package is linked with CUDA's runtime but not with the driver's
// library, so that it loads on machines without a driver and says there what is missing.

#include <cstddef>

#include "rescorla/backend/device_interface.hpp"

// The first visible GPU (CUDA_VISIBLE_DEVICES says which that is). All its work stands in one
// queue, whichever thread it comes from: copies and launches run in the order of the calls. Kernels
// are started in blocks of 128 threads, so the last block has threads that must find, from the job,
// that there is nothing for them to do.
const rescorla::device_interface& cuda_device();

// What device_kernel::kind means here.
enum cuda_kernel_kind : int {
  cuda_kernel_ahead = 0,  // the address of a __global__ function of this package
  cuda_kernel_loaded = 1  // a function of a module that cuda_load() loaded
};

// ---- what there is ------------------------------------------------------------------------------

struct cuda_description {
  int devices;
  int driver;        // the version of CUDA the driver is made for, 13000 for 13.0; 0: none
  int runtime;       // that of the runtime linked in
  char name[256];    // of the first device, as its memory and the like
  int major, minor;  // compute capability
  std::size_t memory_free, memory_total;  // bytes
  int multiprocessors;
  int nvrtc;      // the version of NVRTC, as above; 0: not found
  char why[256];  // why no device can be used, one sentence; empty where one can
};

// Never fails.
void cuda_describe(cuda_description* description);

// ---- programs compiled ahead --------------------------------------------------------------------

// The kernels of a model of the catalogue for a number of actions; false where there are none.
bool cuda_program(const char* model, int actions, rescorla::device_program* program);

// ---- programs compiled when needed --------------------------------------------------------------

// Where NVRTC, the compiler, is looked for first: a file or a folder; null for the usual places.
void cuda_nvrtc_place(const char* place);

// Compiles source text under a name for messages. The option that names the architecture decides
// what comes out: machine code for sm_90, PTX for compute_90. Needs no GPU and no driver. Image and
// log (null where the compiler said nothing) are the caller's, to give to cuda_free_text().
rescorla::device_status cuda_compile(const char* source, const char* name, int options,
                                     const char* const* option, char** image, std::size_t* bytes,
                                     char** log);
void cuda_free_text(char* text);

// Loads an image for the first GPU, finds kernels in it by their names there (those of extern "C"
// functions are as written), and takes it away again.
rescorla::device_status cuda_load(const char* image, std::size_t bytes, void** module);
rescorla::device_status cuda_function(void* module, const char* name,
                                      rescorla::device_kernel* kernel);
void cuda_unload(void* module);

#endif

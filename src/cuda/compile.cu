// NVRTC, CUDA's compiler for a running program, opened when it is first needed: the package works
// without it. What little of its interface is used stands here, so that its header is not needed.

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "status.h"

using rescorla::device_status;

namespace {

using nvrtc_program = void*;

struct nvrtc_library {
  void* handle;
  int version;
  int (*create)(nvrtc_program*, const char* source, const char* name, int headers,
                const char* const* header, const char* const* include_name);
  int (*compile)(nvrtc_program, int options, const char* const* option);
  int (*log_size)(nvrtc_program, std::size_t*);
  int (*log)(nvrtc_program, char*);
  int (*ptx_size)(nvrtc_program, std::size_t*);
  int (*ptx)(nvrtc_program, char*);
  int (*cubin_size)(nvrtc_program, std::size_t*);
  int (*cubin)(nvrtc_program, char*);
  int (*destroy)(nvrtc_program*);
  const char* (*meaning)(int);
};

template <class Function>
bool find(void* handle, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(handle, name));
  return *function != nullptr;
}

bool open_library(const char* path, nvrtc_library* library) {
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  int (*version)(int*, int*) = nullptr;
  int major = 0, minor = 0;
  if (find(handle, "nvrtcVersion", &version) &&
      find(handle, "nvrtcCreateProgram", &library->create) &&
      find(handle, "nvrtcCompileProgram", &library->compile) &&
      find(handle, "nvrtcGetProgramLogSize", &library->log_size) &&
      find(handle, "nvrtcGetProgramLog", &library->log) &&
      find(handle, "nvrtcGetPTXSize", &library->ptx_size) &&
      find(handle, "nvrtcGetPTX", &library->ptx) &&
      find(handle, "nvrtcGetCUBINSize", &library->cubin_size) &&
      find(handle, "nvrtcGetCUBIN", &library->cubin) &&
      find(handle, "nvrtcDestroyProgram", &library->destroy) &&
      find(handle, "nvrtcGetErrorString", &library->meaning) && version(&major, &minor) == 0) {
    library->handle = handle;
    library->version = 1000 * major + 10 * minor;
    return true;
  }
  dlclose(handle);
  return false;
}

// The same release as the runtime first: machine code of a newer one may be too new for the driver.
const char* const names[] = {
#if CUDART_VERSION >= 13000
    "libnvrtc.so.13",
    "libnvrtc.so",
    "libnvrtc.so.12",
    "libnvrtc.so.11.2",
#elif CUDART_VERSION >= 12000
    "libnvrtc.so.12",
    "libnvrtc.so",
    "libnvrtc.so.13",
    "libnvrtc.so.11.2",
#else
    "libnvrtc.so.11.2",
    "libnvrtc.so",
    "libnvrtc.so.12",
    "libnvrtc.so.13",
#endif
};

bool open_in(const char* folder, nvrtc_library* library) {
  char path[4096];
  for (const char* name : names) {
    if (std::snprintf(path, sizeof path, "%s/%s", folder, name) < static_cast<int>(sizeof path) &&
        open_library(path, library))
      return true;
  }
  return false;
}

struct the_compiler {
  std::mutex mutex;
  nvrtc_library library = {};
  bool sought = false;
  char place[4096] = "";
};

the_compiler& compiler() {
  static the_compiler one;
  return one;
}

// Null where it is not found. A place that was named is the only one looked at.
const nvrtc_library* the_library() {
  the_compiler& one = compiler();
  const std::lock_guard<std::mutex> lock(one.mutex);
  if (!one.sought) {
    one.sought = true;
    nvrtc_library* library = &one.library;
    if (one.place[0] != '\0') {
      open_library(one.place, library) || open_in(one.place, library);
    } else {
#ifdef RESCORLA_CUDA_FOLDER
      open_in(RESCORLA_CUDA_FOLDER, library);
#endif
      for (const char* name : names)
        if (library->handle == nullptr) open_library(name, library);
    }
  }
  return one.library.handle == nullptr ? nullptr : &one.library;
}

// "--gpu-architecture=sm_90" or "-arch=sm_90" asks for machine code, "compute_90" for PTX.
bool wants_machine_code(int options, const char* const* option) {
  for (int i = options - 1; i >= 0; --i) {
    if (std::strncmp(option[i], "--gpu-arch", 10) == 0 || std::strncmp(option[i], "-arch", 5) == 0)
      return std::strstr(option[i], "=sm_") != nullptr;
  }
  return false;
}

// The first line that tells an error, for a message of one line.
void first_error(const char* log, char* line, std::size_t size) {
  line[0] = '\0';
  if (log == nullptr) return;
  const char* at = std::strstr(log, "error");
  if (at == nullptr) return;
  while (at > log && at[-1] != '\n') --at;
  const std::size_t length = std::strcspn(at, "\n");
  std::snprintf(line, size, ": %.*s", static_cast<int>(length), at);
}

// A copy of what the library has to give; null without memory.
char* fetch(nvrtc_program program, int (*size)(nvrtc_program, std::size_t*),
            int (*get)(nvrtc_program, char*), std::size_t* bytes) {
  std::size_t wanted = 0;
  if (size(program, &wanted) != 0 || wanted == 0) return nullptr;
  char* text = static_cast<char*>(std::malloc(wanted + 1));
  if (text == nullptr) return nullptr;
  if (get(program, text) != 0) {
    std::free(text);
    return nullptr;
  }
  text[wanted] = '\0';
  *bytes = wanted;
  return text;
}

}  // namespace

void cuda_nvrtc_place(const char* place) {
  the_compiler& one = compiler();
  const std::lock_guard<std::mutex> lock(one.mutex);
  if (place == nullptr) place = "";
  if (std::strcmp(place, one.place) == 0) return;
  std::snprintf(one.place, sizeof one.place, "%s", place);
  // What was opened stays in memory: another thread may be compiling with it.
  one.library = nvrtc_library();
  one.sought = false;
}

int cuda_nvrtc_version() {
  const nvrtc_library* library = the_library();
  return library == nullptr ? 0 : library->version;
}

device_status cuda_compile(const char* source, const char* name, int options,
                           const char* const* option, char** image, std::size_t* bytes,
                           char** log) {
  *image = *log = nullptr;
  *bytes = 0;
  const nvrtc_library* found = the_library();
  if (found == nullptr)
    return cuda_fault(-1,
                      "CUDA's compiler NVRTC (libnvrtc.so) was not found, which a model needs "
                      "that is not compiled ahead: install the CUDA toolkit, or say where NVRTC "
                      "is.");
  const nvrtc_library library = *found;
  nvrtc_program program = nullptr;
  int error = library.create(&program, source, name, 0, nullptr, nullptr);
  if (error != 0) return cuda_fault(error, "NVRTC does not start: %s.", library.meaning(error));
  error = library.compile(program, options, option);
  std::size_t length = 0;
  *log = fetch(program, library.log_size, library.log, &length);
  if (*log != nullptr && (*log)[0] == '\0') {
    cuda_free_text(*log);
    *log = nullptr;
  }
  device_status status = cuda_fine();
  if (error != 0) {
    char line[160];
    first_error(*log, line, sizeof line);
    status =
        cuda_fault(error, "NVRTC cannot compile %.60s (%s)%s", name, library.meaning(error), line);
  } else {
    *image = wants_machine_code(options, option)
                 ? fetch(program, library.cubin_size, library.cubin, bytes)
                 : fetch(program, library.ptx_size, library.ptx, bytes);
    if (*image == nullptr)
      status = cuda_fault(-1, "NVRTC gave no code for %.60s: is there memory left?", name);
  }
  library.destroy(&program);
  return status;
}

void cuda_free_text(char* text) { std::free(text); }

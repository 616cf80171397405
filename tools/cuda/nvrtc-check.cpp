// Compiles source text as a running program does: with NVRTC, which sees the headers it is pointed
// to and no standard one. Linked with the objects of src/cuda/; tools/check-cuda.sh runs it.
//   nvrtc-check FILE OPTION...      such as --gpu-architecture=compute_90 -Iinst/include

#include <cstdio>
#include <string>
#include <vector>

#include "../../src/cuda/cuda.h"

int main(int count, char** argument) {
  if (count < 2) {
    std::fputs("usage: nvrtc-check FILE OPTION...\n", stderr);
    return 2;
  }
  std::FILE* file = std::fopen(argument[1], "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "%s cannot be read\n", argument[1]);
    return 2;
  }
  std::string source;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file))
    source.push_back(static_cast<char>(c));
  std::fclose(file);

  std::vector<const char*> options{"--std=c++17"};
  options.insert(options.end(), argument + 2, argument + count);
  char* image = nullptr;
  char* log = nullptr;
  std::size_t bytes = 0;
  const rescorla::device_status status =
      cuda_compile(source.c_str(), argument[1], static_cast<int>(options.size()), options.data(),
                   &image, &bytes, &log);
  if (status.code == 0) {
    std::printf("%s: %zu bytes\n", argument[1], bytes);
  } else {
    std::printf("%s\n", status.message);
    if (log != nullptr) std::printf("%s", log);
  }
  cuda_free_text(image);
  cuda_free_text(log);
  return status.code == 0 ? 0 : 1;
}

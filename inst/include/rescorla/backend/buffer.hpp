#ifndef RESCORLA_BACKEND_BUFFER_HPP
#define RESCORLA_BACKEND_BUFFER_HPP

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rescorla {

// Scratch memory on a 64-byte boundary, as the widest pack needs.
class aligned_buffer {
 public:
  double* get(std::size_t doubles) {
    if (memory_.size() < doubles + 8) memory_.resize(doubles + 8);
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(memory_.data());
    return reinterpret_cast<double*>((at + 63) & ~static_cast<std::uintptr_t>(63));
  }

 private:
  std::vector<double> memory_;
};

}  // namespace rescorla

#endif

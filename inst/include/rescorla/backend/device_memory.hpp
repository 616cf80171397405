#ifndef RESCORLA_BACKEND_DEVICE_MEMORY_HPP
#define RESCORLA_BACKEND_DEVICE_MEMORY_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "device_interface.hpp"

namespace rescorla {

inline void check(const device_status& status) {
  if (status.code != 0) throw error(error_kind::backend, status.message);
}

// Memory of a device, given back with the object. It grows and does not shrink.
class device_memory {
 public:
  explicit device_memory(const device_interface& device) : device_(&device) {}
  ~device_memory() { clear(); }
  device_memory(const device_memory&) = delete;
  device_memory& operator=(const device_memory&) = delete;
  device_memory(device_memory&& other) noexcept
      : device_(other.device_), at_(other.at_), bytes_(other.bytes_) {
    other.at_ = nullptr;
    other.bytes_ = 0;
  }

  // At least so many elements; what was there is lost where it has to grow.
  template <class T>
  T* get(std::size_t count) {
    const std::size_t bytes = (count > 0 ? count : 1) * sizeof(T);
    if (bytes > bytes_) {
      clear();
      check(device_->allocate(&at_, bytes));
      bytes_ = bytes;
    }
    return static_cast<T*>(at_);
  }
  // With the given elements in it.
  template <class T>
  T* put(const T* from, std::size_t count) {
    T* to = get<T>(count);
    if (count > 0) check(device_->upload(to, from, count * sizeof(T)));
    return to;
  }
  template <class T>
  T* put(const std::vector<T>& from) {
    return put(from.data(), from.size());
  }
  void clear() {
    if (at_ != nullptr) device_->release(at_);
    at_ = nullptr;
    bytes_ = 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  const device_interface* device_;
  void* at_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
void download(const device_interface& device, T* to, const T* from, std::size_t count) {
  if (count > 0) check(device.download(to, from, count * sizeof(T)));
}

}  // namespace rescorla

#endif

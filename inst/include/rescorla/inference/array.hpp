#ifndef RESCORLA_INFERENCE_ARRAY_HPP
#define RESCORLA_INFERENCE_ARRAY_HPP

#ifndef __CUDACC_RTC__
#include <cstddef>
#include <vector>
#endif

#include "numeric.hpp"

// The arrays of a fit. They are made once, with the object they belong to, and never grow.
//
// In the ordinary form an array owns its memory. A thread of a device has none of its own to give:
// all its arrays are cut, one after the other, from one piece that it was handed. Constructors
// take the `memory` in either form; in the ordinary one it only adds up what they would have cut,
// which tells the host how much a device needs.

RESCORLA_INFERENCE_BEGIN

/// What an array of `bytes` takes: whole doubles, so that the next one is aligned.
RESCORLA_BOTH constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + sizeof(double) - 1) / sizeof(double) * sizeof(double);
}

#ifdef RESCORLA_DEVICE

/// A piece of memory that is handed out from its beginning to its end.
class memory {
 public:
  /// `base` is aligned for a double. Without one, what is taken is only added up.
  RESCORLA_BOTH explicit memory(void* base = nullptr, std::size_t bytes = 0)
      : base_(static_cast<unsigned char*>(base)), bytes_(bytes) {}

  /// Null when the piece is used up.
  template <class T>
  RESCORLA_BOTH T* take(std::size_t count) {
    const std::size_t from = used_;
    used_ += padded(count * sizeof(T));
    return base_ != nullptr && used_ <= bytes_ ? reinterpret_cast<T*>(base_ + from) : nullptr;
  }

  RESCORLA_BOTH std::size_t used() const { return used_; }
  RESCORLA_BOTH bool enough() const { return base_ != nullptr && used_ <= bytes_; }

 private:
  unsigned char* base_;
  std::size_t bytes_, used_ = 0;
};

template <class T>
class array {
 public:
  RESCORLA_APART array(memory& where, std::size_t size, T value = T())
      : data_(where.take<T>(size)), size_(size) {
    if (data_ != nullptr) fill(value);
  }

  RESCORLA_BOTH T& operator[](std::size_t i) { return data_[i]; }
  RESCORLA_BOTH const T& operator[](std::size_t i) const { return data_[i]; }
  RESCORLA_BOTH T* data() { return data_; }
  RESCORLA_BOTH const T* data() const { return data_; }
  RESCORLA_BOTH std::size_t size() const { return size_; }
  RESCORLA_APART void fill(T value) { inference::fill(data_, size_, value); }

 private:
  T* data_;
  std::size_t size_;
};

/// Objects that have arrays of their own, each made by T(argument, where).
template <class T>
class objects {
 public:
  template <class Argument>
  RESCORLA_BOTH objects(memory& where, std::size_t count, const Argument& argument)
      : data_(where.take<T>(count)) {
    for (std::size_t i = 0; i < count; ++i) {
      const T made(argument, where);
      if (data_ != nullptr) data_[i] = made;
    }
  }

  RESCORLA_BOTH T& operator[](std::size_t i) { return data_[i]; }
  RESCORLA_BOTH const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_;
};

#else

class memory {
 public:
  /// A piece is of no use here.
  explicit memory(void* = nullptr, std::size_t = 0) {}

  template <class T>
  void take(std::size_t count) {
    used_ += padded(count * sizeof(T));
  }
  std::size_t used() const { return used_; }
  bool enough() const { return true; }

 private:
  std::size_t used_ = 0;
};

template <class T>
class array {
 public:
  array(memory& where, std::size_t size, T value = T()) : values_(size, value) {
    where.take<T>(size);
  }

  T& operator[](std::size_t i) { return values_[i]; }
  const T& operator[](std::size_t i) const { return values_[i]; }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  std::size_t size() const { return values_.size(); }
  void fill(T value) { inference::fill(values_.data(), values_.size(), value); }

 private:
  std::vector<T> values_;
};

template <class T>
class objects {
 public:
  template <class Argument>
  objects(memory& where, std::size_t count, const Argument& argument) {
    where.take<T>(count);
    values_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) values_.emplace_back(argument, where);
  }

  T& operator[](std::size_t i) { return values_[i]; }
  const T& operator[](std::size_t i) const { return values_[i]; }

 private:
  std::vector<T> values_;
};

#endif

RESCORLA_INFERENCE_END

#endif

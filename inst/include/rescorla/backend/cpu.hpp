#ifndef RESCORLA_BACKEND_CPU_HPP
#define RESCORLA_BACKEND_CPU_HPP

#include <cstdint>
#include <vector>

#include "../engine/kernel_table.hpp"
#include "../engine/packing.hpp"
#include "likelihood.hpp"

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

// What binds a program to data, owned.
struct bound_program {
  std::vector<int> extents;
  std::vector<int> labels;
  std::vector<int> number_base;
  int flush;

  binding view() const { return {extents.data(), labels.data(), number_base.data(), flush}; }
};

// Likelihoods on the CPU: one group is one pack of lanes.
class cpu_likelihood final : public likelihood {
 public:
  // `every`: derivatives with respect to all parameters, not only those free by default.
  cpu_likelihood(const kernel_table& kernels, const packed_data& data, const bound_program& bound,
                 bool every)
      : kernels_(kernels), data_(data), bound_(bound), every_(every) {
    const unsigned long long set = every ? kernels.every : kernels.estimated;
    for (int p = 0; p < 64; ++p)
      if ((set >> p) & 1ULL) direction_.push_back(p);
  }

  int units() const override { return data_.units(); }
  int groups() const override { return data_.groups(); }
  int lanes() const override { return data_.lanes(); }
  int unit(int group, int lane) const override { return data_.unit(group, lane); }
  int parameters() const override { return kernels_.parameters; }
  int directions() const override { return static_cast<int>(direction_.size()); }
  int direction(int k) const override { return direction_[static_cast<std::size_t>(k)]; }

  void evaluate(int group, order what, const double* parameters, double* value, double* gradient,
                double* information) const override {
    static thread_local aligned_buffer buffer;
    likelihood_call call;
    call.block = data_.block(group);
    call.bound = bound_.view();
    call.parameters = parameters;
    call.workspace =
        buffer.get(static_cast<std::size_t>(kernels_.workspace(bound_.extents.data())));
    call.information = what == order::information;
    call.value = value;
    call.gradient = gradient;
    call.fisher = information;
    if (what == order::value)
      kernels_.value(call);
    else if (every_)
      kernels_.gradient_every(call);
    else
      kernels_.gradient(call);
  }

 private:
  const kernel_table& kernels_;
  const packed_data& data_;
  const bound_program& bound_;
  bool every_;
  std::vector<int> direction_;
};

}  // namespace rescorla

#endif

#ifndef RESCORLA_BACKEND_CPU_HPP
#define RESCORLA_BACKEND_CPU_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../engine/kernel_table.hpp"
#include "../engine/packing.hpp"
#include "buffer.hpp"
#include "likelihood.hpp"
#include "staging.hpp"

namespace rescorla {

// What binds a program to data, owned.
struct bound_program {
  std::vector<int> extents;
  std::vector<int> labels;
  std::vector<int> number_base;
  int flush;

  binding view() const { return {extents.data(), labels.data(), number_base.data(), flush}; }
};

// Likelihoods on the CPU: one group is `packs` packs of lanes.
class cpu_likelihood final : public likelihood {
 public:
  // `every`: derivatives with respect to all parameters, not only those free by default.
  cpu_likelihood(const kernel_table& kernels, const packed_data& data, const bound_program& bound,
                 bool every, int packs = 1)
      : kernels_(kernels), data_(data), bound_(bound), every_(every), packs_(packs) {
    const unsigned long long set = every ? kernels.every : kernels.estimated;
    for (int p = 0; p < 64; ++p)
      if ((set >> p) & 1ULL) direction_.push_back(p);
  }

  int units() const override { return data_.units(); }
  int groups() const override { return (data_.groups() + packs_ - 1) / packs_; }
  int lanes() const override { return data_.lanes() * packs_; }
  int unit(int group, int lane) const override {
    const int pack = group * packs_ + lane / data_.lanes();
    return pack < data_.groups() ? data_.unit(pack, lane % data_.lanes()) : -1;
  }
  int parameters() const override { return kernels_.parameters; }
  int directions() const override { return static_cast<int>(direction_.size()); }
  int direction(int k) const override { return direction_[static_cast<std::size_t>(k)]; }

  // Packs of which all units are wanted run on the packed data as they lie. The wanted lanes of the
  // others are brought together in packs of their own.
  void evaluate(int group, order what, const unsigned char* wanted, const double* parameters,
                double* value, double* gradient, double* information) const override {
    static thread_local scratch own;
    const int width = data_.lanes();
    own.begin(width, kernels_.parameters, directions());
    request call = {what, parameters, value, gradient, information};
    std::vector<int>& loose = own.loose;
    loose.clear();
    for (int p = 0; p < packs_ && group * packs_ + p < data_.groups(); ++p) {
      const std::size_t before = loose.size();
      bool whole = true;
      for (int l = p * width; l < (p + 1) * width; ++l) {
        if (unit(group, l) < 0) continue;
        if (wanted == nullptr || wanted[l] != 0)
          loose.push_back(l);
        else
          whole = false;
      }
      if (!whole) continue;
      loose.resize(before);
      own.seats.clear();
      for (int l = p * width; l < (p + 1) * width; ++l) own.seats.push_back(l);
      run(call, own, data_.block(group * packs_ + p), own.seats.data());
    }
    int chunk = 0;
    for (std::size_t at = 0; at < loose.size(); at += static_cast<std::size_t>(width), ++chunk) {
      const int count = std::min(width, static_cast<int>(loose.size() - at));
      const int* lane = loose.data() + at;
      const int pack = lane[0] / width;
      if (lane[count - 1] / width == pack) {
        run_in_place(call, own, group * packs_ + pack, lane, count);
        continue;
      }
      own.units.clear();
      for (int i = 0; i < count; ++i) own.units.push_back(unit(group, lane[i]));
      own.seats.assign(lane, lane + count);
      own.seats.resize(static_cast<std::size_t>(width), -1);
      run(call, own, own.stage(chunk).seat(data_, own.units.data(), count), own.seats.data());
    }
  }

 private:
  // One call of evaluate(): arrays over the lanes of the group.
  struct request {
    order what;
    const double* parameters;
    double* value;
    double* gradient;
    double* information;
  };

  // What a thread needs, kept from call to call: the arrays of one pack.
  struct scratch {
    aligned_buffer workspace;
    std::vector<double> parameters, value, gradient, information;
    std::vector<int> loose, seats, units;
    std::vector<staging> stages;

    void begin(int width, int parameter_count, int directions) {
      const std::size_t w = static_cast<std::size_t>(width);
      const std::size_t k = static_cast<std::size_t>(directions);
      parameters.resize(w * static_cast<std::size_t>(parameter_count));
      value.resize(w);
      gradient.resize(w * std::max<std::size_t>(k, 1));
      information.resize(w * std::max<std::size_t>(k * (k + 1) / 2, 1));
    }
    staging& stage(int chunk) {
      if (stages.size() <= static_cast<std::size_t>(chunk))
        stages.resize(static_cast<std::size_t>(chunk) + 1);
      return stages[static_cast<std::size_t>(chunk)];
    }
  };

  // Some lanes of one pack, each in its own place.
  void run_in_place(const request& call, scratch& own, int pack, const int* lane,
                    int count) const {
    const int width = data_.lanes();
    own.seats.assign(static_cast<std::size_t>(width), -1);
    for (int i = 0; i < count; ++i) own.seats[static_cast<std::size_t>(lane[i] % width)] = lane[i];
    run(call, own, data_.block(pack), own.seats.data());
  }

  // Runs a block whose lane i stands for lane[i] of the group. A lane that stands for none (-1) is
  // given the parameters of another: they are valid for some unit.
  void run(const request& call, scratch& own, const packed_block& block, const int* lane) const {
    const int width = data_.lanes(), total = lanes();
    const int some = *std::max_element(lane, lane + width);
    for (int p = 0; p < kernels_.parameters; ++p)
      for (int i = 0; i < width; ++i)
        own.parameters[static_cast<std::size_t>(p * width + i)] =
            call.parameters[p * total + (lane[i] < 0 ? some : lane[i])];
    likelihood_call one;
    one.block = block;
    one.bound = bound_.view();
    one.parameters = own.parameters.data();
    one.workspace =
        own.workspace.get(static_cast<std::size_t>(kernels_.workspace(bound_.extents.data())));
    one.information = call.what == order::information;
    one.value = own.value.data();
    one.gradient = own.gradient.data();
    one.fisher = own.information.data();
    if (call.what == order::value)
      kernels_.value(one);
    else if (every_)
      kernels_.gradient_every(one);
    else
      kernels_.gradient(one);
    const int k = call.what == order::value ? 0 : directions();
    const int pairs = call.what == order::information ? k * (k + 1) / 2 : 0;
    scatter(own.value, 1, call.value, lane);
    scatter(own.gradient, k, call.gradient, lane);
    scatter(own.information, pairs, call.information, lane);
  }

  void scatter(const std::vector<double>& from, int rows, double* to, const int* lane) const {
    const int width = data_.lanes(), total = lanes();
    for (int r = 0; r < rows; ++r)
      for (int i = 0; i < width; ++i)
        if (lane[i] >= 0)
          to[r * total + lane[i]] = from[static_cast<std::size_t>(r * width + i)];
  }

  const kernel_table& kernels_;
  const packed_data& data_;
  const bound_program& bound_;
  bool every_;
  int packs_;
  std::vector<int> direction_;
};

}  // namespace rescorla

#endif

#ifndef RESCORLA_INFERENCE_UNIT_BATCH_HPP
#define RESCORLA_INFERENCE_UNIT_BATCH_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../backend/likelihood.hpp"
#include "dense.hpp"
#include "../backend/executor.hpp"
#include "transform.hpp"

namespace rescorla {
namespace inference {

/// The free parameters of a program and the maps that lead to them from the real line.
struct free_parameters {
  std::vector<int> direction;   ///< P: the likelihood's direction of each
  std::vector<double> fixed;    ///< value of every parameter of the program; free ones ignored
  std::vector<transform> maps;  ///< P

  int size() const { return static_cast<int>(direction.size()); }
};

/// The log-likelihoods of all units with their derivatives on the real line z. A unit must sit in
/// one lane only. Arrays by unit have the unit slowest; symmetric matrices are packed.
class unit_batch {
 public:
  unit_batch(const likelihood& target, const free_parameters& free)
      : target_(target), free_(free), size_(free.size()) {
    for (int k : free.direction) parameter_.push_back(target.direction(k));
  }

  int units() const { return target_.units(); }
  int size() const { return size_; }
  const free_parameters& free() const { return free_; }

  /// What one thread needs, kept from call to call.
  struct scratch {
    std::vector<double> parameters, value, gradient, information, slope;
    std::vector<unsigned char> wanted;
  };

  /// z[unit][P] -> value[unit], gradient[unit][P] in z, expected information[unit][packed] in z,
  /// for the units of one group of lanes that are wanted (null: all). A unit whose likelihood is
  /// not finite has value -Inf and derivatives 0.
  void evaluate(int group, order what, const unsigned char* wanted, const double* z, double* value,
                double* gradient, double* information, scratch& own) const {
    const int lanes = target_.lanes(), directions = target_.directions();
    const std::size_t wide = static_cast<std::size_t>(lanes);
    own.parameters.resize(wide * static_cast<std::size_t>(target_.parameters()));
    own.slope.resize(wide * static_cast<std::size_t>(size_));
    own.value.resize(wide);
    own.gradient.resize(wide * static_cast<std::size_t>(std::max(directions, 1)));
    own.information.resize(wide * static_cast<std::size_t>(std::max(packed_size(directions), 1)));
    own.wanted.assign(wide, 0);
    for (int p = 0; p < target_.parameters(); ++p)
      std::fill_n(&own.parameters[static_cast<std::size_t>(p) * wide], wide,
                  free_.fixed[static_cast<std::size_t>(p)]);
    int count = 0;
    for (int l = 0; l < lanes; ++l) {
      const int u = target_.unit(group, l);
      if (u < 0 || (wanted != nullptr && wanted[u] == 0)) continue;
      own.wanted[static_cast<std::size_t>(l)] = 1;
      ++count;
      for (int j = 0; j < size_; ++j) {
        const transform& map = free_.maps[static_cast<std::size_t>(j)];
        const double at = z[static_cast<std::size_t>(u) * size_ + j], x = map.natural(at);
        own.parameters[static_cast<std::size_t>(parameter_[j]) * wide + l] = x;
        own.slope[static_cast<std::size_t>(j) * wide + l] = map.slope(at, x);
      }
    }
    if (count == 0) return;
    target_.evaluate(group, what, own.wanted.data(), own.parameters.data(), own.value.data(),
                     own.gradient.data(), own.information.data());
    for (int l = 0; l < lanes; ++l)
      if (own.wanted[l] != 0)
        write(own, l, target_.unit(group, l), what, value, gradient, information);
  }

  /// All groups.
  void evaluate(const executor& parallel, order what, const unsigned char* wanted, const double* z,
                double* value, double* gradient, double* information) const {
    parallel(target_.groups(), [&](int g) {
      static thread_local scratch own;
      evaluate(g, what, wanted, z, value, gradient, information, own);
    });
  }

  int groups() const { return target_.groups(); }

 private:
  void write(const scratch& own, int lane, int unit, order what, double* value, double* gradient,
             double* information) const {
    const int lanes = target_.lanes();
    const double* slope = own.slope.data() + lane;
    value[unit] = own.value[lane];
    if (what == order::value) return;
    for (int j = 0; j < size_; ++j)
      gradient[static_cast<std::size_t>(unit) * size_ + j] =
          own.gradient[static_cast<std::size_t>(free_.direction[j]) * lanes + lane] *
          slope[j * lanes];
    if (what == order::gradient) return;
    double* to = information + static_cast<std::size_t>(unit) * packed_size(size_);
    for (int j = 0; j < size_; ++j)
      for (int i = 0; i <= j; ++i) {
        const int from = packed(free_.direction[i], free_.direction[j]);
        *to++ = own.information[static_cast<std::size_t>(from) * lanes + lane] *
                slope[i * lanes] * slope[j * lanes];
      }
  }

  const likelihood& target_;
  const free_parameters& free_;
  int size_;
  std::vector<int> parameter_;  // P: the program's parameter of each free one
};

}  // namespace inference
}  // namespace rescorla

#endif

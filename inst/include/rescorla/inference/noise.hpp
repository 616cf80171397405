#ifndef RESCORLA_INFERENCE_NOISE_HPP
#define RESCORLA_INFERENCE_NOISE_HPP

#include <cmath>
#include <cstdint>
#include <random>

namespace rescorla {
namespace inference {

/// The random numbers of one chain. The engine is the C++ standard's, the same everywhere; its
/// distributions are not, and are made here.
class noise {
 public:
  noise(std::uint64_t seed, std::uint32_t stream) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                        stream};
    engine_.seed(words);
  }

  /// In (0, 1).
  double uniform() { return (static_cast<double>(engine_() >> 12) + 0.5) * 0x1p-52; }

  /// Standard normal, by the polar method (Marsaglia and Bray 1964).
  double normal() {
    if (spare_) {
      spare_ = false;
      return kept_;
    }
    double u, v, s;
    do {
      u = 2.0 * uniform() - 1.0;
      v = 2.0 * uniform() - 1.0;
      s = u * u + v * v;
    } while (s >= 1.0);
    const double scale = std::sqrt(-2.0 * std::log(s) / s);
    kept_ = v * scale;
    spare_ = true;
    return u * scale;
  }

 private:
  std::mt19937_64 engine_;
  bool spare_ = false;
  double kept_ = 0.0;
};

}  // namespace inference
}  // namespace rescorla

#endif

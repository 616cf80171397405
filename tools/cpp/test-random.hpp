#ifndef RESCORLA_TOOLS_TEST_RANDOM_HPP
#define RESCORLA_TOOLS_TEST_RANDOM_HPP

// Philox4x32-10 against the known answers of its authors, and the draws made from it.

#include "check.hpp"
#include "rescorla/random/draws.hpp"

namespace test_random {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;

/// Random123's kat_vectors for philox4x32 with ten rounds (Salmon et al. 2011).
inline void known_answers() {
  struct answer {
    std::uint32_t counter[4], key[2], result[4];
  };
  const answer answers[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (const answer& a : answers) {
    const std::uint64_t seed = a.key[0] | static_cast<std::uint64_t>(a.key[1]) << 32;
    words<width> counter[4];
    // Only the last lane has the counter of the answer.
    for (int k = 0; k < 4; ++k) {
      counter[k] = broadcast_words<width>(static_cast<std::uint32_t>(77 + k));
      counter[k].v[width - 1] = a.counter[k];
    }
    const philox_block<width> out =
        philox<width>(seed, counter[0], counter[1], counter[2], counter[3]);
    for (int k = 0; k < 4; ++k) {
      check::that(out.x[k].v[width - 1] == a.result[k], "philox, known answer");
    }
  }
}

template <class F>
std::vector<double> draw(int n, F f) {
  std::vector<double> x(static_cast<std::size_t>(n));
  words<width> subject;
  for (int l = 0; l < width; ++l) subject.v[l] = static_cast<unsigned>(l);
  for (int i = 0; i < n; i += width) {
    const philox_block<width> b =
        philox<width>(20240817, broadcast_words<width>(static_cast<std::uint32_t>(i / width)),
                      broadcast_words<width>(0), subject, broadcast_words<width>(0));
    store<width>(&x[static_cast<std::size_t>(i)], f(b));
  }
  return x;
}

/// The mean of g(x) lies within five standard errors of what it should be.
template <class G>
void moment(const std::vector<double>& x, G g, double expected, const char* what) {
  double sum = 0.0, squares = 0.0;
  for (const double v : x) {
    sum += g(v);
    squares += g(v) * g(v);
  }
  const double n = static_cast<double>(x.size()), mean = sum / n;
  check::that(std::fabs(mean - expected) < 5.0 * std::sqrt((squares / n - mean * mean) / n), what);
}

inline void uniforms() {
  const int n = 1 << 19;
  const std::vector<double> x =
      draw(n, [](const philox_block<width>& b) { return uniform(b); });
  check::that(*std::min_element(x.begin(), x.end()) >= 0.0, "uniform from 0");
  check::that(*std::max_element(x.begin(), x.end()) < 1.0, "uniform below 1");
  moment(x, [](double u) { return u; }, 0.5, "uniform, mean");
  moment(x, [](double u) { return (u - 0.5) * (u - 0.5); }, 1.0 / 12.0, "uniform, variance");
  moment(x, [](double u) { return u < 0.627; }, 0.627, "uniform, a share");
  std::vector<int> bins(64, 0);
  for (const double u : x) ++bins[static_cast<std::size_t>(64 * u)];
  double statistic = 0.0;
  for (const int count : bins) statistic += (count - n / 64.0) * (count - n / 64.0) / (n / 64.0);
  check::that(statistic < 120.0, "uniform, chi-squared on 63 degrees of freedom");
  for (const int lag : {1, width, 7 * width}) {
    double sum = 0.0;
    for (std::size_t i = static_cast<std::size_t>(lag); i < x.size(); ++i)
      sum += (x[i] - 0.5) * (x[i - static_cast<std::size_t>(lag)] - 0.5);
    check::that(std::fabs(12.0 * sum / n) < 5.0 / std::sqrt(n), "uniform, no correlation");
  }
  words<width> high = broadcast_words<width>(0xffffffff), low = high;
  double top[width];
  store<width>(top, uniform_from<width>(high, low));
  check::that(top[0] < 1.0 && top[0] > 1.0 - 1e-15, "the largest uniform");
}

inline void normals() {
  const std::vector<double> x =
      draw(1 << 19, [](const philox_block<width>& b) { return standard_normal(b); });
  moment(x, [](double z) { return z; }, 0.0, "normal, mean");
  moment(x, [](double z) { return z * z; }, 1.0, "normal, variance");
  moment(x, [](double z) { return z * z * z; }, 0.0, "normal, skewness");
  moment(x, [](double z) { return z * z * z * z; }, 3.0, "normal, kurtosis");
  moment(x, [](double z) { return z > 1.959963984540054; }, 0.025, "normal, upper tail");
  moment(x, [](double z) { return z < -3.090232306167813; }, 0.001, "normal, lower tail");
  for (int i = 0; i <= 1000; ++i) {
    double turns[width], got[width];
    for (int l = 0; l < width; ++l) turns[l] = i / 1001.0 + l * 1e-5;
    store<width>(got, cos_turns(load<width>(turns)));
    const double exact =
        static_cast<double>(std::cos(6.283185307179586476925286766559L * turns[width - 1]));
    if (std::fabs(got[width - 1] - exact) > 3e-16) {
      check::near(got[width - 1], exact, 3e-16, "cos(2 pi u)");
      return;
    }
  }
  check::that(true, "cos(2 pi u)");
}

inline void run() {
  known_answers();
  uniforms();
  normals();
}

}  // namespace test_random

#endif

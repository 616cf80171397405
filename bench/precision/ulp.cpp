// Largest error of the package's exp and log, in units in the last place of the true value, over
// random arguments; long double is the reference. RESCORLA_LEVEL chooses the instruction set.
// Prints: exp_nonpositive exp log.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

#include "rescorla/core/math.hpp"

namespace {

const int width = RESCORLA_LANES;
const int draws = 4000000;

double ulps(double computed, long double exact) {
  const double nearest = std::fabs(static_cast<double>(exact));
  const double spacing = std::nextafter(nearest, std::numeric_limits<double>::infinity()) - nearest;
  return static_cast<double>(std::fabs(static_cast<long double>(computed) - exact) / spacing);
}

template <typename Draw, typename Packed, typename Exact>
double worst_of(Draw draw, Packed packed, Exact exact) {
  double worst = 0;
  for (int i = 0; i < draws; i += width) {
    double x[width], y[width];
    for (double& element : x) element = draw();
    rescorla::store<width>(y, packed(rescorla::load<width>(x)));
    for (int l = 0; l < width; ++l) worst = std::max(worst, ulps(y[l], exact(x[l])));
  }
  return worst;
}

}  // namespace

int main() {
  if (std::numeric_limits<long double>::digits < 64) {
    std::puts("long double is no wider than double here");
    return 1;
  }
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> unit(0, 1);
  typedef rescorla::pack<width> pack;

  // Half of the arguments lie where a softmax has them, the others over the range of normal
  // results.
  const auto nonpositive = [&] { return -(unit(generator) < 0.5 ? 40 : 708) * unit(generator); };
  const auto any = [&] { return -708 + (708 + 709) * unit(generator); };
  const auto positive = [&] {
    const double significand = 0.5 + 1.5 * unit(generator);
    const int exponent = static_cast<int>(2000 * unit(generator)) - 1000;
    return unit(generator) < 0.5 ? significand : std::ldexp(significand, exponent);
  };
  const auto exact_exp = [](double x) { return std::exp(static_cast<long double>(x)); };
  const auto exact_log = [](double x) { return std::log(static_cast<long double>(x)); };

  std::printf(
      "%.4f %.4f %.4f\n",
      worst_of(
          nonpositive, [](const pack& x) { return rescorla::exp_nonpositive(x); }, exact_exp),
      worst_of(
          any, [](const pack& x) { return rescorla::exp(x); }, exact_exp),
      worst_of(
          positive, [](const pack& x) { return rescorla::log(x); }, exact_log));
}

#include "rescorla/core/end.hpp"

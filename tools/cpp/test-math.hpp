#ifndef RESCORLA_TOOLS_TEST_MATH_HPP
#define RESCORLA_TOOLS_TEST_MATH_HPP

// Elementary functions by lane: errors in units in the last place, and special values.

#include "check.hpp"
#include "rescorla/core/math.hpp"

namespace test_math {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

inline double ulps(double computed, long double exact) {
  const double nearest = std::fabs(static_cast<double>(exact));
  const double spacing = std::nextafter(nearest, infinity) - nearest;
  return static_cast<double>(std::fabs(static_cast<long double>(computed) - exact) / spacing);
}

template <class F>
double apply(F f, double x) {
  // The lanes beside hold other values: they must not matter.
  double in[width], out[width];
  for (int l = 0; l < width; ++l) in[l] = l == 0 ? x : 0.25 * l;
  store<width>(out, f(load<width>(in)));
  return out[0];
}

template <class Draw, class F, class Exact>
double worst(Draw draw, F f, Exact exact) {
  double largest = 0.0;
  for (int i = 0; i < 400000; i += width) {
    double x[width], y[width];
    for (double& element : x) element = draw();
    store<width>(y, f(load<width>(x)));
    for (int l = 0; l < width; ++l) largest = std::fmax(largest, ulps(y[l], exact(x[l])));
  }
  return largest;
}

inline bool same(double a, double b) {
  return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
}

#define RESCORLA_FUNCTION(name) [](const pack<width>& x) { return name(x); }

inline void precision() {
  if (std::numeric_limits<long double>::digits < 64) return;
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  const auto within = [&](double low, double high) {
    return [&unit, &generator, low, high] { return low + (high - low) * unit(generator); };
  };
  const auto scaled = [&] {
    return std::ldexp(0.5 + unit(generator), static_cast<int>(2000 * unit(generator)) - 1000);
  };
  const auto near_zero = [&] {
    return (unit(generator) < 0.5 ? -1.0 : 1.0) * std::pow(10.0, -16.0 * unit(generator)) * 0.9;
  };
  const auto exp_of = [](double x) { return std::exp(static_cast<long double>(x)); };
  const auto log_of = [](double x) { return std::log(static_cast<long double>(x)); };
  const auto log1p_of = [](double x) { return std::log1p(static_cast<long double>(x)); };
  const auto plogis_of = [](double x) {
    return 1.0L / (1.0L + std::exp(-static_cast<long double>(x)));
  };
  check::that(worst(within(-708.0, 709.0), RESCORLA_FUNCTION(exp), exp_of) <= 1.1, "exp, all");
  check::that(worst(within(-2.0, 2.0), RESCORLA_FUNCTION(exp), exp_of) <= 1.1, "exp, near 0");
  check::that(worst(within(-40.0, 0.0), RESCORLA_FUNCTION(exp_nonpositive), exp_of) <= 1.1,
              "exp_nonpositive, softmax");
  check::that(worst(within(-708.0, 0.0), RESCORLA_FUNCTION(exp_nonpositive), exp_of) <= 1.1,
              "exp_nonpositive, all");
  check::that(worst(scaled, RESCORLA_FUNCTION(log), log_of) <= 1.0, "log, all");
  check::that(worst(within(0.5, 2.0), RESCORLA_FUNCTION(log), log_of) <= 1.0, "log, near 1");
  check::that(worst(within(1.0, 128.0), RESCORLA_FUNCTION(log), log_of) <= 1.0, "log, products");
  check::that(worst(near_zero, RESCORLA_FUNCTION(log1p), log1p_of) <= 3.0, "log1p, near 0");
  check::that(worst(within(-0.999, 50.0), RESCORLA_FUNCTION(log1p), log1p_of) <= 3.0, "log1p");
  check::that(worst(within(-600.0, 40.0), RESCORLA_FUNCTION(plogis), plogis_of) <= 4.0, "plogis");
}

inline void special() {
  const auto is = [](double actual, double expected, const char* what) {
    check::that(same(actual, expected), what);
    if (!same(actual, expected)) std::printf("  %.17g, expected %.17g\n", actual, expected);
  };
  is(apply(RESCORLA_FUNCTION(exp), 0.0), 1.0, "exp(0)");
  is(apply(RESCORLA_FUNCTION(exp), -0.0), 1.0, "exp(-0)");
  is(apply(RESCORLA_FUNCTION(exp), infinity), infinity, "exp(Inf)");
  is(apply(RESCORLA_FUNCTION(exp), 709.79), infinity, "exp(709.79)");
  is(apply(RESCORLA_FUNCTION(exp), 1e300), infinity, "exp(1e300)");
  is(apply(RESCORLA_FUNCTION(exp), -infinity), 0.0, "exp(-Inf)");
  is(apply(RESCORLA_FUNCTION(exp), -746.0), 0.0, "exp(-746)");
  is(apply(RESCORLA_FUNCTION(exp), -1e300), 0.0, "exp(-1e300)");
  is(apply(RESCORLA_FUNCTION(exp), nan), nan, "exp(NaN)");
  const double subnormal = apply(RESCORLA_FUNCTION(exp), -740.0);
  check::that(std::fabs(subnormal - std::exp(-740.0)) <= 2 * 4.9406564584124654e-324,
              "exp(-740) is subnormal");
  is(apply(RESCORLA_FUNCTION(exp_nonpositive), 0.0), 1.0, "exp_nonpositive(0)");
  is(apply(RESCORLA_FUNCTION(exp_nonpositive), nan), nan, "exp_nonpositive(NaN)");
  const double lowest = apply(RESCORLA_FUNCTION(exp_nonpositive), -infinity);
  check::that(lowest > 0.0 && lowest < 1e-307, "exp_nonpositive(-Inf) is next to nothing");
  is(apply(RESCORLA_FUNCTION(exp_nonpositive), -1e300), lowest, "exp_nonpositive(-1e300)");
  is(apply(RESCORLA_FUNCTION(log), 1.0), 0.0, "log(1)");
  is(apply(RESCORLA_FUNCTION(log), 0.0), -infinity, "log(0)");
  is(apply(RESCORLA_FUNCTION(log), -0.0), -infinity, "log(-0)");
  is(apply(RESCORLA_FUNCTION(log), infinity), infinity, "log(Inf)");
  is(apply(RESCORLA_FUNCTION(log), -1.0), nan, "log(-1)");
  is(apply(RESCORLA_FUNCTION(log), -infinity), nan, "log(-Inf)");
  is(apply(RESCORLA_FUNCTION(log), nan), nan, "log(NaN)");
  for (const double x : {4.9406564584124654e-324, 1e-310, 2.2250738585072014e-308, 1e-300,
                         1.7976931348623157e308}) {
    check::near(apply(RESCORLA_FUNCTION(log), x), std::log(x), 3e-16, "log at the ends");
  }
  is(apply(RESCORLA_FUNCTION(log1p), 0.0), 0.0, "log1p(0)");
  is(apply(RESCORLA_FUNCTION(log1p), -1.0), -infinity, "log1p(-1)");
  is(apply(RESCORLA_FUNCTION(log1p), -2.0), nan, "log1p(-2)");
  is(apply(RESCORLA_FUNCTION(log1p), infinity), infinity, "log1p(Inf)");
  is(apply(RESCORLA_FUNCTION(log1p), nan), nan, "log1p(NaN)");
  is(apply(RESCORLA_FUNCTION(log1p), 1e-300), 1e-300, "log1p(1e-300)");
  is(apply(RESCORLA_FUNCTION(plogis), 0.0), 0.5, "plogis(0)");
  is(apply(RESCORLA_FUNCTION(plogis), infinity), 1.0, "plogis(Inf)");
  is(apply(RESCORLA_FUNCTION(plogis), -infinity), 0.0, "plogis(-Inf)");
  is(apply(RESCORLA_FUNCTION(plogis), 800.0), 1.0, "plogis(800)");
  is(apply(RESCORLA_FUNCTION(plogis), nan), nan, "plogis(NaN)");
  is(apply(RESCORLA_FUNCTION(abs), -2.5), 2.5, "abs");
  is(apply(RESCORLA_FUNCTION(abs), -0.0), 0.0, "abs(-0)");
  is(apply(RESCORLA_FUNCTION(sign), -3.0), -1.0, "sign below 0");
  is(apply(RESCORLA_FUNCTION(sign), 0.0), 0.0, "sign of 0");
  is(apply(RESCORLA_FUNCTION(floor), -0.5), -1.0, "floor");
  is(apply(RESCORLA_FUNCTION(sqrt), -1.0), nan, "sqrt(-1)");
  check::near(apply(RESCORLA_FUNCTION(normal_cdf), -5.0), 2.8665157187919328e-07, 1e-20, "pnorm");
  check::near(apply(RESCORLA_FUNCTION(tanh), 0.5), std::tanh(0.5), 1e-16, "tanh");
}

/// Masks and the choices they make.
inline void masks() {
  const pack<width> one = broadcast<width>(1.0), bad = broadcast<width>(infinity);
  const mask<width> none = no_lanes<width>(), all = all_lanes<width>();
  check::that(!any(none) && any(all), "any");
  check::that(apply([&](const pack<width>& x) { return keep(none, bad * x); }, 0.0) == 0.0,
              "keep drops NaN");
  const auto known = [&](const pack<width>& x) { return select(x == x, one, bad); };
  check::that(apply(known, nan) == infinity, "select on NaN");
  check::that(apply([&](const pack<width>& x) { return max(one, x); }, 3.0) == 3.0, "max");
  check::that(apply([&](const pack<width>& x) { return min(one, x); }, 3.0) == 1.0, "min");
  check::that(std::isnan(apply([&](const pack<width>& x) { return max(one, x); }, nan)),
              "max gives its second argument when one is NaN");
  const auto index_of = [](double x) {
    return apply([](const pack<width>& v) { return to_pack(to_index(v)); }, x);
  };
  check::that(index_of(3.0) == 3.0 && index_of(2.6) == 3.0 && index_of(0.2) == 0.0, "to_index");
  check::that(index_of(-1.0) == 0.0 && index_of(nan) == 0.0 && index_of(1e300) == 0.0,
              "an index that cannot be is missing");
  const std::int32_t codes[8] = {1, 0, -2, 30000, 5, 6, 7, 8};
  double out[width];
  store<width>(out, to_pack(load_codes<width>(codes)));
  for (int l = 0; l < width; ++l) check::that(out[l] == codes[l], "load_codes");
}

#undef RESCORLA_FUNCTION

inline void run() {
  precision();
  special();
  masks();
}

}  // namespace test_math

#endif

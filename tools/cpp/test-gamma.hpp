#ifndef RESCORLA_TOOLS_TEST_GAMMA_HPP
#define RESCORLA_TOOLS_TEST_GAMMA_HPP

// The logarithm of the gamma function and its derivatives: against values worked out to 50 digits
// (R's agree with them), the C library's long double, and each other.

#include "check.hpp"
#include "rescorla/core/gamma.hpp"

namespace test_gamma {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;
constexpr double tolerance = 1e-13;

template <class F>
double apply(F f, double x, int lane) {
  // The lanes beside take other branches.
  double in[width], out[width];
  for (int l = 0; l < width; ++l) in[l] = l == lane ? x : 0.3 + 2.1 * l;
  store<width>(out, f(load<width>(in)));
  return out[lane];
}

inline bool within(double actual, long double expected) {
  return std::fabs(static_cast<long double>(actual) - expected) <=
         static_cast<long double>(tolerance) * std::fabs(expected);
}

#define RESCORLA_FUNCTION_OF(name) [](const pack<width>& x) { return name(x); }

inline void known_values() {
  struct answer {
    double x, log_gamma, first, second;
  };
  const answer answers[] = {
      {0.0009765625, 6.93090890241946188954, -1024.57561042934062191, 1048577.64258939215262},
      {0.125, 2.01941835755379634532, -8.3884926632958548678, 65.3881334449880344731},
      {0.5, 0.572364942924700087072, -1.96351002602142347944, 4.93480220054467930942},
      {1.0, 0.0, -0.577215664901532860607, 1.64493406684822643647},
      {1.0009765625, -0.000562903179991204631702, -0.575610429340621908622, 1.64258939215261704081},
      {1.4375, -0.121202427199022658971, -0.0236135440052978991417, 0.989502917895627203858},
      {1.46142578125, -0.121486269929914955189, -0.000199711300503996374378, 0.967855018986596141203},
      {1.5, -0.120782237635245222346, 0.036489973978576520559, 0.934802200544679309417},
      {1.9990234375, -0.000412567735971489401711, 0.422154323900628585395, 0.645328944903516440139},
      {2.0, 0.0, 0.422784335098467139393, 0.644934066848226436472},
      {2.4375, 0.241703066490345794167, 0.672038629907745579119, 0.505570970825683914633},
      {2.5, 0.284682870472919159632, 0.703156640645243187226, 0.490357756100234864973},
      {3.75, 1.48681557859341705554, 1.18253738861179622864, 0.305339852690253075486},
      {9.5, 11.6893334207972684826, 2.19773787640294953317, 0.110997288469099032373},
      {10.0, 12.8018274800814696112, 2.25175258906672110765, 0.105166335681685746122},
      {123.25, 468.614482950516644228, 4.81015253196481888028, 0.00814659445608026498719},
      {65536.0, 661276.871765185503633, 11.090347259545191147, 0.0000152589054784139458813},
      {1e10, 220258509288.81058147, 23.0258509298904568402, 1.00000000005e-10}};
  for (const answer& a : answers) {
    for (int lane = 0; lane < width; ++lane) {
      check::that(within(apply(RESCORLA_FUNCTION_OF(rescorla::lgamma), a.x, lane), a.log_gamma),
                  "lgamma, known value");
      check::that(within(apply(RESCORLA_FUNCTION_OF(digamma), a.x, lane), a.first),
                  "digamma, known value");
      check::that(within(apply(RESCORLA_FUNCTION_OF(trigamma), a.x, lane), a.second),
                  "trigamma, known value");
    }
  }
}

/// Everywhere, and around the zeros of each.
inline void between() {
  if (std::numeric_limits<long double>::digits < 64) return;
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  bool values = true, first = true, second = true;
  for (int i = 0; i < 40000; ++i) {
    const double near = std::pow(10.0, -1.0 - 12.0 * unit(generator)) *
                        (unit(generator) < 0.5 ? -1.0 : 1.0);
    const double places[] = {std::pow(10.0, 12.0 * unit(generator) - 6.0), 12.0 * unit(generator),
                             1.0 + near, 2.0 + near};
    const double x = places[i % 4];
    values = values && within(apply(RESCORLA_FUNCTION_OF(rescorla::lgamma), x, i % width),
                              ::lgammal(static_cast<long double>(x)));
    // psi(x + 1) = psi(x) + 1 / x, and so its derivative.
    const double y = x + 1.0;
    const auto step = [&](double a, double b, double up) {
      return std::fabs(b - a - up) <= 1e-12 * (std::fabs(a) + std::fabs(b) + std::fabs(up));
    };
    if (y - 1.0 != x) continue;
    first = first && step(apply(RESCORLA_FUNCTION_OF(digamma), x, i % width),
                          apply(RESCORLA_FUNCTION_OF(digamma), y, i % width), 1.0 / x);
    second = second && step(apply(RESCORLA_FUNCTION_OF(trigamma), y, i % width),
                            apply(RESCORLA_FUNCTION_OF(trigamma), x, i % width), 1.0 / (x * x));
  }
  check::that(values, "lgamma against long double");
  check::that(first, "digamma, one step up");
  check::that(second, "trigamma, one step up");
}

inline void outside() {
  for (const double x : {0.0, -0.5, -3.0, std::numeric_limits<double>::quiet_NaN()}) {
    check::that(std::isnan(apply(RESCORLA_FUNCTION_OF(rescorla::lgamma), x, 0)), "lgamma, none");
    check::that(std::isnan(apply(RESCORLA_FUNCTION_OF(digamma), x, 0)), "digamma, none");
    check::that(std::isnan(apply(RESCORLA_FUNCTION_OF(trigamma), x, 0)), "trigamma, none");
  }
}

inline void combinations() {
  const auto choose = [](double n, double k) {
    double out[width];
    store<width>(out, log_choose(broadcast<width>(n), broadcast<width>(k)));
    return out[width - 1];
  };
  check::that(choose(7.0, 0.0) == 0.0 && choose(0.0, 0.0) == 0.0, "one way to choose none");
  check::near(choose(5.0, 2.0), std::log(10.0), tolerance, "two of five");
  check::near(choose(60.0, 30.0), std::log(118264581564861424.0), tolerance, "half of sixty");
}

#undef RESCORLA_FUNCTION_OF

inline void run() {
  known_values();
  between();
  outside();
  combinations();
}

}  // namespace test_gamma

#endif

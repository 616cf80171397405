#ifndef RESCORLA_TOOLS_TEST_DUAL_HPP
#define RESCORLA_TOOLS_TEST_DUAL_HPP

// Derivatives of every function of core/dual.hpp, and of the rules built from them, against
// differences of their values.

#include "check.hpp"
#include "rescorla/core/dual.hpp"
#include "rescorla/rules/choice.hpp"
#include "rescorla/rules/learning.hpp"

namespace test_dual {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;

template <directions M>
number<width, M> variable(double x) {
  number<width, M> r;
  r.v = broadcast<width>(x);
  each_direction<M>([&](auto k) { r.d[slot(M, k)] = broadcast<width>(1.0); });
  return r;
}

inline number<width, 0> value(double x) { return constant<width>(x); }

template <directions M>
double first(const number<width, M>& x) {
  return x.v.v[0];
}

/// Central differences at halved steps, extrapolated twice (Richardson).
template <class F>
double slope(F f, double x) {
  const double h = 4e-3 * std::fmax(1.0, std::fabs(x));
  const auto central = [&](double step) { return (f(x + step) - f(x - step)) / (2.0 * step); };
  const double far = central(h), middle = central(0.5 * h), near = central(0.25 * h);
  const double coarse = (4.0 * middle - far) / 3.0, fine = (4.0 * near - middle) / 3.0;
  return (16.0 * fine - coarse) / 15.0;
}

template <class F>
void one_argument(const char* name, std::initializer_list<double> points, F f) {
  for (const double x : points) {
    const auto r = f(variable<4>(x));
    const double exact = partial<2>(r).v[width - 1];
    const double difference = slope([&](double u) { return first(f(value(u))); }, x);
    check::near(exact, difference, 2e-7, name);
    check::near(first(r), first(f(value(x))), 1e-15, name);
  }
}

/// Both arguments vary, in directions of their own, in a shared one, or one of them not at all.
template <class F>
void two_arguments(const char* name, std::initializer_list<double> left,
                   std::initializer_list<double> right, F f) {
  for (const double x : left) {
    for (const double y : right) {
      const auto at = [&](double u, double v) { return first(f(value(u), value(v))); };
      const double by_x = slope([&](double u) { return at(u, y); }, x);
      const double by_y = slope([&](double v) { return at(x, v); }, y);
      const auto apart = f(variable<1>(x), variable<2>(y));
      check::near(partial<0>(apart).v[0], by_x, 2e-7, name);
      check::near(partial<1>(apart).v[0], by_y, 2e-7, name);
      const auto shared = f(variable<3>(x), variable<2>(y));
      check::near(partial<0>(shared).v[0], by_x, 2e-7, name);
      check::near(partial<1>(shared).v[0], by_x + by_y, 4e-7, name);
      check::near(partial<3>(f(variable<8>(x), value(y))).v[0], by_x, 2e-7, name);
      check::near(partial<3>(f(value(x), variable<8>(y))).v[0], by_y, 2e-7, name);
      check::near(first(apart), at(x, y), 1e-15, name);
    }
  }
}

inline void functions() {
  one_argument("exp", {-3.0, 0.0, 1.2}, [](const auto& x) { return exp(x); });
  one_argument("log", {0.1, 1.0, 7.0}, [](const auto& x) { return log(x); });
  one_argument("log1p", {-0.5, 0.0, 3.0}, [](const auto& x) { return log1p(x); });
  one_argument("sqrt", {0.3, 4.0}, [](const auto& x) { return sqrt(x); });
  one_argument("abs", {-1.5, 2.0}, [](const auto& x) { return abs(x); });
  one_argument("tanh", {-0.7, 0.0, 1.1}, [](const auto& x) { return tanh(x); });
  one_argument("plogis", {-4.0, 0.0, 2.5}, [](const auto& x) { return plogis(x); });
  one_argument("qlogis", {0.1, 0.5, 0.8}, [](const auto& x) { return qlogis(x); });
  one_argument("pnorm", {-2.0, 0.3, 1.4}, [](const auto& x) { return pnorm(x); });
  one_argument("sign", {-1.0, 2.0}, [](const auto& x) { return sign(x); });
  one_argument("floor", {-1.4, 2.5}, [](const auto& x) { return floor(x); });
  one_argument("negation", {-1.0, 2.0}, [](const auto& x) { return -x; });
  one_argument("power<1>", {-1.2, 2.0}, [](const auto& x) { return power<1>(x); });
  one_argument("power<2>", {-1.2, 0.0, 2.0}, [](const auto& x) { return power<2>(x); });
  one_argument("power<5>", {-1.2, 2.0}, [](const auto& x) { return power<5>(x); });
  two_arguments("+", {-1.0, 2.0}, {0.5}, [](const auto& x, const auto& y) { return x + y; });
  two_arguments("-", {-1.0, 2.0}, {0.5}, [](const auto& x, const auto& y) { return x - y; });
  two_arguments("*", {-1.0, 2.0}, {0.5, -3.0}, [](const auto& x, const auto& y) { return x * y; });
  two_arguments("/", {-1.0, 2.0}, {0.5, -3.0}, [](const auto& x, const auto& y) { return x / y; });
  two_arguments("max", {-1.0, 2.0}, {0.5}, [](const auto& x, const auto& y) { return max(x, y); });
  two_arguments("min", {-1.0, 2.0}, {0.5}, [](const auto& x, const auto& y) { return min(x, y); });
  two_arguments("pow", {0.3, 2.0}, {0.5, 2.0, -1.5},
                [](const auto& x, const auto& y) { return pow(x, y); });
  two_arguments("modulo", {2.3, -2.3}, {0.9, -1.6},
                [](const auto& x, const auto& y) { return modulo(x, y); });
  two_arguments("select", {-1.0, 2.0}, {0.5},
                [](const auto& x, const auto& y) { return select(x < y, x * y, y); });
  two_arguments("a mixture", {0.4, 1.7}, {0.6}, [](const auto& x, const auto& y) {
    return log(exp(x * y) + sqrt(x)) / (constant<width>(1.0) + y * y) - pnorm(x - y) * tanh(y);
  });
}

inline void corners() {
  const auto at_zero = pow(variable<1>(0.0), variable<2>(0.7));
  check::that(first(at_zero) == 0.0, "0^a");
  check::that(partial<0>(at_zero).v[0] == 0.0 && partial<1>(at_zero).v[0] == 0.0,
              "0^a has no derivatives");
  check::that(partial<0>(pow(variable<1>(3.0), constant<width>(0.0))).v[0] == 0.0, "x^0");
  check::that(first(pow(value(-2.0), value(3.0))) == -8.0, "negative base, whole exponent");
  check::that(std::isnan(first(pow(value(-2.0), value(0.5)))), "negative base");
  const auto tie = max(variable<1>(1.0), variable<2>(1.0));
  check::that(partial<0>(tie).v[0] == 1.0 && partial<1>(tie).v[0] == 0.0,
              "a tie has the first argument's derivative");
  check::that(first(modulo(value(-1.0), value(3.0))) == 2.0, "modulo has the divisor's sign");
  const auto wide = widen<7>(variable<2>(4.0));
  check::that(partial<1>(wide).v[0] == 1.0 && partial<0>(wide).v[0] == 0.0 && first(wide) == 4.0,
              "widen");
  // What is not chosen must not leak, not even as 0 x Inf.
  const auto bad = log(variable<1>(0.0));
  const auto chosen = select(no_lanes<width>(), bad, variable<1>(2.0));
  check::that(first(chosen) == 2.0 && partial<0>(chosen).v[0] == 1.0, "select leaves out Inf");
}

inline void rules() {
  constexpr int n = 3;
  const double x[n] = {0.4, -0.2, 1.1};
  const auto probabilities = [&](double beta, int a, bool limited) {
    number<width, 0> p[n];
    for (int k = 0; k < n; ++k) p[k] = value(beta * x[k]);
    softmax(p, n, [&](int k) { return k == 1 && limited ? no_lanes<width>() : all_lanes<width>(); },
            p);
    return first(p[a]);
  };
  for (const bool limited : {false, true}) {
    number<width, 1> p[n];
    for (int k = 0; k < n; ++k) p[k] = variable<1>(1.7) * value(x[k]);
    softmax(p, n, [&](int k) { return k == 1 && limited ? no_lanes<width>() : all_lanes<width>(); },
            p);
    double sum = 0.0;
    for (int a = 0; a < n; ++a) {
      check::near(partial<0>(p[a]).v[0],
                  slope([&](double b) { return probabilities(b, a, limited); }, 1.7), 1e-7,
                  "softmax");
      sum += first(p[a]);
    }
    check::near(sum, 1.0, 1e-15, "softmax adds up");
    if (limited) check::that(first(p[1]) == 0.0, "softmax of what is not allowed");
  }
  number<width, 1> greedy[n], values[n];
  for (int k = 0; k < n; ++k) values[k] = widen<1>(value(k == 0 ? 0.4 : 1.0));
  epsilon_greedy(values, n, variable<1>(0.3), greedy);
  check::near(first(greedy[0]), 0.1, 1e-15, "epsilon-greedy, other");
  check::near(first(greedy[1]), 0.45, 1e-15, "epsilon-greedy, shared");
  check::near(partial<0>(greedy[1]).v[0], -0.5 + 1.0 / 3.0, 1e-15, "epsilon-greedy, slope");
  two_arguments("rescorla_wagner", {0.2, 0.8}, {0.3}, [](const auto& v, const auto& a) {
    return rescorla_wagner::value(v, value(1.0), a);
  });
  two_arguments("rescorla_wagner_asymmetric", {0.2, 0.8}, {0.3}, [](const auto& v, const auto& a) {
    return rescorla_wagner_asymmetric::value(v, value(0.5), a, a * a);
  });
}

inline void run() {
  functions();
  corners();
  rules();
}

}  // namespace test_dual

#endif

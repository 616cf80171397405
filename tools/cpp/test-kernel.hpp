#ifndef RESCORLA_TOOLS_TEST_KERNEL_HPP
#define RESCORLA_TOOLS_TEST_KERNEL_HPP

// A generated model, run over packs of subjects, against a loop over the trials of one subject.

#include "check.hpp"
#include "rescorla/backend/cpu.hpp"
#include "rw.hpp"

namespace test_kernel {

using namespace rescorla;

constexpr int width = RESCORLA_LANES;
constexpr int parameters = 3;  // alpha, beta, q0

/// What the trials of one subject add up to.
struct total {
  double value = 0.0, gradient[parameters] = {}, information[6] = {};
};

struct table {
  int actions;
  bool restricted;
  std::vector<std::int32_t> code;            // by row: 0 missing, negative not scored
  std::vector<double> outcome;               // by row: NaN is missing
  std::vector<std::vector<double>> offered;  // by action, by row
  std::vector<int> block_start, first, length;
};

/// Rescorla-Wagner with derivatives, one trial after the other.
inline total loop(const table& data, int unit, const double* x) {
  const double alpha = x[0], beta = x[1], q0 = x[2];
  const std::size_t n = static_cast<std::size_t>(data.actions);
  std::vector<double> v(n), by_alpha(n), by_q0(n);
  total out;
  const int start = data.first[static_cast<std::size_t>(unit)];
  for (int t = 0; t < data.length[static_cast<std::size_t>(unit)]; ++t) {
    const std::size_t row = static_cast<std::size_t>(start + t);
    if (t == 0 || data.block_start[row] != 0) {
      for (std::size_t a = 0; a < n; ++a) {
        v[a] = q0;
        by_alpha[a] = 0.0;
        by_q0[a] = 1.0;
      }
    }
    const int code = data.code[row];
    if (code == 0) continue;
    const std::size_t chosen = static_cast<std::size_t>(std::abs(code)) - 1;
    const auto open = [&](std::size_t a) { return !data.restricted || data.offered[a][row] > 0.0; };
    double top = -1e300, sum = 0.0, mean[parameters] = {};
    int choices = 0;
    for (std::size_t a = 0; a < n; ++a) {
      choices += open(a);
      if (open(a)) top = std::fmax(top, beta * v[a]);
    }
    const auto slope = [&](std::size_t a, int j) {
      return j == 0 ? beta * by_alpha[a] : j == 1 ? v[a] : beta * by_q0[a];
    };
    for (std::size_t a = 0; a < n; ++a) {
      if (!open(a)) continue;
      const double e = std::exp(beta * v[a] - top);
      sum += e;
      for (int j = 0; j < parameters; ++j) mean[j] += e * slope(a, j);
    }
    if (code > 0 && choices > 1) {
      out.value += beta * v[chosen] - top - std::log(sum);
      for (int j = 0; j < parameters; ++j) out.gradient[j] += slope(chosen, j) - mean[j] / sum;
      for (std::size_t a = 0; a < n; ++a) {
        if (!open(a)) continue;
        const double p = std::exp(beta * v[a] - top) / sum;
        for (int j = 0; j < parameters; ++j)
          for (int i = 0; i <= j; ++i)
            out.information[j * (j + 1) / 2 + i] +=
                p * (slope(a, i) - mean[i] / sum) * (slope(a, j) - mean[j] / sum);
      }
    }
    if (std::isnan(data.outcome[row])) continue;
    const double error = data.outcome[row] - v[chosen];
    by_alpha[chosen] += error - alpha * by_alpha[chosen];
    by_q0[chosen] -= alpha * by_q0[chosen];
    v[chosen] += alpha * error;
  }
  return out;
}

/// Random choices of unequal lengths, with blocks, missed and forced choices, missed outcomes.
inline table sessions(int units, int actions, bool restricted, std::mt19937_64& generator) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  table data;
  data.actions = actions;
  data.restricted = restricted;
  data.offered.resize(restricted ? static_cast<std::size_t>(actions) : 0);
  for (int u = 0; u < units; ++u) {
    data.first.push_back(static_cast<int>(data.code.size()));
    data.length.push_back(u == 0 ? 1 : 3 + static_cast<int>(60 * unit(generator)));
    for (int t = 0; t < data.length.back(); ++t) {
      const int chosen = 1 + static_cast<int>(actions * unit(generator));
      const double fate = unit(generator);
      data.code.push_back(fate < 0.1 ? 0 : fate < 0.2 ? -chosen : chosen);
      data.outcome.push_back(unit(generator) < 0.1 ? std::numeric_limits<double>::quiet_NaN()
                                                   : 2.0 * unit(generator) - 0.5);
      data.block_start.push_back(t == 0 || unit(generator) < 0.05);
      for (std::size_t a = 0; a < data.offered.size(); ++a) {
        const bool own = static_cast<int>(a) + 1 == chosen;
        data.offered[a].push_back(own || unit(generator) < 0.6 ? 1.0 : 0.0);
      }
    }
  }
  return data;
}

inline packed_data pack_sessions(const table& data, int replicates) {
  source_columns from;
  from.codes = {data.code.data()};
  from.numbers = {data.outcome.data()};
  for (const std::vector<double>& column : data.offered) from.numbers.push_back(column.data());
  from.block_start = data.block_start.data();
  from.first = data.first.data();
  from.length = data.length.data();
  from.units = static_cast<int>(data.first.size());
  return packed_data(from, width, replicates);
}

inline bool close(double a, double b) { return std::fabs(a - b) <= 1e-12 * (1.0 + std::fabs(b)); }

inline void against_loop(int actions, bool restricted, int replicates, int flush) {
  std::mt19937_64 generator(static_cast<unsigned>(actions));
  const int units = 2 * width + 1;
  const table data = sessions(units, actions, restricted, generator);
  const packed_data packed = pack_sessions(data, replicates);
  const kernel_table& kernels = *rescorla::kernels<model_rw>::table();
  check::that(kernels.lanes == width && kernels.parameters == parameters, "kernel table");
  const bound_program bound = {{actions}, {}, {0, restricted ? 1 : -1}, flush};
  const cpu_likelihood two(kernels, packed, bound, false), all(kernels, packed, bound, true);
  check::that(two.directions() == 2 && all.directions() == 3, "directions");
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  int seen = 0;
  for (int group = 0; group < packed.groups(); ++group) {
    double x[parameters * width], value[width], gradient[3 * width], fisher[6 * width];
    double plain[width], other[width], partial[2 * width], small[3 * width];
    for (int l = 0; l < width; ++l) {
      x[l] = unit(generator);
      x[width + l] = 40.0 * unit(generator) * unit(generator);
      x[2 * width + l] = unit(generator) - 0.3;
    }
    two.evaluate(group, order::value, nullptr, x, plain, nullptr, nullptr);
    two.evaluate(group, order::information, nullptr, x, other, partial, small);
    all.evaluate(group, order::information, nullptr, x, value, gradient, fisher);
    for (int l = 0; l < width; ++l) {
      const int u = packed.unit(group, l);
      if (u < 0) {
        check::that(value[l] == 0.0 && gradient[l] == 0.0, "padding adds nothing");
        continue;
      }
      ++seen;
      const double own[parameters] = {x[l], x[width + l], x[2 * width + l]};
      const total expected = loop(data, u, own);
      check::near(value[l], expected.value, 1e-12, "log-likelihood");
      check::near(plain[l], expected.value, 1e-12, "log-likelihood without derivatives");
      check::near(other[l], expected.value, 1e-12, "log-likelihood with fewer derivatives");
      bool right = true, fewer = true;
      for (int j = 0; j < 3; ++j) {
        right = right && close(gradient[j * width + l], expected.gradient[j]);
        if (j < 2) fewer = fewer && close(partial[j * width + l], expected.gradient[j]);
      }
      check::that(right, "gradient");
      check::that(fewer, "gradient in the free directions");
      for (int k = 0; k < 6; ++k) {
        right = right && close(fisher[k * width + l], expected.information[k]);
        if (k < 3) fewer = fewer && close(small[k * width + l], expected.information[k]);
      }
      check::that(right, "Fisher information");
      check::that(fewer, "Fisher information in the free directions");
    }
  }
  check::that(seen == units * replicates, "every unit in its lanes");
}

/// A lane whose value is not a number is flagged; its neighbours do not notice.
inline void not_finite(int actions) {
  std::mt19937_64 generator(5);
  const table data = sessions(width, actions, false, generator);
  const packed_data packed = pack_sessions(data, 1);
  const bound_program bound = {{actions}, {}, {0, -1}, 100};
  const cpu_likelihood target(*rescorla::kernels<model_rw>::table(), packed, bound, true);
  for (const double wrong : {std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    double x[parameters * width], value[width], gradient[3 * width], fisher[6 * width];
    for (int l = 0; l < width; ++l) {
      x[l] = 0.4;
      x[width + l] = 2.0;
      x[2 * width + l] = 0.5;
    }
    // The last lane's unit is the shortest: give the first one the wrong value.
    x[width] = wrong;
    target.evaluate(0, order::value, nullptr, x, value, nullptr, nullptr);
    check::that(value[0] == -std::numeric_limits<double>::infinity(), "flagged by its value");
    target.evaluate(0, order::information, nullptr, x, value, gradient, fisher);
    check::that(value[0] == -std::numeric_limits<double>::infinity(), "flagged");
    check::that(gradient[0] == 0.0 && gradient[width] == 0.0 && fisher[0] == 0.0,
                "no derivatives where flagged");
    for (int l = 1; l < width; ++l) {
      const double own[parameters] = {x[l], x[width + l], x[2 * width + l]};
      check::near(value[l], loop(data, packed.unit(0, l), own).value, 1e-12, "a neighbour");
    }
  }
}

/// Lanes wanted in any mixture, from groups of any width, give to the bit what whole packs give.
inline void wanted_lanes(int actions, bool restricted, int replicates) {
  std::mt19937_64 generator(11);
  const int units = 7 * width + 3;
  const table data = sessions(units, actions, restricted, generator);
  const packed_data packed = pack_sessions(data, replicates);
  const bound_program bound = {{actions}, {}, {0, restricted ? 1 : -1}, 100};
  const kernel_table& kernels = *rescorla::kernels<model_rw>::table();
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  const cpu_likelihood plain(kernels, packed, bound, true);
  for (const int packs : {1, 2, 5, 16}) {
    const cpu_likelihood wide(kernels, packed, bound, true, packs);
    const int lanes = wide.lanes();
    const std::size_t n = static_cast<std::size_t>(lanes);
    for (int g = 0; g < wide.groups(); ++g) {
      for (const double share : {1.0, 0.6, 0.1}) {
        std::vector<double> x(parameters * n), value(n, -1.0), gradient(3 * n), fisher(6 * n);
        std::vector<unsigned char> wanted(n);
        for (double& p : x) p = unit(generator);
        for (unsigned char& w : wanted) w = unit(generator) < share;
        wide.evaluate(g, order::information, share < 1.0 ? wanted.data() : nullptr, x.data(),
                      value.data(), gradient.data(), fisher.data());
        for (int l = 0; l < lanes; ++l) {
          const int u = wide.unit(g, l);
          if (u < 0) continue;
          const std::size_t lane = static_cast<std::size_t>(l);
          if (share < 1.0 && wanted[lane] == 0) {
            check::that(value[lane] == -1.0, "what is not wanted is left alone");
            continue;
          }
          // The same unit alone in its pack.
          const packed_data::place home = packed.find(u);
          double own[parameters * width], v[width], d[3 * width], s[6 * width];
          for (int p = 0; p < parameters; ++p)
            for (int i = 0; i < width; ++i) own[p * width + i] = x[lane + n * static_cast<std::size_t>(p)];
          plain.evaluate(home.group, order::information, nullptr, own, v, d, s);
          const std::size_t at = home.lane;
          bool same = value[lane] == v[at];
          for (std::size_t k = 0; k < 3; ++k) same = same && gradient[k * n + lane] == d[k * width + at];
          for (std::size_t k = 0; k < 6; ++k) same = same && fisher[k * n + lane] == s[k * width + at];
          check::that(same, "wanted lanes, to the bit");
        }
      }
    }
  }
}

inline void run() {
  for (const int replicates : {1, 2}) {
    wanted_lanes(2, false, replicates);
    wanted_lanes(4, true, replicates);
  }
  for (const int actions : {2, 3, 5, blend_limit, blend_limit + 1, 40}) {
    against_loop(actions, false, 1, 100);
    against_loop(actions, true, 1, 100);
  }
  against_loop(3, false, width, 1);
  against_loop(4, true, 2, 7);
  not_finite(2);
  not_finite(3);
}

}  // namespace test_kernel

#endif

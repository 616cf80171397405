#ifndef RESCORLA_TOOLS_TEST_GROUP_DENSITY_HPP
#define RESCORLA_TOOLS_TEST_GROUP_DENSITY_HPP

// The hierarchical density: gradients by differences, values from the definition, and the same
// density in every parametrisation.

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "mock-likelihood.hpp"
#include "rescorla/inference/group_density.hpp"
#include "test-hierarchy.hpp"

namespace test_group_density {

using namespace rescorla::inference;
using test_hierarchy::numbers;

constexpr int subjects = 3, per_subject = 2, parameters = 3;

/// What a model is made of; everything else follows.
struct shape {
  std::vector<int> block;    ///< R, at most one effect a parameter, then slopes of the last
  std::vector<int> centred;  ///< R
  bool fitted = false, shared = false, slopes = false, covariate = false;
};

/// Effects of the first parameters; the last parameter is shared, or has an effect of its own.
inline group_model make(const shape& how, unsigned seed) {
  numbers draw(seed);
  group_model m;
  const int units = subjects * per_subject, effects = static_cast<int>(how.block.size());
  m.layout.subjects = subjects;
  m.layout.parameters = parameters;
  for (int r = 0; r < effects; ++r)
    m.layout.parameter.push_back(how.slopes && r + 1 == effects ? 0 : r % parameters);
  for (int u = 0; u < units; ++u) m.layout.unit_subject.push_back(u / per_subject);
  if (how.slopes)
    for (int u = 0; u < units; ++u)
      for (int r = 0; r < effects; ++r)
        m.layout.weights.push_back(r + 1 == effects ? draw() + (u % 2) : 1.0);
  m.block = how.block;
  m.centred = how.centred;
  for (int r = 0; r < effects; ++r) {
    m.coefficient_effect.push_back(r);
    if (how.covariate && r == 0) m.coefficient_effect.push_back(r);
  }
  m.coefficients = static_cast<int>(m.coefficient_effect.size());
  for (int s = 0; s < subjects; ++s)
    for (int k = 0; k < m.coefficients; ++k)
      m.means.push_back(how.covariate && k == 1 ? draw() : 1.0);
  if (how.shared) {
    m.shared_parameter = {parameters - 1, parameters - 1};
    m.shared = 2;
    for (int u = 0; u < units; ++u)
      for (int g = 0; g < m.shared; ++g) m.shared_design.push_back(g == 0 ? 1.0 : draw());
  }
  const transform unit = {link::logit, 0.0, 1.0};
  for (int k = 0; k < m.coefficients; ++k)
    m.coefficient_priors.push_back(
        k == 0 ? coefficient_prior{{prior_kind::beta, 2.0, 1.5}, unit, 0.0}
               : coefficient_prior{{prior_kind::normal, 0.3, 1.2}, transform{}, 0.0});
  for (int g = 0; g < m.shared; ++g)
    m.shared_priors.push_back({{prior_kind::normal, -0.2, 0.8}, transform{}, 0.0});
  const spread_prior spreads[] = {{spread_kind::half_normal, 0.8, 0.0},
                                  {spread_kind::half_cauchy, 0.5, 0.0},
                                  {spread_kind::half_student, 1.0, 4.0},
                                  {spread_kind::gamma, 2.0, 3.0}};
  for (int r = 0; r < effects; ++r) m.spread_priors.push_back(spreads[r % 4]);
  m.lkj = 1.7;
  if (how.fitted)
    for (int s = 0; s < subjects; ++s) {
      // One subject's data tell nothing.
      std::vector<double> q = test_hierarchy::pack(draw.positive(effects, 0.2), effects);
      if (s == 1) q.assign(q.size(), 0.0);
      m.curvature.insert(m.curvature.end(), q.begin(), q.end());
      for (int r = 0; r < effects; ++r) m.pull.push_back(s == 1 ? 0.0 : draw());
    }
  m.settle();
  return m;
}

/// Parameters with a link each, so that their slopes count.
inline free_parameters links() {
  free_parameters p = test_hierarchy::on_the_line(parameters);
  p.maps = {{link::logit, 0.0, 2.0},
            {link::log, 0.0, std::numeric_limits<double>::infinity()},
            {link::cubic, -1.0, 1.0}};
  return p;
}

struct fixture {
  test_hierarchy::normal_units f =
      test_hierarchy::make_units(subjects * per_subject, parameters, 3);
  free_parameters free = links();
  mock::likelihood target{subjects * per_subject, parameters, 4, 1, f};
  unit_batch batch{target, free};
};

inline std::vector<double> position_of(const group_model& m, unsigned seed) {
  numbers draw(seed);
  return draw.several(static_cast<std::size_t>(m.size()), 0.8);
}

inline double value_at(const fixture& x, const group_model& m, const std::vector<double>& q) {
  group_density density(x.batch, m, nullptr);
  std::vector<double> gradient(q.size());
  return density(q.data(), gradient.data());
}

inline void gradient(const fixture& x, const shape& how, unsigned seed, const char* what) {
  const group_model m = make(how, seed);
  group_density density(x.batch, m, nullptr);
  std::vector<double> q = position_of(m, seed + 1), slope(q.size()), waste(q.size());
  const double value = density(q.data(), slope.data());
  check::that(std::isfinite(value), what);
  // The gradient is set, not added to; and a density has no memory.
  std::vector<double> again(q.size(), 7.0);
  check::that(density(q.data(), again.data()) == value && again == slope, "twice the same");
  for (std::size_t k = 0; k < q.size(); ++k) {
    const double h = 1e-5, at = q[k];
    q[k] = at + h;
    const double up = density(q.data(), waste.data());
    q[k] = at - h;
    const double down = density(q.data(), waste.data());
    q[k] = at;
    check::near(slope[k], (up - down) / (2 * h), 2e-7, what);
  }
}

inline void gradients() {
  const fixture x;
  unsigned seed = 10;
  const std::vector<std::vector<int>> blocks = {{0},       {0, 1},    {0, 0},       {0, 0, 0},
                                                {0, 1, 2}, {0, 1, 0}, {0, 1, 1, 0}, {0, 0, 0, 0}};
  for (const std::vector<int>& block : blocks) {
    const std::size_t n = block.size();
    for (int extra = 0; extra < 4; ++extra) {
      shape how;
      how.block = block;
      how.shared = extra % 2 == 1;
      how.covariate = extra >= 2;
      how.slopes = n == 4 || (n == 2 && extra == 3);
      for (int mask = 0; mask < (1 << n); ++mask) {
        how.centred.clear();
        for (std::size_t r = 0; r < n; ++r) how.centred.push_back(mask >> r & 1);
        const bool all = mask == 0 || mask + 1 == (1 << n);
        gradient(x, how, ++seed, all ? "gradient, centred or not" : "gradient, mixed");
      }
      how.fitted = true;
      gradient(x, how, ++seed, "gradient, fitted");
    }
  }
}

/// Sigma = D C D at a position, full.
inline std::vector<double> covariance_of(group_density& density, const group_model& m,
                                         const std::vector<double>& q) {
  density.unpack(q.data());
  const int n = m.layout.size();
  std::vector<double> sigma(static_cast<std::size_t>(n * n));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      sigma[i * n + j] = density.sd(i) * density.sd(j) * density.correlation(i, j);
  return sigma;
}

/// The centred density from its definition.
inline double by_hand(const fixture& x, const group_model& m, const std::vector<double>& q) {
  group_density density(x.batch, m, nullptr);
  const int n = m.layout.size();
  const std::vector<double> sigma = covariance_of(density, m, q);
  const std::vector<double> precision = test_hierarchy::inverse(sigma, n);
  const double log_2pi = std::log(2.0 * 3.14159265358979323846);
  double total = -0.5 * subjects * (n * log_2pi + test_hierarchy::log_determinant(sigma, n));
  const double* own = &q[static_cast<std::size_t>(m.first_effect())];
  for (int s = 0; s < subjects; ++s) {
    std::vector<double> deviation(own + s * n, own + (s + 1) * n);
    for (int k = 0; k < m.coefficients; ++k)
      deviation[m.coefficient_effect[k]] -= m.means[s * m.coefficients + k] * q[k];
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) total -= 0.5 * deviation[i] * precision[i * n + j] * deviation[j];
  }
  for (int u = 0; u < m.layout.units(); ++u) {
    std::vector<double> z(parameters, 0.0), natural(parameters);
    for (int r = 0; r < n; ++r)
      z[m.layout.parameter[r]] += m.layout.weight(u, r) * own[u / per_subject * n + r];
    for (int g = 0; g < m.shared; ++g)
      z[m.shared_parameter[g]] += m.shared_design[u * m.shared + g] * q[m.first_shared() + g];
    for (int p = 0; p < parameters; ++p) natural[p] = x.free.maps[p].natural(z[p]);
    mock::evaluation at;
    at.gradient.assign(parameters, 0.0);
    at.information.assign(6, 0.0);
    x.f(u, natural.data(), at);
    total += at.value;
  }
  for (int k = 0; k < m.coefficients; ++k) total += m.coefficient_priors[k].at(q[k]).log_density;
  for (int g = 0; g < m.shared; ++g)
    total += m.shared_priors[g].at(q[m.first_shared() + g]).log_density;
  for (int r = 0; r < n; ++r)
    total +=
        m.spread_priors[r].at(q[m.first_spread() + r]).log_density + m.spread_priors[r].constant();
  // LKJ: of each partial correlation c, (c + 1) / 2 is Beta(b, b), and dc / dy = 1 - c^2.
  std::vector<int> place(static_cast<std::size_t>(n), 0);
  for (std::size_t k = 0; k < m.pairs.size(); ++k) {
    int size = 0;
    for (int b : m.block) size += b == m.block[m.pairs[k].row];
    const double b = m.lkj + 0.5 * (size - 1 - ++place[m.pairs[k].row]);
    const double c = std::tanh(q[m.first_pair() + k]);
    total += std::lgamma(2 * b) - 2 * std::lgamma(b) - std::log(2.0) +
             (b - 1) * std::log(0.25 * (1 - c * c)) + std::log1p(-c * c);
  }
  return total;
}

inline void parametrisations() {
  const fixture x;
  const std::vector<std::vector<int>> blocks = {{0}, {0, 0}, {0, 0, 0}, {0, 1, 0}, {0, 1, 1, 0}};
  unsigned seed = 500;
  for (const std::vector<int>& block : blocks) {
    const std::size_t n = block.size();
    shape how;
    how.block = block;
    how.shared = how.covariate = true;
    how.slopes = n == 4;
    how.centred.assign(n, 1);
    const unsigned same = ++seed;
    const group_model centred = make(how, same);
    const std::vector<double> q = position_of(centred, same);
    check::near(value_at(x, centred, q), by_hand(x, centred, q), 1e-11, "centred, by hand");
    std::vector<std::vector<int>> forms = {std::vector<int>(n, 0)};
    if (n > 1) {
      forms.push_back(std::vector<int>(n, 0));
      forms.back()[0] = 1;
      forms.push_back(std::vector<int>(n, 1));
      forms.back()[0] = 0;
    }
    for (int form = 0; form <= static_cast<int>(forms.size()); ++form) {
      const bool fitted = form == static_cast<int>(forms.size());
      how.fitted = fitted;
      if (!fitted) how.centred = forms[form];
      const group_model other = make(how, same);
      group_density density(x.batch, other, nullptr);
      const std::vector<double> sigma = covariance_of(density, other, q);
      // The same group and subjects, centred.
      std::vector<double> there = q;
      std::copy(density.effects().begin(), density.effects().end(),
                there.begin() + centred.first_effect());
      double jacobian = 0.0;
      if (fitted) {
        // log |da / dxi| = -log |Q + Sigma^-1| / 2
        const std::vector<double> precision = test_hierarchy::inverse(sigma, static_cast<int>(n));
        for (int s = 0; s < subjects; ++s) {
          std::vector<double> p = precision;
          const int triangle = packed_size(static_cast<int>(n));
          for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j)
              p[i * n + j] +=
                  other.curvature[s * triangle + packed(static_cast<int>(i), static_cast<int>(j))];
          jacobian -= 0.5 * test_hierarchy::log_determinant(p, static_cast<int>(n));
        }
      } else {
        // d a_r / d eta_r = sd_r L_rr, whatever the others are
        std::vector<double> root = sigma;
        cholesky(static_cast<int>(n), root.data());
        for (std::size_t r = 0; r < n; ++r)
          if (how.centred[r] == 0) jacobian -= subjects * std::log(root[r * n + r]);
      }
      check::near(value_at(x, other, q), value_at(x, centred, there) + jacobian, 1e-11,
                  fitted ? "fitted is centred" : "another form is centred");
    }
  }
}

inline void limits() {
  const fixture x;
  shape how;
  how.block = {0, 0, 0};
  how.centred = {0, 0, 0};
  for (int fitted = 0; fitted < 2; ++fitted) {
    how.fitted = fitted == 1;
    const group_model m = make(how, 77);
    std::vector<double> q = position_of(m, 78), slope(q.size());
    std::atomic<bool> stop{false};
    group_density density(x.batch, m, &stop);
    const double value = density(q.data(), slope.data());
    const rescorla::executor parallel = test_hierarchy::two_threads;
    density.parallel = &parallel;
    std::vector<double> other(q.size());
    check::that(density(q.data(), other.data()) == value && other == slope, "two threads");
    const std::size_t first = static_cast<std::size_t>(m.first_spread());
    for (double y : {800.0, -800.0}) {
      std::vector<double> far = q;
      far[first] = y;
      const double there = density(far.data(), other.data());
      if (y > 0.0 || how.fitted) {
        check::that(there == -std::numeric_limits<double>::infinity(), "no density out there");
      } else {
        // Subjects are all alike, and the density of a logarithm falls as it does.
        check::that(std::isfinite(there), "a spread of nothing");
        check::near(other[first], 1.0, 1e-9, "falls with the logarithm of the spread");
      }
    }
    // Correlations of one: their prior vanishes, with finite slopes.
    for (double y : {18.0, -18.0}) {
      std::vector<double> far = q;
      far[static_cast<std::size_t>(m.first_pair())] = y;
      const double there = density(far.data(), other.data());
      check::that(there < value, "correlated as one");
      for (double g : other) check::that(!std::isnan(g), "slopes there are numbers");
    }
    stop = true;
    check::that(!std::isfinite(density(q.data(), other.data())), "stopped");
    check::that(density.stopped(), "and says so");
  }
}

inline void run() {
  gradients();
  parametrisations();
  limits();
}

}  // namespace test_group_density

#endif

#ifndef RESCORLA_INFERENCE_OBJECTIVE_HPP
#define RESCORLA_INFERENCE_OBJECTIVE_HPP

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "dense.hpp"
#include "problem_view.hpp"

RESCORLA_INFERENCE_BEGIN

/// The function that is maximised, for the lanes of one group, on the scale u of the search
/// (`problem::map`): the log-likelihood, or the log posterior. By the chain rule, l the
/// log-likelihood, I its information, q the log prior in u (0 for the likelihood):
///
///   value        l(x(u)) + sum q_j(u_j)
///   gradient     l_j dx_j + q'_j
///   information  I_ij dx_i dx_j + max(-q''_j, 0) on the diagonal
///
/// the last being the curvature that a Fisher scoring step uses: the term l_j d2x_j has expectation
/// zero, and a prior that is not log-concave must not make it indefinite.
///
/// One object per thread. `bind` to a group, set points, `evaluate`, `read`. Lanes are independent:
/// what a lane yields depends on its own point and unit only.
template <class Target = likelihood>
class objective {
 public:
  RESCORLA_APART objective(const Target& target, const problem_view& what, memory& where)
      : target_(target),
        problem_(what),
        lanes_(target.lanes()),
        size_(what.size()),
        source_(where, rows(1), 0),
        wanted_(where, rows(1), 0),
        maps_(where, rows(size_)),
        inner_low_(where, rows(size_)),
        inner_high_(where, rows(size_)),
        point_(where, rows(size_)),
        natural_(where, rows(size_)),
        lower_(where, rows(size_)),
        upper_(where, rows(size_)),
        value_(where, rows(1)),
        gradient_(where, rows(size_)),
        information_(where, rows(packed_size(size_))),
        log_prior_(where, rows(1)),
        slope_(where, rows(size_)),
        bend_(where, rows(size_)),
        prior_bend_(where, rows(size_)),
        raw_parameters_(where, rows(target.parameters())),
        raw_value_(where, rows(1)),
        raw_gradient_(where, rows(target.directions())),
        raw_information_(where, rows(packed_size(target.directions()))) {}

  RESCORLA_BOTH int lanes() const { return lanes_; }
  RESCORLA_BOTH int size() const { return size_; }
  RESCORLA_BOTH const problem_view& definition() const { return problem_; }

  /// The unit of a lane; -1 for padding.
  RESCORLA_BOTH int unit(int lane) const { return target_.unit(group_, lane); }

  RESCORLA_APART void bind(int group) {
    group_ = group;
    wanted_.fill(0);
    int some_unit = 0;
    for (int lane = 0; lane < lanes_; ++lane) {
      if (unit(lane) >= 0) some_unit = unit(lane);
    }
    for (int lane = 0; lane < lanes_; ++lane) {
      // Padding is evaluated with the others, at parameters that are valid for some unit.
      const int source = unit(lane) >= 0 ? unit(lane) : some_unit;
      source_[lane] = source;
      for (int p = 0; p < target_.parameters(); ++p) {
        raw_parameters_[index(p, lane)] = problem_.fixed_value(source, p);
      }
      for (int j = 0; j < size_; ++j) {
        const transform map = problem_.map(source, j);
        const std::size_t at = element(lane, j);
        const double low = problem_.search_low(source, j), high = problem_.search_high(source, j);
        const double inset = problem_.posterior ? 0.0 : margin * (high - low);
        maps_[at] = map;
        inner_low_[at] = low + inset;
        inner_high_[at] = high - inset;
        lower_[at] = greatest(map.lowest(), map.real(inner_low_[at]));
        upper_[at] = least(map.highest(), map.real(inner_high_[at]));
        point_[at] = 0.5 * (lower_[at] + upper_[at]);
      }
      refresh(lane);
    }
  }

  /// The box of the search in u. On the natural scale it stays clear of the edges by `margin` of
  /// their distance: a model may take another branch exactly at a bound (a learning rate of 1 makes
  /// prediction errors exactly 0), and its derivatives there are then not those of the inside.
  static constexpr double margin = 1e-10;
  RESCORLA_BOTH const double* lower(int lane) const { return &lower_[element(lane, 0)]; }
  RESCORLA_BOTH const double* upper(int lane) const { return &upper_[element(lane, 0)]; }

  /// A natural value on the scale of the search, within the box.
  RESCORLA_BOTH double search_scale(int lane, int j, double x) const {
    const double u = maps_[element(lane, j)].real(x);
    const std::size_t at = element(lane, j);
    return is_nan(u) ? 0.5 * (lower_[at] + upper_[at]) : within(u, lower_[at], upper_[at]);
  }

  /// The point at which the next `evaluate` computes the lane.
  RESCORLA_BOTH void set_point(int lane, const double* u) {
    look_at(lane, u);
    wanted_[lane] = 1;
  }
  /// A point whose natural values are wanted, but no evaluation.
  RESCORLA_APART void look_at(int lane, const double* u) {
    copy(u, size_, &point_[element(lane, 0)]);
    refresh(lane);
  }
  RESCORLA_BOTH const double* point(int lane) const { return &point_[element(lane, 0)]; }

  /// The same by natural values, without a point on the scale of the search: for differences of the
  /// likelihood, of which `log_likelihood` and `natural_gradient` then hold.
  RESCORLA_APART void set_natural(int lane, const double* x) {
    for (int j = 0; j < size_; ++j) {
      natural_[element(lane, j)] = x[j];
      raw_parameters_[index(problem_.free_parameter[j], lane)] = x[j];
    }
    wanted_[lane] = 1;
  }
  RESCORLA_BOTH const double* natural_lower(int lane) const {
    return &inner_low_[element(lane, 0)];
  }
  RESCORLA_BOTH const double* natural_upper(int lane) const {
    return &inner_high_[element(lane, 0)];
  }

  /// dx/du and d2x/du2 of a likelihood's scale at the natural values of a lane.
  RESCORLA_BOTH void derivatives(int lane, int j, double& dx, double& d2x) const {
    maps_[element(lane, j)].derivatives(natural(lane)[j], dx, d2x);
  }

  /// Moves the parameters that are at an edge of the box, at the point of a lane, onto the edge of
  /// the search on the natural scale, until the next `set_point`. False when there are none.
  RESCORLA_BOTH bool snap(int lane) {
    bool any = false;
    const int source = source_[lane];
    for (int j = 0; j < size_; ++j) {
      const int side = edge_side(lane, j, point(lane)[j]);
      if (side == 0 || problem_.posterior) continue;
      const double x = side < 0 ? problem_.search_low(source, j) : problem_.search_high(source, j);
      natural_[element(lane, j)] = raw_parameters_[index(problem_.free_parameter[j], lane)] = x;
      any = true;
    }
    if (any) wanted_[lane] = 1;
    return any;
  }

  /// -1 or 1 for a value at the lower or upper edge of the box, nothing but rounding in between.
  RESCORLA_BOTH int edge_side(int lane, int j, double u) const {
    const double low = lower(lane)[j], high = upper(lane)[j], slack = 1e-9 * (high - low);
    return u - low <= slack ? -1 : high - u <= slack ? 1 : 0;
  }

  /// Evaluates the lanes that were given points since the last call. `read` then makes the results
  /// of one lane available.
  RESCORLA_APART void evaluate(order what) {
    order_ = what;
    target_.evaluate(group_, what, wanted_.data(), raw_parameters_.data(), raw_value_.data(),
                     raw_gradient_.data(), raw_information_.data());
    wanted_.fill(0);
  }

  RESCORLA_APART void read(int lane) {
    const order what = order_;
    double* gradient = &gradient_[element(lane, 0)];
    double* information = &information_[static_cast<std::size_t>(lane) * packed_size(size_)];
    value_[lane] = raw_value_[lane];
    log_prior_[lane] = 0.0;
    if (what != order::value) {
      for (int j = 0; j < size_; ++j) gradient[j] = raw_gradient_[index(problem_.free[j], lane)];
    }
    if (what == order::information) {
      double* out = information;
      for (int j = 0; j < size_; ++j) {
        for (int i = 0; i <= j; ++i) {
          *out++ = raw_information_[index(packed(problem_.free[i], problem_.free[j]), lane)];
        }
      }
    }
    change_scale(lane, what, gradient, information);
    bool finite = is_finite(value_[lane]);
    if (what != order::value) {
      for (int j = 0; j < size_; ++j) finite = finite && is_finite(gradient[j]);
    }
    if (!finite) value_[lane] = -infinite;
  }

  RESCORLA_BOTH double value(int lane) const { return value_[lane]; }
  RESCORLA_BOTH const double* gradient(int lane) const { return &gradient_[element(lane, 0)]; }
  RESCORLA_BOTH const double* information(int lane) const {
    return &information_[static_cast<std::size_t>(lane) * packed_size(size_)];
  }

  // The same evaluation on the natural scale.
  RESCORLA_BOTH double log_likelihood(int lane) const { return raw_value_[lane]; }
  RESCORLA_BOTH double log_prior(int lane) const { return log_prior_[lane]; }
  RESCORLA_BOTH const double* natural(int lane) const { return &natural_[element(lane, 0)]; }
  RESCORLA_BOTH double natural_gradient(int lane, int j) const {
    return raw_gradient_[index(problem_.free[j], lane)];
  }

  /// Element (i, j) of minus the log-likelihood's Hessian on the natural scale, from element `h` of
  /// minus the log posterior's Hessian in z at this point, which must have been evaluated with
  /// gradient:  -l_ij = (h_ij + [i = j] (l_i d2x_i + q''_i)) / (dx_i dx_j).
  RESCORLA_BOTH double natural_curvature(int lane, int i, int j, double h) const {
    const std::size_t a = element(lane, i), b = element(lane, j);
    if (i == j) h += natural_gradient(lane, i) * bend_[a] + prior_bend_[a];
    return h / (slope_[a] * slope_[b]);
  }

  /// The reverse for a likelihood, g its derivative in x_j at this point.
  RESCORLA_BOTH double search_curvature(int lane, int i, int j, double h, double g) const {
    double dx_i, dx_j, d2x;
    derivatives(lane, i, dx_i, d2x);
    derivatives(lane, j, dx_j, d2x);
    return h * dx_i * dx_j - (i == j ? g * d2x : 0.0);
  }

 private:
  /// The length of an array of so many numbers a lane.
  RESCORLA_BOTH std::size_t rows(int count) const {
    return static_cast<std::size_t>(count) * lanes_;
  }
  RESCORLA_BOTH std::size_t index(int row, int lane) const {
    return static_cast<std::size_t>(row) * lanes_ + lane;
  }
  RESCORLA_BOTH std::size_t element(int lane, int j) const {
    return static_cast<std::size_t>(lane) * size_ + j;
  }

  /// Natural parameters of a lane from its point. Rounding must not carry one out of the range.
  RESCORLA_BOTH void refresh(int lane) {
    for (int j = 0; j < size_; ++j) {
      const std::size_t at = element(lane, j);
      const double x = maps_[at].natural(point_[at]);
      natural_[at] = within(x, inner_low_[at], inner_high_[at]);
      raw_parameters_[index(problem_.free_parameter[j], lane)] = natural_[at];
    }
  }

  RESCORLA_BOTH void change_scale(int lane, order what, double* gradient, double* information) {
    double* slope = &slope_[element(lane, 0)];
    double* bend = &bend_[element(lane, 0)];
    double* prior_bend = &prior_bend_[element(lane, 0)];
    if (problem_.posterior) {
      add_prior(lane, what, gradient, slope, bend, prior_bend);
    } else if (what != order::value) {
      for (int j = 0; j < size_; ++j) {
        derivatives(lane, j, slope[j], bend[j]);
        gradient[j] *= slope[j];
      }
    }
    if (what != order::information) return;
    for (int j = 0; j < size_; ++j) {
      for (int i = 0; i <= j; ++i) *information++ *= slope[i] * slope[j];
      information[-1] += greatest(-prior_bend[j], 0.0);
    }
  }

  RESCORLA_BOTH void add_prior(int lane, order what, double* gradient, double* slope, double* bend,
                               double* prior_bend) {
    const int source = source_[lane];
    for (int j = 0; j < size_; ++j) {
      const double z = point(lane)[j];
      const transform& map = maps_[element(lane, j)];
      const transform_point t = map.at(z);
      const prior_value q = evaluate_prior(problem_.priors.row(source)[j],
                                           problem_.prior_constants.row(source)[j], map, z, t);
      slope[j] = t.dx;
      bend[j] = t.d2x;
      prior_bend[j] = q.second;
      log_prior_[lane] += q.log_density;
      if (what != order::value) gradient[j] = gradient[j] * t.dx + q.first;
    }
    value_[lane] += log_prior_[lane];
  }

  const Target& target_;
  const problem_view problem_;
  int lanes_, size_, group_ = 0;
  order order_ = order::value;
  array<int> source_;                              // [lane]: the unit whose bounds are used
  array<unsigned char> wanted_;                    // [lane]
  array<transform> maps_;                          // [lane][j]
  array<double> inner_low_, inner_high_;           // [lane][j], natural units
  array<double> point_, natural_, lower_, upper_;  // [lane][j]
  array<double> value_, gradient_, information_;   // [lane], [lane][j], [lane][packed]
  array<double> log_prior_, slope_, bend_, prior_bend_;
  array<double> raw_parameters_, raw_value_, raw_gradient_, raw_information_;  // [row][lane]
};

RESCORLA_INFERENCE_END

#endif

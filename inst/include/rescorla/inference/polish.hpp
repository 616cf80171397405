#ifndef RESCORLA_INFERENCE_POLISH_HPP
#define RESCORLA_INFERENCE_POLISH_HPP

#include "../backend/likelihood.hpp"
#include "array.hpp"
#include "ascent.hpp"
#include "curvature.hpp"
#include "dense.hpp"
#include "multistart.hpp"
#include "objective.hpp"

RESCORLA_INFERENCE_BEGIN

/// Takes the best start of every unit of a group to a sharp maximum and measures the curvature
/// there, all units in step:
///
///  1. Newton steps with the observed curvature (quadratic convergence; the damping and the gain
///     ratio of the search stay in force);
///  2. a parameter along which the function still rises, though hardly, is tried at the edge that
///     lies ahead, where the maximum is of a perfectly consistent subject's inverse temperature;
///     and so is, once, one that has no upper bound of its own;
///  3. the accurate curvature; where it has a rising direction the point is a saddle, and the
///     search goes on from a higher point along that direction.
template <class Target = likelihood>
class polish {
  typedef typename curvature<Target>::accuracy accuracy;

 public:
  curvature<Target> measured;  ///< [lane], the accurate curvature of owners
  array<ascent_state> state;   ///< [lane], how the polish of an owner ended
  array<char> saddle;          ///< [lane], a rising direction is left

  RESCORLA_APART polish(int lanes, int size, memory& where)
      : measured(lanes, size, where),
        state(where, static_cast<std::size_t>(lanes), ascent_state::failed),
        saddle(where, static_cast<std::size_t>(lanes), 0),
        lanes_(lanes),
        size_(size),
        active_(where, static_cast<std::size_t>(lanes), 0),
        wanted_(where, static_cast<std::size_t>(lanes), 0),
        escaped_(where, static_cast<std::size_t>(lanes), 0),
        tried_(where, element(lanes), 0),
        matrix_(where, element(size)),
        vectors_(where, element(size)),
        index_(where, element(1)),
        probe_(where, element(1)),
        low_(where, element(1)),
        high_(where, element(1)),
        ahead_(where, element(lanes)),
        before_(where, element(lanes)),
        value_before_(where, static_cast<std::size_t>(lanes)) {}

  /// False when it was interrupted.
  RESCORLA_APART bool run(objective<Target>& f, multistart<Target>& search, const options& how) {
    bool any = false;
    for (int lane = 0; lane < lanes_; ++lane) {
      active_[lane] = search.owner[lane] == lane && search.best[lane] >= 0;
      saddle[lane] = 0;
      if (!active_[lane]) continue;
      any = true;
      search.climbs[lane].settings = {how.polish_tolerance, how.iterations};
      state[lane] = search.resume(f, lane);
      if (state[lane] == ascent_state::running) state[lane] = ascent_state::wants_curvature;
    }
    for (int round = 0; any && round < 4; ++round) {
      tried_.fill(0);
      for (bool moved = true; moved;) {
        if (!sharpen(f, search, how) || !try_edges(f, search, how, moved)) return false;
      }
      measured.measure(f, search.climbs, active_, accuracy::accurate, search.evaluations);
      any = leave_saddles(f, search, round == 3);
    }
    return true;
  }

  /// Eigenvalues (on the diagonal of `matrix`) and eigenvectors (columns of `vectors`) of minus the
  /// Hessian at a lane's optimum, each parameter scaled to unit curvature, over the parameters in
  /// `index`, whose number is returned: those not held, and with curvature of their own.
  RESCORLA_APART int spectrum(const ascent& climb, int lane, array<double>& matrix,
                              array<double>& vectors, array<int>& index) const {
    const double* h = measured.packed_matrix(lane);
    int n = 0;
    for (int j = 0; j < size_; ++j) {
      const double reach = climb.reach(j), diagonal = h[packed(j, j)];
      const bool curved = ::fabs(diagonal) * reach * reach > ascent::flat_curvature;
      if (curved && !climb.held(j)) index[n++] = j;
    }
    for (int a = 0; a < n; ++a) {
      for (int b = 0; b < n; ++b) {
        const int i = index[a], j = index[b];
        matrix[a * n + b] = h[packed(i, j)] / ::sqrt(::fabs(h[packed(i, i)] * h[packed(j, j)]));
      }
    }
    symmetric_eigen(n, matrix.data(), vectors.data());
    return n;
  }

  /// A direction is flat when its scaled curvature is lost in that of the parameters it mixes.
  static constexpr double flat_direction = 1e-6;

 private:
  RESCORLA_BOTH std::size_t element(int lane) const {
    return static_cast<std::size_t>(lane) * size_;
  }

  RESCORLA_BOTH bool climbing(int lane) const {
    return active_[lane] && state[lane] == ascent_state::running;
  }

  /// Lets the lanes that are climbing go on until none is; false when interrupted.
  RESCORLA_APART bool climb(objective<Target>& f, multistart<Target>& search, const options& how) {
    for (;;) {
      bool any = false;
      for (int lane = 0; lane < lanes_; ++lane) {
        if (!climbing(lane)) continue;
        any = true;
        f.set_point(lane, search.climbs[lane].trial());
      }
      if (!any) return true;
      if (how.stopped()) return false;
      f.evaluate(order::information);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (climbing(lane)) absorb(f, search, lane);
      }
    }
  }

  RESCORLA_APART void absorb(objective<Target>& f, multistart<Target>& search, int lane) {
    ++search.evaluations[lane];
    f.read(lane);
    const ascent& climb = search.climbs[lane];
    state[lane] = search.climbs[lane].absorb(f.value(lane), f.gradient(lane), f.information(lane));
    // An edge that would have to gain many times what its model promises is given up.
    if (trying_ && state[lane] == ascent_state::running && climb.damping() < 0.2 &&
        climb.value() + 10.0 * climb.predicted_gain() < value_before_[lane])
      state[lane] = ascent_state::failed;
  }

  RESCORLA_APART void restart(objective<Target>& f, multistart<Target>& search, int lane,
                              const double* point) {
    ascent& climb = search.climbs[lane];
    search.iterations[lane] += climb.iterations();
    climb.begin(point, f.lower(lane), f.upper(lane), &search.width[element(lane)]);
  }

  /// Newton steps until every lane has converged or cannot go on.
  RESCORLA_APART bool sharpen(objective<Target>& f, multistart<Target>& search,
                              const options& how) {
    for (int round = 0; round < 50; ++round) {
      if (!climb(f, search, how)) return false;
      bool any = false;
      for (int lane = 0; lane < lanes_; ++lane) {
        wanted_[lane] = active_[lane] && state[lane] == ascent_state::wants_curvature;
        any = any || wanted_[lane];
      }
      if (!any) break;
      measured.measure(f, search.climbs, wanted_, accuracy::quick, search.evaluations);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (!wanted_[lane]) continue;
        state[lane] = measured.complete(lane)
                          ? search.climbs[lane].set_curvature(measured.packed_matrix(lane))
                          : ascent_state::running;
      }
    }
    return true;
  }

  /// Among the first `n` of `index_`, a parameter not tried that has no upper bound of its own,
  /// with its direction: a learning rate near 0 and an inverse temperature at the edge often make a
  /// second maximum, and no starting point may lie in its narrow basin.
  RESCORLA_BOTH int unbounded(const objective<Target>& f, int lane, int n,
                              double& direction) const {
    const problem_view& what = f.definition();
    direction = 1.0;
    for (int a = 0; a < n && !what.posterior; ++a) {
      const int j = index_[a];
      if (tried_[element(lane) + j] || !is_finite(what.low(f.unit(lane), j))) continue;
      if (!is_finite(what.high(f.unit(lane), j))) return j;
    }
    return -1;
  }

  /// The parameter that the scoring step I^-1 g would still move most, in relation to itself, where
  /// the gradient is small already: the tail of an asymptote, or a ridge; else an `unbounded` one;
  /// -1 for none. Leaves in `ahead` the point at the edge that lies ahead, the others moved along
  /// with it: -I_FF^-1 I_Fj times the distance.
  RESCORLA_APART int tail(objective<Target>& f, const ascent& climb, int lane, double* ahead) {
    const double* x = climb.point();
    copy(x, size_, ahead);
    if (!(climb.scaled_gradient() < 0.01)) return -1;
    int n = loose(climb, -1);
    for (int a = 0; a < n; ++a) probe_[a] = climb.gradient()[index_[a]];
    if (!cholesky(n, matrix_.data())) return -1;
    cholesky_solve(n, matrix_.data(), probe_.data());
    int which = -1;
    double longest = 1e-4, direction = 0.0;
    for (int a = 0; a < n; ++a) {
      const int j = index_[a];
      const double relative = ::fabs(probe_[a]) / greatest(1.0, ::fabs(x[j]));
      if (!tried_[element(lane) + j] && relative > longest) {
        longest = relative;
        which = j;
        direction = probe_[a];
      }
    }
    if (which < 0) which = unbounded(f, lane, n, direction);
    if (which < 0) return -1;
    ahead[which] = direction > 0.0 ? f.upper(lane)[which] : f.lower(lane)[which];
    n = loose(climb, which);
    for (int a = 0; a < n; ++a) {
      probe_[a] = (x[which] - ahead[which]) * climb.information()[packed(index_[a], which)];
    }
    if (!cholesky(n, matrix_.data())) return which;
    cholesky_solve(n, matrix_.data(), probe_.data());
    for (int a = 0; a < n; ++a) ahead[index_[a]] += probe_[a];
    return which;
  }

  /// The information over the parameters not held, but for one, in `matrix_`; their number.
  RESCORLA_APART int loose(const ascent& climb, int without) {
    int n = 0;
    for (int j = 0; j < size_; ++j) {
      if (!climb.held(j) && j != without) index_[n++] = j;
    }
    for (int a = 0; a < n; ++a) {
      const double reach = climb.reach(index_[a]);
      for (int b = 0; b < n; ++b) {
        matrix_[a * n + b] = climb.information()[packed(index_[a], index_[b])];
      }
      matrix_[a * n + a] += 1e-8 / (reach * reach);
    }
    return n;
  }

  /// Tries edges, the other parameters optimised there, and keeps what is not worse. True in
  /// `moved` when some lane has to be sharpened again; false when interrupted.
  RESCORLA_APART bool try_edges(objective<Target>& f, multistart<Target>& search,
                                const options& how, bool& moved) {
    moved = false;
    for (int lane = 0; lane < lanes_; ++lane) {
      wanted_[lane] = 0;
      if (!active_[lane]) continue;
      ascent& climb = search.climbs[lane];
      double* ahead = &ahead_[element(lane)];
      const int j = tail(f, climb, lane, ahead);
      if (j < 0) continue;
      moved = true;
      wanted_[lane] = 1;
      tried_[element(lane) + j] = 1;
      copy(climb.point(), size_, &before_[element(lane)]);
      // Where nothing can be told, the edge is the better answer than a place that rounding chose.
      const double reach = climb.reach(j);
      const bool flat = climb.information()[packed(j, j)] * reach * reach < ascent::flat_curvature;
      value_before_[lane] =
          climb.value() - (flat ? 1e-9 * greatest(1.0, ::fabs(climb.value())) : 0.0);
      copy(f.lower(lane), size_, low_.data());
      copy(f.upper(lane), size_, high_.data());
      low_[j] = high_[j] = ahead[j];
      search.iterations[lane] += climb.iterations();
      climb.begin(ahead, low_.data(), high_.data(), &search.width[element(lane)]);
      state[lane] = ascent_state::running;
    }
    if (!moved) return true;
    trying_ = true;
    const bool complete = climb(f, search, how);
    trying_ = false;
    if (!complete) return false;
    for (int lane = 0; lane < lanes_; ++lane) {
      if (!wanted_[lane]) continue;
      const ascent& climb = search.climbs[lane];
      const bool better =
          state[lane] != ascent_state::failed && climb.value() >= value_before_[lane];
      const double* from = better ? climb.point() : &before_[element(lane)];
      copy(from, size_, &ahead_[element(lane)]);
      restart(f, search, lane, &ahead_[element(lane)]);
      f.set_point(lane, climb.trial());
    }
    f.evaluate(order::information);
    for (int lane = 0; lane < lanes_; ++lane) {
      if (!wanted_[lane]) continue;
      absorb(f, search, lane);
      if (state[lane] == ascent_state::running) state[lane] = ascent_state::wants_curvature;
    }
    return true;
  }

  /// True when some lane left a saddle and has to be polished again; the others become inactive.
  RESCORLA_APART bool leave_saddles(objective<Target>& f, multistart<Target>& search, bool last) {
    bool any = false;
    for (int lane = 0; lane < lanes_; ++lane) {
      wanted_[lane] = 0;
      if (!active_[lane]) continue;
      saddle[lane] = 0;
      if (!measured.complete(lane)) continue;
      const ascent& climb = search.climbs[lane];
      const int n = spectrum(climb, lane, matrix_, vectors_, index_);
      int lowest = -1;
      for (int a = 0; a < n; ++a) {
        const double value = matrix_[a * n + a];
        if (value < -1e-5 && (lowest < 0 || value < matrix_[lowest * n + lowest])) lowest = a;
      }
      if (lowest < 0) continue;
      double* direction = &ahead_[element(lane)];
      fill(direction, element(1), 0.0);
      const double* h = measured.packed_matrix(lane);
      for (int a = 0; a < n; ++a) {
        const int j = index_[a];
        direction[j] = vectors_[a * n + lowest] *
                       least(1.0 / ::sqrt(::fabs(h[packed(j, j)])), 0.25 * climb.reach(j));
      }
      // A rise within the rounding error of the value is none.
      const double least = 1e-9 * greatest(1.0, ::fabs(climb.value()));
      if (-0.5 * packed_quadratic(size_, h, direction) < 10.0 * least) continue;
      any = true;
      wanted_[lane] = saddle[lane] = 1;
      value_before_[lane] = climb.value() + least;
    }
    if (!any || last) {
      active_.fill(0);
      return false;
    }
    bool left = false;
    escaped_.fill(0);
    for (int attempt = 0; attempt < 4; ++attempt) {
      const double distance = (attempt < 2 ? 1.0 : 0.1) * (attempt % 2 == 0 ? 1.0 : -1.0);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (!wanted_[lane]) continue;
        const double* x = search.climbs[lane].point();
        const double* direction = &ahead_[element(lane)];
        for (int j = 0; j < size_; ++j) {
          probe_[j] = within(x[j] + distance * direction[j], f.lower(lane)[j], f.upper(lane)[j]);
        }
        f.set_point(lane, probe_.data());
      }
      f.evaluate(order::information);
      for (int lane = 0; lane < lanes_; ++lane) {
        if (!wanted_[lane]) continue;
        f.read(lane);
        if (!(f.value(lane) > value_before_[lane])) {
          ++search.evaluations[lane];
          continue;
        }
        restart(f, search, lane, f.point(lane));
        absorb(f, search, lane);
        wanted_[lane] = saddle[lane] = 0;
        escaped_[lane] = 1;
        left = true;
      }
    }
    for (int lane = 0; lane < lanes_; ++lane) active_[lane] = active_[lane] && escaped_[lane];
    return left;
  }

  int lanes_, size_;
  bool trying_ = false;  // climbs at edges, which may be given up
  array<char> active_, wanted_, escaped_, tried_;
  array<double> matrix_, vectors_;
  array<int> index_;
  array<double> probe_, low_, high_;  // [j]
  array<double> ahead_, before_;      // [lane][j]
  array<double> value_before_;        // [lane]
};

RESCORLA_INFERENCE_END

#endif

#ifndef RESCORLA_RULES_LEARNING_HPP
#define RESCORLA_RULES_LEARNING_HPP

#include "../core/dual.hpp"

RESCORLA_BEGIN

// The field's learning rules as pure functions: they return what a trial makes of the old values
// and never assign. Arguments are numbers of any kind; the same text serves models and the
// functions exported to R. Each result is a function of its own: returned together in a structure
// they would pass through memory, derivatives and all, and double the time of a gradient.

// Rescorla & Wagner (1972): the value moves towards the outcome by a share alpha of the error.
struct rescorla_wagner {
  template <class V, class R, class A>
  RESCORLA_INLINE static auto prediction_error(const V& value, const R& outcome, const A&) {
    return outcome - value;
  }
  template <class V, class R, class A>
  RESCORLA_INLINE static auto value(const V& value, const R& outcome, const A& alpha) {
    return value + alpha * (outcome - value);
  }
};

// A learning rate for each sign of the prediction error (Daw, Kakade & Dayan 2002; Niv et al.
// 2012). An error of exactly zero moves nothing.
struct rescorla_wagner_asymmetric {
  template <class V, class R, class P, class N>
  RESCORLA_INLINE static auto prediction_error(const V& value, const R& outcome, const P&,
                                               const N&) {
    return outcome - value;
  }
  template <class V, class R, class P, class N>
  RESCORLA_INLINE static auto value(const V& value, const R& outcome, const P& alpha_pos,
                                    const N& alpha_neg) {
    const auto error = outcome - value;
    return value + select(error.v > broadcast<V::width>(0.0), alpha_pos, alpha_neg) * error;
  }
};

// Pearce & Hall (1980) in the form of Li et al. (2011): associability follows the size of recent
// errors and scales the learning rate.
struct pearce_hall_update {
  template <class V, class A, class R, class K, class H>
  RESCORLA_INLINE static auto prediction_error(const V& value, const A&, const R& outcome,
                                               const K&, const H&) {
    return outcome - value;
  }
  template <class V, class A, class R, class K, class H>
  RESCORLA_INLINE static auto value(const V& value, const A& associability, const R& outcome,
                                    const K& kappa, const H&) {
    return value + kappa * associability * (outcome - value);
  }
  template <class V, class A, class R, class K, class H>
  RESCORLA_INLINE static auto associability(const V& value, const A& associability,
                                            const R& outcome, const K&, const H& eta) {
    return (constant<V::width>(1.0) - eta) * associability + eta * abs(outcome - value);
  }
};

// Kalman filter for one observation of the chosen arm (Daw et al. 2006): gain, posterior mean and
// posterior variance.
struct kalman_update {
  template <class V, class S, class R, class O>
  RESCORLA_INLINE static auto prediction_error(const V& value, const S&, const R& outcome,
                                               const O&) {
    return outcome - value;
  }
  template <class V, class S, class R, class O>
  RESCORLA_INLINE static auto gain(const V&, const S& variance, const R&, const O& sigma_obs) {
    return variance / (variance + sigma_obs * sigma_obs);
  }
  template <class V, class S, class R, class O>
  RESCORLA_INLINE static auto value(const V& value, const S& variance, const R& outcome,
                                    const O& sigma_obs) {
    return value + gain(value, variance, outcome, sigma_obs) * (outcome - value);
  }
  template <class V, class S, class R, class O>
  RESCORLA_INLINE static auto variance(const V& value, const S& variance, const R& outcome,
                                       const O& sigma_obs) {
    return variance *
           (constant<V::width>(1.0) - gain(value, variance, outcome, sigma_obs));
  }
};

RESCORLA_END

#endif

#ifndef RESCORLA_SRC_GROUPS_H
#define RESCORLA_SRC_GROUPS_H

#include "device.h"

#include "rescorla/inference/group_density.hpp"

// A model with its data, ready for hierarchical inference, from what R hands over.
struct group_engine {
  group_engine(SEXP kernels, SEXP packed, const Rcpp::List& bound, bool every,
               const Rcpp::List& free, int packs)
      : target(kernels, packed, bound, every, packs),
        parameters(free_from(free)),
        batch(target.get(), parameters) {}

  static rescorla::inference::free_parameters free_from(const Rcpp::List& x);

  any_likelihood target;
  rescorla::inference::free_parameters parameters;
  rescorla::inference::unit_batch batch;
};

rescorla::inference::random_effects effects_from(const Rcpp::List& x, int parameters);
rescorla::inference::group_model group_from(const Rcpp::List& x, int parameters);

#endif

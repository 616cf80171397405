# Comparisons by the likelihood of what was held out.

compare_heldout <- function(fits, unit, folds, checkpoint, call) {
  found <- if (inherits(fits[[1L]], "rl_heldout")) {
    check_no_refit(unit, folds, checkpoint, call)
    check_same_folds(fits, call)
    fits
  } else {
    for (fit in fits) if (inherits(fit$data, "rl_data_chunks")) abort_chunks(call)
    requests <- lapply(fits, heldout_request, data = NULL, call = call)
    unit <- unit %||% default_unit(requests[[1L]]$data)
    stats::setNames(heldout_of(requests, unit, folds, checkpoint, call), names(fits))
  }
  first <- found[[1L]]
  values <- vapply(found, \(x) x$subjects$heldout, numeric(nrow(first$subjects)))
  values <- matrix(values, ncol = length(found), dimnames = list(NULL, names(found)))
  usable <- !is.na(rowSums(values))
  kept <- values[usable, , drop = FALSE]
  n <- first$subjects$n
  difference <- difference_to_best(kept, names(found))
  ids <- first$subjects$subject
  list(
    models = data.frame(
      model = names(found), method = vapply(found, `[[`, "", "method", USE.NAMES = FALSE),
      heldout = unname(colSums(kept)), se = unname(apply(kept, 2L, sum_error)),
      per_response = unname(colSums(kept)) / sum(n[usable]),
      delta = unname(difference$delta), delta_se = unname(difference$se),
      best = tabulate(apply(kept, 1L, which.max), length(found))
    ),
    subjects = data.frame(
      subject = rep(ids, each = length(found)), model = rep(names(found), length(ids)),
      n = rep(n, each = length(found)), heldout = as.vector(t(values))
    ),
    heldout = found, unit = first$unit, folds = first$folds,
    n_subjects = sum(usable), left_out = ids[!usable], nobs = sum(n[usable]),
    methods = vapply(found, `[[`, "", "method"), type = "heldout"
  )
}

# What was held out already is not fitted again.
check_no_refit <- function(unit, folds, checkpoint, call) {
  given <- c(unit = !is.null(unit), folds = !is.null(folds), checkpoint = !is.null(checkpoint))
  if (any(given)) {
    rescorla_abort(c(
      "{.arg {names(given)[given][1L]}} is for fits; results of {.fn rl_heldout} have theirs.",
      i = "Leave it out."
    ), "input", call = call)
  }
}

check_same_folds <- function(found, call) {
  folds <- lapply(found, \(x) list(x$unit, x$fold[x$data$order]))
  other <- which(!vapply(folds, identical, NA, folds[[1L]]))
  if (length(other) > 0L) {
    pair <- names(found)[c(1L, other[1L])]
    rescorla_abort(c(
      "{.val {pair[1L]}} and {.val {pair[2L]}} do not leave out the same.",
      x = "The first leaves out {found[[1L]]$folds} folds by {found[[1L]]$unit}, the second
           {found[[other[1L]]]$folds} by {found[[other[1L]]]$unit}, or other rows.",
      i = "Give {.fn rl_heldout} the same {.arg unit} and {.arg folds}."
    ), "input", call = call, models = pair)
  }
}

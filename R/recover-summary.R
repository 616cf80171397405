# What a recovery study found: tables from its jobs, and their text.

new_recovery <- function(found, model, method, level, interval, grouped, seed, tasks, truth,
                         subjects, nsim, call) {
  rows <- stack_frames(found, "subjects")
  label <- tasks$label
  several <- !anyNA(label)
  named <- function(table) {
    design <- table$design
    table$design <- NULL
    if (several) table <- cbind(task = factor(label[design], label), table)
    table
  }
  rows <- named(rows)
  group <- if (grouped) named(recovered_truth(stack_frames(found, "group"), model, truth))
  by_task <- \(f) if (several) lapply(split(rows, rows$task), f) else f(rows)
  structure(list(
    subjects = rows,
    summary = recovery_summary(rows, model),
    correlation = by_task(\(x) recovery_correlation(x, free_parameters(model))),
    group = group,
    troubles = do.call(rbind, lapply(found, \(x) as.data.frame(x$troubles))),
    model = model, method = method, level = level, interval = interval, seed = seed,
    sources = truth$sources, tasks = if (several) label, n_subjects = subjects, nsim = nsim,
    call = call
  ), class = "rl_recovery")
}

# Many data frames of the same columns, by column (rbind of hundreds takes its time).
stack_frames <- function(found, field) {
  pieces <- lapply(found, `[[`, field)
  columns <- lapply(stats::setNames(nm = names(pieces[[1]])), \(name) {
    unlist(lapply(pieces, `[[`, name), use.names = FALSE)
  })
  as.data.frame(columns, check.names = FALSE)
}

# What the group's quantities truly are.
recovered_truth <- function(group, model, truth) {
  free <- free_parameters(model)
  maps <- parameter_maps(model$kinds[free])
  moments <- truth$moments()
  value <- vapply(seq_along(free), \(p) to_natural(moments["mean", p], maps, p), 0)
  pairs <- which(lower.tri(diag(length(free))), arr.ind = TRUE)
  known <- c(stats::setNames(value, free), stats::setNames(moments["sd", ], paste0("sd_", free)),
    stats::setNames(truth$correlation[pairs],
      paste0("cor_", free[pairs[, 2]], "_", free[pairs[, 1]], recycle0 = TRUE)))
  true <- unname(known[group$quantity])
  data.frame(group[c("design", "replicate", "quantity")], true = true,
    group[c("estimate", "lower", "upper")],
    covered = group$lower <= true & true <= group$upper)
}

# Beyond the parameter's range there is nothing to search, so only such a bound is an estimate.
off_scale <- function(rows, model) {
  table <- model$parameters[match(rows$parameter, model$parameters$name), ]
  near <- pmin(abs(rows$estimate - table$lower), abs(rows$estimate - table$upper))
  rows$at_bound & near > 1e-3
}

recovery_summary <- function(rows, model) {
  rows$off <- off_scale(rows, model)
  free <- free_parameters(model)
  keys <- c(if (!is.null(rows$task)) "task", "parameter")
  cells <- split(rows, rows[rev(keys)], drop = TRUE)
  table <- do.call(rbind, lapply(unname(cells), function(cell) {
    there <- !is.na(cell$estimate)
    used <- there & !cell$off
    error <- (cell$estimate - cell$true)[used]
    data.frame(cell[1, keys, drop = FALSE], n = sum(used),
      r = correlation_of(cell$true[used], cell$estimate[used]),
      rank = correlation_of(cell$true[there], cell$estimate[there], "spearman"),
      bias = mean(error), rmse = sqrt(mean(error^2)),
      coverage = share_of(cell$lower <= cell$true & cell$true <= cell$upper),
      at_bound = mean(cell$at_bound[there]), failed = sum(!there))
  }))
  table <- table[order(table$task %||% rep(0, nrow(table)), match(table$parameter, free)), ]
  rownames(table) <- NULL
  table
}

share_of <- function(held) if (all(is.na(held))) NA_real_ else mean(held, na.rm = TRUE)

# NA, not a warning, where one of both does not vary.
correlation_of <- function(x, y, method = "pearson") {
  if (length(x) < 3 || stats::sd(x) == 0 || stats::sd(y) == 0) return(NA_real_)
  stats::cor(x, y, method = method)
}

recovery_correlation <- function(rows, free) {
  wide <- \(column) matrix(rows[[column]], ncol = length(free), byrow = TRUE,
    dimnames = list(NULL, free))
  estimates <- wide("estimate")
  whole <- stats::complete.cases(estimates)
  both <- lapply(list(estimates = estimates, true = wide("true")), \(x) {
    found <- diag(1, length(free))
    dimnames(found) <- list(free, free)
    for (i in seq_along(free)) for (j in seq_len(i - 1L)) {
      found[i, j] <- found[j, i] <- correlation_of(x[whole, i], x[whole, j], "spearman")
    }
    found
  })
  c(both, list(difference = both$estimates - both$true))
}

# --- text -----------------------------------------------------------------------------------------

#' @rdname rl_recover
#' @param x,object A recovery study.
#' @param row.names,optional Not used; part of the generic.
#' @param digits Number of digits.
#' @export
print.rl_recovery <- function(x, ..., digits = 2L) {
  cat(
    clip(paste0("<rl_recovery> ", model_title(x$model))),
    clip(paste0("  ", study_method(x$method), ", ", plural(x$n_subjects, "subject"),
      if (x$nsim > 1) paste0(" in each of ", plural(x$nsim, "replicate")),
      if (!is.null(x$tasks)) paste0(", ", plural(length(x$tasks), "task")),
      "; ", interval_text(x))),
    strwrap(paste0("true values: ", paste(names(x$sources), x$sources, collapse = "; ")), 78L,
      indent = 2L, exdent = 4L),
    "",
    clip(table_lines(recovery_table(x$summary, digits), left = c("task", "parameter"))),
    if (!is.null(x$group)) c("", "Group", clip(table_lines(group_recovery_table(x, digits),
      left = c("task", "quantity")))),
    recovery_notes(x),
    "Next: plot(x), plot(x, \"correlation\"), x$subjects, x$correlation",
    sep = "\n"
  )
  invisible(x)
}

interval_text <- function(x) {
  kind <- c(profile = "profile intervals", curvature = "intervals from the curvature")[x$interval]
  if (is.null(x$interval)) {
    kind <- switch(x$method, nuts = "posterior intervals", em = "intervals given the group",
      "intervals from the curvature")
  }
  paste0(format(100 * x$level), "% ", kind)
}

recovery_table <- function(table, digits) {
  number <- \(v) formatC(v, digits = digits, format = "f")
  shown <- table[intersect(c("task", "parameter", "n"), names(table))]
  shown$r <- number(table$r)
  shown$rank <- number(table$rank)
  shown$bias <- format_signif(table$bias, digits)
  shown$RMSE <- format_signif(table$rmse, digits)
  shown$coverage <- number(table$coverage)
  if (any(table$at_bound > 0)) shown[["at bound"]] <- number(table$at_bound)
  if (any(table$failed > 0)) shown$failed <- table$failed
  shown
}

# Over replicates.
group_recovery_table <- function(x, digits) {
  found <- group_summary(x$group)
  shown <- found[intersect(c("task", "quantity"), names(found))]
  for (name in c("true", "estimate", "bias", "rmse")) {
    shown[[if (name == "rmse") "RMSE" else name]] <- format_signif(found[[name]], digits)
  }
  shown$coverage <- formatC(found$coverage, digits = digits, format = "f")
  shown
}

group_summary <- function(group) {
  keys <- c(if (!is.null(group$task)) "task", "quantity")
  group$quantity <- factor(group$quantity, unique(group$quantity))
  cells <- split(group, group[rev(keys)], drop = TRUE)
  table <- do.call(rbind, lapply(unname(cells), function(cell) {
    error <- cell$estimate - cell$true
    data.frame(cell[1, keys, drop = FALSE], n = nrow(cell), true = mean(cell$true),
      estimate = mean(cell$estimate), bias = mean(error), rmse = sqrt(mean(error^2)),
      coverage = mean(cell$covered))
  }))
  table <- table[do.call(order, unname(table[keys])), ]
  table$quantity <- as.character(table$quantity)
  rownames(table) <- NULL
  table
}

# What a reader should not overlook.
recovery_notes <- function(x) {
  table <- x$summary
  low <- table[!is.na(table$rank) & table$rank < 0.5, ]
  poor <- unique(low$parameter)
  off <- mean(off_scale(x$subjects, x$model), na.rm = TRUE)
  unsettled <- sum(x$troubles$settled == 0)
  fits <- nrow(x$troubles)
  notes <- c(
    if (length(poor)) {
      # With several tasks, in which.
      where <- if (!is.null(low$task)) vapply(poor, \(p) {
        paste0(" (", paste(low$task[low$parameter == p], collapse = ", "), ")")
      }, "")
      paste0(paste0(poor, where, collapse = ", "), if (length(poor) > 1) " are" else " is",
        " recovered poorly (rank correlation below 0.5): such estimates say little of a subject.")
    },
    if (off > 0) "Estimates at the end of the search are not in n, r, bias and RMSE.",
    if (unsettled) paste0(unsettled, " of ", plural(fits, "fit"), " did not settle."),
    sampler_notes(x$troubles)
  )
  if (length(notes)) c("", strwrap(notes, 78L, exdent = 2L))
}

# Of fits by the no-U-turn sampler: a row each.
sampler_notes <- function(troubles) {
  fits <- plural(nrow(troubles), "fit")
  unmixed <- sum(troubles$rhat > 1.05, na.rm = TRUE)
  divergent <- sum(troubles$divergent > 0)
  share <- 100 * sum(troubles$divergent) / max(1, sum(troubles$transitions))
  c(
    if (divergent) paste0("Transitions diverged in ", divergent, " of ", fits, " (",
      format_signif(share, 2), "% of all transitions)."),
    if (unmixed) paste0("R-hat was above 1.05 in ", unmixed, " of ", fits,
      ": more `warmup` and `draws` may help.")
  )
}

#' @rdname rl_recover
#' @export
summary.rl_recovery <- function(object, ...) object$summary

#' @rdname rl_recover
#' @export
as.data.frame.rl_recovery <- function(x, row.names = NULL, optional = FALSE, ...) x$subjects

#' @rdname rl_recover
#' @export
tidy.rl_recovery <- function(x, ...) x$summary

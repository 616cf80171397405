# Demands 1 to 4 and 9: the kernel against its roofline, scalar C++, its derivatives, two threads.
# The package measures its kernel itself (thread CPU time, median): kernel_benchmark(),
# math_benchmark().

kernel_ns <- function(actions, isa, order = "value", threads = 1L) {
  timed <- rescorla:::kernel_benchmark(
    actions = actions, subjects = 10000L, trials = 100L, isa = isa, order = order, threads = threads
  )
  as.numeric(timed)[1]
}

isa_levels <- c("sse2", "avx2", "avx512")

# The levels up to the one in use; on other processors the one there is.
isa_available <- function() {
  active <- rescorla::rl_backend()$isa
  if (active %in% isa_levels) isa_levels[seq_len(match(active, isa_levels))] else active
}

demand_roofline <- function() {
  rows <- list()
  for (isa in isa_available()) for (actions in 2:5) {
    demanded <- if (actions == 2) ">= 0.80" else ">= 0.60"
    measure <- sprintf("log-likelihood over roofline, %s, A = %d", isa, actions)
    rows[[measure]] <- attempt(1, measure, demanded, {
      elementary <- unlist(rescorla:::math_benchmark(isa))
      floor_ns <- actions * elementary[["exp"]] + elementary[["log"]]
      ours <- kernel_ns(actions, isa)
      bench_row(
        1, measure, ns_text(ours), ns_text(floor_ns), floor_ns / ours, demanded,
        check = sprintf("exp %.3g ns, log %.3g ns", elementary[["exp"]], elementary[["log"]])
      )
    })
  }
  do.call(rbind, rows)
}

demand_scalar <- function(scalar, all_inputs) {
  demands <- c(sse2 = ">= 2", avx2 = ">= 4.5", avx512 = ">= 12")
  rows <- list()
  for (isa in isa_levels) for (inputs in all_inputs) {
    measure <- sprintf("log-likelihood, scalar C++ with libm over %s, A = %d", isa, inputs$actions)
    rows[[measure]] <- if (is_absent(scalar)) {
      not_run(2, measure, demands[[isa]], reason(scalar))
    } else if (!isa %in% isa_available()) {
      not_run(2, measure, demands[[isa]], paste("this processor has no", isa))
    } else {
      attempt(2, measure, demands[[isa]], {
        reference <- scalar_loglik(scalar, inputs)
        difference <- relative_difference(at_isa(isa, package_loglik(inputs)), reference)
        theirs <- scalar_nanoseconds(scalar, inputs)
        ours <- kernel_ns(inputs$actions, isa)
        bench_row(
          2, measure, ns_text(ours), ns_text(theirs), theirs / ours, demands[[isa]],
          difference < 1e-9, diff_text(difference)
        )
      })
    }
  }
  do.call(rbind, rows)
}

demand_derivatives <- function() {
  rows <- list()
  limits <- c(gradient = "<= 2", information = "<= 3")
  for (isa in isa_available()) for (actions in c(2, 5)) for (order in names(limits)) {
    what <- c(gradient = "gradient", information = "gradient and Fisher information")[[order]]
    measure <- sprintf("%s over log-likelihood, %s, A = %d", what, isa, actions)
    rows[[measure]] <- attempt(3, measure, limits[[order]], {
      value <- kernel_ns(actions, isa)
      ours <- kernel_ns(actions, isa, order)
      bench_row(3, measure, ns_text(ours), ns_text(value), ours / value, limits[[order]])
    })
  }
  do.call(rbind, rows)
}

# native.sh prints "actions,order,default,native", nanoseconds.
demand_native <- function(asked) {
  measure <- "default flags over -march=native"
  if (!asked) return(not_run(4, measure, "<= 1.05", "ask with --native (builds the package twice)"))
  attempt(4, measure, "<= 1.05", {
    printed <- suppressWarnings(system2("sh", "native.sh", stdout = TRUE))
    if (!is.null(attr(printed, "status"))) stop("bench/native.sh failed")
    timed <- utils::read.csv(text = printed)
    rows <- lapply(seq_len(nrow(timed)), function(i) {
      one <- timed[i, ]
      bench_row(
        4, sprintf("%s, %s, A = %d", measure, one$order, one$actions), ns_text(one$default),
        ns_text(one$native), one$default / one$native, "<= 1.05"
      )
    })
    do.call(rbind, rows)
  })
}

demand_threads <- function() {
  isa <- rescorla::rl_backend()$isa
  rows <- lapply(c("value", "gradient", "information"), function(order) {
    measure <- paste0("two threads over one, ", order, ", A = 5")
    attempt(9, measure, ">= 1.8", {
      one <- kernel_ns(5, isa, order, 1L)
      two <- kernel_ns(5, isa, order, 2L)
      bench_row(9, measure, ns_text(two), ns_text(one), one / two, ">= 1.8", check = "wall time")
    })
  })
  do.call(rbind, rows)
}

# Demand 8: precision, and the same simulated choices whatever the threads and the instruction set.

demand_precision <- function(scalar, all_inputs) {
  rows <- lapply(isa_available(), ulp_rows)
  for (isa in isa_available()) for (inputs in all_inputs) {
    measure <- sprintf("log-likelihood against long double, %s, A = %d", isa, inputs$actions)
    rows[[measure]] <- if (is_absent(scalar)) {
      not_run(8, measure, "<= 1e-12", reason(scalar))
    } else {
      attempt(8, measure, "<= 1e-12", {
        exact <- scalar_loglik(scalar, inputs, extended = TRUE)
        difference <- relative_difference(at_isa(isa, package_loglik(inputs)), exact)
        bench_row(8, measure, "", "", difference, "<= 1e-12",
                  check = sprintf("relative, %d subjects", inputs$subjects))
      })
    }
  }
  do.call(rbind, c(rows, list(same_choices(all_inputs[[length(all_inputs)]]))))
}

# Compiles precision/ulp.cpp against the headers of the package for one instruction set.
ulp_rows <- function(isa) {
  limits <- c("exp of a softmax" = "<= 1.1", exp = "<= 1.1", log = "<= 1")
  measure <- function(name) sprintf("error of %s in ulp, %s", name, isa)
  attempt(8, measure("exp and log"), "<= 1.1", {
    program <- tempfile("ulp")
    headers <- system.file("include", package = "rescorla")
    level <- max(match(isa, isa_levels, nomatch = 1L) - 1L, 0L)
    compiler <- system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CXX17"), stdout = TRUE)
    command <- paste(
      compiler, "-std=gnu++17 -O2", paste0("-DRESCORLA_LEVEL=", level), "-I", shQuote(headers),
      "precision/ulp.cpp -o", shQuote(program)
    )
    if (system(command) != 0) stop("precision/ulp.cpp did not compile")
    printed <- suppressWarnings(system2(program, stdout = TRUE))
    if (!is.null(attr(printed, "status"))) stop(printed[1])
    worst <- as.numeric(strsplit(printed, " ")[[1]])
    do.call(rbind, Map(function(name, limit, error) {
      bench_row(8, measure(name), "", "", error, limit, check = "4e6 arguments against long double")
    }, names(limits), limits, worst))
  })
}

# The same seed, two thread counts and every instruction set.
same_choices <- function(inputs) {
  draw <- function(isa, threads) {
    with_threads(threads, at_isa(isa, package_simulate(inputs, "arrays")))
  }
  threads_row <- attempt(8, "simulated choices, two threads and one", "<= 0", {
    first <- draw(rescorla::rl_backend()$isa, 1)
    second <- draw(rescorla::rl_backend()$isa, 2)
    bench_row(
      8, "simulated choices that differ, two threads and one", "", "",
      sum(first$choice != second$choice), "<= 0", identical(first, second), "all outputs bit-equal"
    )
  })
  isa_rows <- lapply(isa_available()[-1], function(isa) {
    measure <- sprintf("simulated choices that differ, %s and %s", isa, isa_available()[1])
    attempt(8, measure, "<= 0", {
      first <- draw(isa_available()[1], 1)
      second <- draw(isa, 1)
      difference <- max(
        abs(first$value - second$value), abs(first$probability - second$probability)
      )
      bench_row(
        8, measure, "", "", sum(first$choice != second$choice), "<= 0", difference < 1e-12,
        diff_text(difference)
      )
    })
  })
  do.call(rbind, c(list(threads_row), isa_rows))
}

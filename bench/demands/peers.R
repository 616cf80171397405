# What the peers take by themselves, and that they agree with one another on the inputs they share.

peer_rows <- function(inputs, numpy, jax, scalar) {
  reference <- loglik_vectorised(inputs$parameters, inputs$choice, inputs$outcome, inputs$actions)
  agree <- function(name, total, seconds) {
    difference <- relative_difference(total, if (length(total) == 1) sum(reference) else reference)
    bench_row("peers", paste("log-likelihood,", name), "", seconds, NA_real_, "", difference < 1e-9,
              diff_text(difference))
  }
  peer <- function(result, name, rows) {
    if (is_absent(result)) return(not_run("peers", name, "", reason(result)))
    attempt("peers", name, "", rows)
  }
  jax_rows <- lapply(names(jax), function(cores) {
    name <- sprintf("JAX with gradient, %s core(s)", cores)
    run <- jax[[cores]]
    peer(run, name, agree(name, run$value, seconds_text(min(unlist(run$gradient_seconds)))))
  })
  few <- first_subjects(inputs, 200)
  do.call(rbind, c(
    list(
      peer(scalar, "scalar C++", {
        time <- ns_text(scalar_nanoseconds(scalar, inputs))
        agree("scalar C++", scalar_loglik(scalar, inputs), time)
      }),
      attempt("peers", "plain R loop", "", {
        loop <- loglik_loop(few$parameters, few$choice, few$outcome, few$actions)
        difference <- relative_difference(loop, reference[seq_len(few$subjects)])
        bench_row("peers", "log-likelihood, plain R loop", "", "", NA_real_, "", difference < 1e-9,
                  diff_text(difference))
      }),
      peer(numpy, "NumPy", agree("NumPy vectorised", numpy$log_likelihood, ""))
    ),
    jax_rows
  ))
}

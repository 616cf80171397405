# The package under test, through its public face.

package_model <- function() rescorla::rl_model("rw_asymmetric")

# Packed once, as a user keeps it: rl_data() is timed by itself under demand 11.
package_data <- function(inputs) {
  rescorla::rl_data(inputs_frame(inputs), actions = seq_len(inputs$actions))
}

parameter_frame <- function(inputs) as.data.frame(inputs$parameters)

package_loglik <- function(inputs, data = package_data(inputs), gradient = FALSE) {
  rescorla::rl_loglik(package_model(), data, parameter_frame(inputs), gradient = gradient)
}

package_simulate <- function(inputs, output) {
  task <- rescorla::task_bandit(inputs$reward_probability, inputs$trials)
  stats::simulate(
    package_model(), seed = 1, parameters = parameter_frame(inputs), task = task, output = output
  )
}

with_threads <- function(n, code) {
  RcppParallel::setThreadOptions(numThreads = n)
  on.exit(RcppParallel::setThreadOptions(numThreads = "auto"))
  code
}

# The option lowers the instruction set; asking for the highest one changes nothing.
at_isa <- function(isa, code) {
  old <- options(rescorla.isa = isa)
  on.exit(options(old))
  code
}

# Relative where the reference exceeds 1 in size, absolute below.
relative_difference <- function(x, reference) {
  max(abs(as.vector(x) - as.vector(reference)) / pmax(abs(as.vector(reference)), 1))
}

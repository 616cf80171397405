#' An example: a two-armed bandit with a reversal
#'
#' Choices of 40 simulated subjects in two groups over 120 trials. On the first 60 trials the second
#' arm pays with probability 0.75 and the first with 0.25; then they change places. The data were
#' simulated from `rl_model("rw_asymmetric")` with the parameters in `bandit_parameters`; 48 trials
#' were then made missing. The script is `data-raw/bandit_example.R` in the package's sources.
#'
#' @format `bandit_example`: a data frame with 4,800 rows: `subject`, `group` (`"control"` or
#'   `"patient"`), `trial`, `choice` (1 or 2, `NA` missed), `outcome` (0 or 1, `NA` missed).
#'
#'   `bandit_parameters`: a data frame with 40 rows, the generating parameters: `subject`,
#'   `alpha_pos`, `alpha_neg`, `beta`.
#' @examples
#' rl_data(bandit_example)
"bandit_example"

#' @rdname bandit_example
"bandit_parameters"

#' Example data of the tasks
#'
#' A small data set for each task of [task_data], simulated from a model of the catalogue with the
#' generating parameters kept. The columns are called as in published data of the task, so that
#' `rl_data(rl_data_example("igt"), task = "igt")` shows what is found and prepared. Payoffs and
#' offers are of our own making; the script is `data-raw/examples.R` in the package's sources.
#'
#' @param task Name of a task, or nothing for the names of all.
#' @return A data frame of 10 subjects (one for `"dd_single"` and `"hgf_ibrb_single"`). Its
#'   attribute `"parameters"` is a data frame with the generating parameters by subject (`subject`,
#'   then those of the model), `"model"` the name of the model. Without `task`, a character vector.
#' @seealso [rl_data()] with `task`, [rl_models()].
#' @examples
#' rl_data_example()
#'
#' choices <- rl_data_example("gng")
#' head(choices)
#' attr(choices, "model")
#' head(attr(choices, "parameters"))
#' rl_data(choices, task = "gng")
#' @export
rl_data_example <- function(task = NULL) {
  if (is.null(task)) {
    return(names(task_conventions()))
  }
  convention <- task_convention(check_string(task))
  read <- \(name) {
    path <- system.file("extdata", "examples", paste0(name, ".csv"), package = "rescorla")
    utils::read.csv(path, check.names = FALSE)
  }
  data <- read(convention$task)
  parameters <- read(paste0(convention$task, "_parameters"))
  if (!convention$columns$subject$required) {
    data <- data[data$subjID == data$subjID[1L], , drop = FALSE]
    parameters <- parameters[1L, , drop = FALSE]
  }
  attr(data, "parameters") <- parameters
  attr(data, "model") <- convention$model
  data
}

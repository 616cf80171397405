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

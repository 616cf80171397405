#' The model language
#'
#' A model's `trial` block runs top to bottom once for every trial. A line with `~` is a response: it
#' adds to the log-likelihood where the response was observed and is drawn when the model is
#' simulated. `<-` to the name of a state updates it; any other `<-` names a local quantity, which is
#' also reported by [rl_latents()].
#'
#' @section Responses:
#' * `choice ~ softmax(x)`: `x` has one logit for each action. `available = a` restricts it to the
#'   actions with `a > 0`; where the data carry the role `available` this happens by itself.
#' * `choice ~ categorical(p)`: probabilities as given, not renormalised.
#' * `choice ~ bernoulli(p)`, `choice ~ bernoulli_logit(x)`: two levels, success is the second.
#' * `rating ~ normal(mean, sd)`: a number.
#' * `lapse = e` in the first four: \eqn{(1 - e) p + e / n}, `n` the actions on offer.
#'
#' Several responses in a trial are allowed; each is readable only below its own line.
#'
#' @section States:
#' `per_action(init)`: one cell for each action. `scalar(init)`. `array_of(init, dims)`: up to three
#' dimensions, each a whole number, a response or a column (its levels), or `levels(a, b)`, the union
#' of two columns' levels. `init` is a number or an expression of parameters and `n_actions`.
#' `reset = "block"` (default) or `"subject"` says when a state starts anew.
#'
#' @section Indexing:
#' `x[i]`, `x[i, j]`: one cell, from 1, by a response, a categorical column, a discrete state or a
#' literal. `x[i, ]`: a row. `x[-i]`: every cell but one, as a target, on the right of the same line,
#' or within `sum`, `mean`, `max`, `min`. A state used as an index may be 0, "nothing yet": reading
#' there is missing and writing is skipped. An index cannot depend on parameters.
#'
#' @section Expressions:
#' `+ - * / ^ %%`, comparisons, `& | !`, `ifelse()`, `if`/`else`, `exp log log1p sqrt abs sign floor
#' tanh plogis qlogis pnorm pmin pmax`, the reductions `sum mean max min`, `c()` of single numbers,
#' `one_hot(i)` and `one_hot(i, like)`, `observed(x)`, `n_actions`, `n_levels(x)`, `softmax(x)`,
#' `epsilon_greedy(x, epsilon)`, and the learning rules [rescorla_wagner()],
#' [rescorla_wagner_asymmetric()], [pearce_hall_update()], [kalman_update()]: a bare call is the
#' updated value, `$` picks another result. `.(x)` injects a value from R. Functions act cell by cell;
#' single numbers meet vectors, two vectors must have the same length.
#'
#' Levels of a response or categorical column can be compared with `==` and `!=` to a number (their
#' position), a label (`choice == "stop"`) or another column; calculating with them is an error.
#'
#' @section Data columns:
#' The roles `choice`, `outcome`, `foregone`, `available`, `stimulus` go by their names; every other
#' column is declared in `rl_model(columns = )`. A column used as an index, a dimension or with a
#' label is categorical, otherwise it is a number.
#'
#' @section Missing values:
#' A missing response adds nothing to the likelihood. An assignment to a state whose value or place
#' depends on something missing leaves the state (cell by cell) as it was; all other lines happen. So
#' decay that must survive a missed trial stands on a line that reads nothing missing, and what must
#' wait for an outcome stands under `if (observed(outcome))`. A forced choice is learned from but not
#' scored.
#'
#' @section Where it departs from R:
#' `ifelse(test, yes, no)` takes the common shape of all three, not that of `test`, and is missing
#' only where the test or the chosen operand is. Vectors are not recycled. `0^a` has derivative 0
#' in `a`.
#' @seealso [rl_model()]; `vignette("write-your-own-model")`.
#' @examples
#' # Forgetting of the actions not chosen, and a learning rate that follows a data column
#' rl_model(
#'   name = "volatile forgetting",
#'   parameters = list(
#'     base = real("learning rate on the logit"), slope = real("effect of volatility"),
#'     forget = unit_interval("forgetting"), beta = positive("inverse temperature")
#'   ),
#'   columns = "volatility",
#'   state = list(value = per_action(0.5)),
#'   trial = {
#'     choice ~ softmax(beta * value)
#'     alpha <- plogis(base + slope * volatility)
#'     value[choice] <- value[choice] + alpha * (outcome - value[choice])
#'     value[-choice] <- value[-choice] * (1 - forget)
#'   }
#' )
#' @name model_language
NULL

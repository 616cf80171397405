#' The model language
#'
#' A model is one short program in R's own syntax: `state` says what is remembered from trial to
#' trial, `trial` what happens on a trial, top to bottom. This page lists the whole language. What is
#' not on it cannot be used in a model; a mistake is an error of class `rescorla_error_model` that
#' names the line, the symbol and the remedy.
#'
#' @section Statements:
#' * `choice ~ softmax(x)`: a response. It adds to the log-likelihood where it was observed, and is
#'   drawn in a simulation. A response has one line, and is read only below it.
#' * `name <- expression`: assigns a state, or else names a local quantity, which [rl_latents()]
#'   reports. A local lasts for the trial. Reading it before it has a value is an error; given a value
#'   in one branch of an `if` only, it is missing in the other.
#' * `x[i] <- e`, `x[i, ] <- e`, `x[-i] <- e`: assigns one cell, a row, every cell but one.
#' * `if (condition) ... else ...`: one condition; where it is missing neither branch happens.
#' * `for (k in 1:3) ...`: the lines once for each number, `k` standing for it. The numbers are whole
#'   and known beforehand: `1:3`, `c(1, 3)`, `seq_len(3)` or a vector from R, `.(x)`; twenty at most.
#'   Loops may stand in loops, with numbers that depend on the outer one (`1:k`). The lines are
#'   written out before anything else is done with them, so that `x[k - 1]` is a cell known
#'   beforehand and of `if (k > 1) ...` one branch alone is left. `k` is known in the loop only, and
#'   a response cannot stand in one.
#'
#' Tasks are written in the same language, with draws besides: see [rl_task()].
#'
#' There are no functions of your own, and few loops are needed: trials are looped over for you, and
#' arithmetic is elementwise over vectors.
#'
#' @section Responses:
#' | distribution | meaning |
#' |---|---|
#' | `softmax(x)` | one of several actions, `x` a logit for each |
#' | `categorical(p)` | one of several actions, `p` a probability for each |
#' | `bernoulli(p)` | one of two actions, `p` the probability of the second |
#' | `bernoulli_logit(x)` | one of two actions, `x` the logit of the second |
#' | `normal(mean, sd)` | a number |
#' | `beta_mean(mu, phi)` | a number between 0 and 1, with mean `mu` and precision `phi`: \eqn{\mathrm{Beta}(\mu \phi, (1 - \mu) \phi)}{Beta(mu phi, (1 - mu) phi)} |
#' | `binomial(size, p)` | how many of `size` came true, each with probability `p` |
#' | `repeated_logit(x, censored = , most = )` | how often it went on before it stopped, `x` the logit of going on |
#'
#' The first four are choices. They take `lapse = e`: with probability `e` any of the actions on offer,
#' \eqn{(1 - e) p + e / n} for `n` of them.
#' `softmax()` and `categorical()` take `available = a`, a number for each action that is above 0 where
#' it is on offer; without it the role `available` of the data restricts the response, if there is one.
#' `categorical()` uses `p` as it is: your program makes it add to 1 (where actions are not on
#' offer, the others keep their proportions). The only action on offer is not scored, nor is a forced
#' choice (role `forced`): both are learned from.
#'
#' The others are numbers, each a column of the response's name; [rl_latents()] gives their mean as
#' `mean_<response>`. `size` is a number or comes from data columns. A value that cannot be (a share of
#' 0, half a success) has no likelihood: its subject gets `-Inf`, with a warning that names the trial.
#'
#' `repeated_logit()` is for series of decisions in one row, such as the pumps of a balloon. In `x`
#' the name `step` stands for the number of the decision: 1, 2, ... A count of \eqn{n} adds
#' \deqn{\sum_{k = 1}^{n} \log \mathrm{logis}(x_k) + \log(1 - \mathrm{logis}(x_{n + 1}))}{sum over k = 1, ..., n of log(plogis(x_k)) + log(1 - plogis(x_(n + 1)))}
#' to the log-likelihood, without the last term where `censored` is true: then the series was cut off
#' (the balloon burst) before there was a decision to stop. `most`, a number or from data columns, is
#' how often it can go on: a count that came so far has no decision to stop either. A simulation draws
#' decisions until one to stop, or until `most`, which is 128 where nothing is said; it does not read
#' `censored`. The mean is that of a count that is not cut off.
#'
#' Several responses on a trial are several lines with `~`. A response called `choice` is the role of
#' that name; other categorical responses are named in `rl_data(choice = c(choice1 = "column", ...))`.
#'
#' @section States:
#' * `per_action(init)`: a number for each action of the one categorical response.
#' * `scalar(init)`: a single number.
#' * `array_of(init, dims)`: up to three dimensions, joined by `c()`. Each is a whole number, a
#'   categorical column or response (a cell for each level), `n_actions`, or `levels(a, b)`, the
#'   levels of several columns together.
#'
#' `init` is an expression of parameters, `n_actions` and columns that are constant within a block.
#' States start anew with each block, or with `reset = "subject"` with each subject. A state that is
#' only ever assigned levels is discrete: `last <- choice` at the end of a trial remembers the previous
#' choice; 0 stands for nothing yet.
#'
#' @section Names:
#' Free names are parameters, states, locals, the roles `choice`, `outcome`, `foregone`, `available`,
#' `stimulus` and `block` of [rl_data()], and the columns declared by the argument `columns`; never variables of
#' your session. `foregone` and `available` are vectors over the actions, and so is a declared column
#' where the data give a group under its name, as in `rl_data(..., magnitude = c("left", "right"))`.
#' `n_actions` is the number of
#' actions and `n_levels(x)` that of the levels of a column. A value from R is injected by `.(x)`, and
#' `state` or `trial` may be the name of a quoted program.
#'
#' A column used as an index, as a dimension, or compared with a label or another categorical is
#' *categorical*; every other column is a number. A categorical can be an index, an argument of
#' `one_hot()`, or compared by `==` and `!=`: with a label (`choice == "stop"`), with a number (its
#' level, from 1) or with another categorical, whose levels it then shares. Calculating with it is an
#' error: write `(choice == 2)`. What indexes a dimension shares that dimension's levels.
#'
#' @section Expressions:
#' | expression | meaning |
#' |---|---|
#' | `+ - * / ^ %%` | as in R; `0^a` has derivative 0 in `a` |
#' | `== != < > <= >=` | as in R |
#' | `exp log log1p sqrt abs sign floor tanh` | of one argument, elementwise |
#' | `plogis qlogis pnorm` | of one argument, elementwise |
#' | `pmin(a, b)`, `pmax(a, b)` | elementwise |
#' | `clip(x, lower, upper)` | `x` within bounds, elementwise |
#' | `sum mean min max` | one number from vectors and numbers |
#' | `ifelse(test, yes, no)` | chosen cell by cell |
#' | `c(a, b, ...)` | a vector of single numbers |
#' | `x[i]`, `x[i, j]`, `x[i, ]` | a cell, or a row as a vector |
#' | `x[-i]` | every cell but one |
#' | `one_hot(i)`, `one_hot(i, like)` | 1 in the cell of level `i`, else 0 |
#' | `observed(x)` | whether a column, response or local is there |
#' | `softmax(x)`, `softmax(x, available = a)` | probabilities from logits |
#' | `epsilon_greedy(x, epsilon)` | probabilities from values |
#'
#' `&`, `|` and `!` are R's three-valued logic: `FALSE & NA` is `FALSE`.
#'
#' An index is a whole number, a categorical, or a discrete state or local; it may not depend on
#' parameters. `x[-i]` on the right stands within `sum()`, `mean()`, `min()` or `max()`, or on a line
#' that assigns the same cells. `one_hot()` is over the levels of `i`, or of `like`, and all 0 for a
#' discrete state that is still 0.
#'
#' The learning rules [rescorla_wagner()], [rescorla_wagner_asymmetric()], [pearce_hall_update()] and
#' [kalman_update()] take all their arguments but `chosen`, by place or by name, and give the updated
#' value; `$` picks another result, as in
#' `kalman_update(value[choice], variance[choice], outcome, sigma_obs)$gain`.
#'
#' @section Missing values:
#' One rule: what is made of something missing is missing, and an assignment to a state whose value or
#' place would be missing leaves that cell as it was. Everything else happens.
#'
#' It is a rule about lines and cells. `value <- decay * value` goes on when an outcome is missing;
#' `trace <- trace + a * (one_hot(choice) - trace)` reads the choice and stays whole where that was
#' missed; `value <- value + a * (foregone - value)` leaves out only the cells whose outcome is missing.
#' A variance that should shrink only when something was seen stands inside `if (observed(outcome))`.
#' `ifelse()` is missing only where its test or the operand it selects is. A response whose distribution
#' is missing is not scored.
#'
#' @section Departures from R:
#' * `ifelse(test, yes, no)` has the broadcast shape of all three: `ifelse(TRUE, x, y)` is all of `x`,
#'   where R would give its first cell.
#' * Single numbers are recycled, vectors are not: two vectors must agree in length, which is checked
#'   when the model meets the data.
#' * `x[0]` of a discrete index that is 0 is missing; R would give a vector of length 0.
#' * `NA^0` and `1^NA` are missing.
#' * `if` with a missing condition does nothing, where R would stop.
#'
#' @seealso [rl_model()], [rl_show()] for the C++ a program becomes, [parameter_kinds],
#'   `vignette("write-your-own-model")`.
#' @examples
#' # Two choices on a trial, a table of values, a remembered choice
#' rl_model("two-step",
#'   parameters = list(alpha = unit_interval(), beta = positive(), stay = real()),
#'   columns = "planet",
#'   state = list(
#'     first = array_of(0, choice1),
#'     second = array_of(0, c(planet, choice2)),
#'     last = scalar(0)
#'   ),
#'   trial = {
#'     choice1 ~ softmax(beta * first + stay * one_hot(last, choice1))
#'     choice2 ~ softmax(beta * second[planet, ])
#'     error <- outcome - second[planet, choice2]
#'     second[planet, choice2] <- second[planet, choice2] + alpha * error
#'     first[choice1] <- first[choice1] + alpha * (outcome - first[choice1])
#'     last <- choice1
#'   }
#' )
#' @name model_language
NULL

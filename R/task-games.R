# Ready tasks with a structure of their own: two-step, go/no-go, Iowa gambling, probabilistic
# selection.

#' Tasks from the literature
#'
#' * `task_two_step()`: the first choice leads to one of two states, `state2`, by a common transition with
#'   probability `transition` (first action to the first state, second to the second) and by a rare one
#'   otherwise; the second choice wins with a probability that walks at random (Daw et al. 2011).
#'   Responses `choice1` and `choice2`.
#' * `task_gonogo()`: four cues, in random order and equally often, ask to press or not to press, to win or
#'   to avoid a loss; the right response has the better outcome with probability `validity`
#'   (Guitart-Masip et al. 2012). The cue is in column `cue`.
#' * `task_igt()`: the four decks of the Iowa gambling task with their published cards (Bechara et al.
#'   1994), in units of money: columns `gain`, `loss` (0 or negative) and `outcome`, their sum. A deck of 40
#'   cards that is used up starts again.
#' * `task_pst()`: the training phase of probabilistic selection: three pairs of stimuli, in random order and
#'   equally often, whose first member wins more often (Frank, Seeberger & O'Reilly 2004). Columns `pair`,
#'   `option1` and `option2` (stimuli 1 to 6), response `choice`, 1 or 2.
#'
#' @inheritParams changing_tasks
#' @param transition Probability of the common transition.
#' @param sigma Standard deviation of a step of the four probabilities, which start at uniform draws
#'   within `bounds` and are mirrored at them.
#' @param bounds Lowest and highest probability.
#' @param validity Probability that the right response has the better outcome.
#' @param neutral What neither winning nor losing pays.
#' @param prob Probabilities of a win of stimuli 1 to 6, A to F.
#' @param foregone Full feedback: are outcomes of the actions not chosen part of the data (columns
#'   `foregone_<action>`; in the two-step task those of the second choice, in the state that was reached)?
#'   Models that read `foregone` always get them.
#' @return An object of class `rl_task`, for [simulate.rl_model()] and `plot()`.
#' @references Bechara, Damasio, Damasio & Anderson (1994), Cognition 50:7-15. Daw, Gershman, Seymour, Dayan
#'   & Dolan (2011), Neuron 69:1204-1215. Frank, Seeberger & O'Reilly (2004), Science 306:1940-1943.
#'   Guitart-Masip et al. (2012), NeuroImage 62:154-166.
#' @seealso [rl_task()] for tasks of your own, [task_drift()].
#' @examples
#' task_two_step(trials = 200)
#' sim <- simulate(rl_model("igt_pvl_delta"), seed = 1, subjects = 3, task = task_igt(),
#'   parameters = c(A = 0.3, alpha = 0.5, cons = 1, lambda = 1.5))
#' table(sim$subject, sim$choice)
#' @name published_tasks
NULL

#' @rdname published_tasks
#' @export
task_two_step <- function(trials = 200, transition = 0.7, sigma = 0.025, bounds = c(0.25, 0.75),
                          win = 1, lose = 0, blocks = 1, foregone = FALSE, conditions = NULL,
                          columns = NULL) {
  call <- rlang::current_env()
  bounds <- check_bounds(bounds, "bounds", 0, 1, call)
  settings <- list(
    transition = check_number(transition, 0, 1), first_low = bounds[1], first_high = bounds[2],
    sigma = check_number(sigma, 0), lower = bounds[1], upper = bounds[2], reflect = 1,
    win = check_number(win), lose = check_number(lose)
  )
  ready_task("two_step", "Two-step task", settings, trials, blocks, list(choice1 = 2, choice2 = 2),
    foregone, conditions, columns, call, shows = list(item = "p", label = "probability of a win",
      cells = c("state 1, action 1", "state 1, action 2", "state 2, action 1", "state 2, action 2")),
    describe = list(transition = transition, sigma = sigma, bounds = bounds, win = win, lose = lose))
}

#' @rdname published_tasks
#' @export
task_gonogo <- function(trials = 240, validity = 0.8, win = 1, neutral = 0, lose = -1, blocks = 1,
                        foregone = FALSE, conditions = NULL, columns = NULL) {
  call <- rlang::current_env()
  check_multiple(trials, 4, "cues", call)
  settings <- list(each = trials / 4, validity = check_number(validity, 0, 1), win = check_number(win),
    neutral = check_number(neutral), lose = check_number(lose))
  ready_task("gonogo", "Go/no-go", settings, trials, blocks, c("nogo", "go"), foregone, conditions,
    columns, call, shows = list(item = "cue", label = "cue"), describe = settings[-1])
}

#' @rdname published_tasks
#' @export
task_igt <- function(trials = 100, blocks = 1, foregone = FALSE, conditions = NULL, columns = NULL) {
  call <- rlang::current_env()
  ready_task("igt", "Iowa gambling task", list(), trials, blocks, c("A", "B", "C", "D"), foregone,
    conditions, columns, call, shows = list(item = "foregone", label = "net payoff of the next card"),
    always = c("gain", "loss"))
}

#' @rdname published_tasks
#' @export
task_pst <- function(trials = 360, prob = c(0.8, 0.2, 0.7, 0.3, 0.6, 0.4), win = 1, lose = 0, blocks = 1,
                     foregone = FALSE, conditions = NULL, columns = NULL) {
  call <- rlang::current_env()
  check_multiple(trials, 3, "pairs", call)
  prob <- check_by_action(prob, 6, "prob", 0, 1, call)
  settings <- c(list(each = trials / 3), stats::setNames(as.list(prob), paste0("prob_", letters[1:6])),
    list(win = check_number(win), lose = check_number(lose)))
  ready_task("pst", "Probabilistic selection", settings, trials, blocks, 2, foregone, conditions,
    columns, call, shows = list(item = "pair", label = "pair"), always = c("option1", "option2"),
    describe = list(prob = prob, win = win, lose = lose))
}

check_multiple <- function(trials, n, what, call) {
  trials <- check_count(trials, arg = "trials", call = call)
  if (trials %% n != 0) {
    rescorla_abort(c("`trials` must be a multiple of {n}: each of the {n} {what} comes equally often.",
      x = "It is {trials}."), "input", call = call)
  }
}

# The programs of the ready tasks. They are compiled with the package; their numbers are settings, so
# that one program serves every version of a task. Each gives `foregone`, what every action would
# have paid, and hides it unless it is wanted.

ready_programs <- function() {
  list(
    drift = list(
      actions = 2,
      wide = c("first_low", "first_high"),
      settings = c("sigma", "own", "common", "decay", "centre", "lower", "upper", "reflect", "hazard",
        "gaussian", "sd", "win", "lose"),
      state = quote(list(p = per_action(runif(first_low, first_high)))),
      trial = quote({
        lucky <- runif(0 * p, 1) < p
        noise <- rnorm(0 * p, sd)
        foregone <- ifelse(gaussian == 1, p + noise, ifelse(lucky > 0, win, lose))
        outcome <- foregone[choice]
        step <- rnorm(0 * p, sigma)
        p <- centre + decay * (p - centre) + own * step + common * sum(step)
        p <- ifelse(reflect == 1 & p < lower, 2 * lower - p, p)
        p <- ifelse(reflect == 1 & p > upper, 2 * upper - p, p)
        p <- clip(p, lower, upper)
        one <- floor(runif(1, n_actions + 1))
        other <- (one + floor(runif(0, n_actions - 1))) %% n_actions + 1
        if (runif(0, 1) < hazard) {
          held <- p[one]
          p[one] <- p[other]
          p[other] <- held
        }
      })
    ),
    switch = list(
      actions = 2,
      wide = paste0("type", 1:8),
      settings = c("n_types", "flip", "win", "lose"),
      state = quote(list(type = scalar(floor(runif(1, n_types + 1))))),
      trial = quote({
        p <- ifelse(type == 1, type1, ifelse(type == 2, type2, ifelse(type == 3, type3, type4)))
        p <- ifelse(type == 5, type5, ifelse(type == 6, type6, p))
        p <- ifelse(type == 7, type7, ifelse(type == 8, type8, p))
        foregone <- ifelse(runif(0 * p, 1) < p, win, lose)
        outcome <- foregone[choice]
        if (runif(0, 1) < flip) {
          type <- (type + floor(runif(0, n_types - 1))) %% n_types + 1
        }
      })
    ),
    reversal = list(
      actions = 2,
      wide = "prob",
      settings = c("first", "shuffle", "mode", "low", "high", "win", "lose"),
      state = quote(list(arm = per_action(prob), good = scalar(first), count = scalar(0),
        target = scalar(floor(runif(low, high + 1))))),
      trial = quote({
        # The best action changes places with another one.
        other <- (good + floor(runif(0, n_actions - 1))) %% n_actions + 1
        if (trial == 1 & shuffle == 1 & runif(0, 1) < 1 - 1 / n_actions) {
          held <- arm[good]
          arm[good] <- arm[other]
          arm[other] <- held
          good <- other
        }
        p <- arm
        hit <- ifelse(runif(0 * p, 1) < p, 1, 0)
        foregone <- ifelse(hit == 1, win, lose)
        outcome <- foregone[choice]
        count <- ifelse(mode == 1, count + 1,
          ifelse(mode == 2, ifelse(choice == good, count + 1, 0), count + hit[choice]))
        if (count >= target) {
          following <- (good + floor(runif(0, n_actions - 1))) %% n_actions + 1
          kept <- arm[good]
          arm[good] <- arm[following]
          arm[following] <- kept
          good <- following
          count <- 0
          target <- floor(runif(low, high + 1))
        }
      })
    ),
    two_step = list(
      actions = list(choice1 = 2, choice2 = 2),
      levels = list(state2 = 2),
      settings = c("transition", "first_low", "first_high", "sigma", "lower", "upper", "reflect", "win",
        "lose"),
      state = quote(list(p = array_of(runif(first_low, first_high), c(2, 2)))),
      trial = quote({
        common ~ bernoulli(transition)
        state2 <- ifelse(common == 1, choice1, 3 - choice1)
        here <- p[state2, ]
        foregone <- ifelse(runif(0 * here, 1) < here, win, lose)
        outcome <- foregone[choice2]
        p <- rnorm(p, sigma)
        p <- ifelse(reflect == 1 & p < lower, 2 * lower - p, p)
        p <- ifelse(reflect == 1 & p > upper, 2 * upper - p, p)
        p <- clip(p, lower, upper)
      })
    ),
    gonogo = list(
      actions = c("nogo", "go"),
      levels = list(cue = c("go_to_win", "go_to_avoid", "nogo_to_win", "nogo_to_avoid")),
      settings = c("each", "validity", "win", "neutral", "lose"),
      state = quote(list(left = array_of(each, 4))),
      trial = quote({
        # Cues are drawn without replacement.
        cue ~ categorical(left)
        left[cue] <- left[cue] - 1
        valid <- runif(0, 1) < validity
        winning <- cue == 1 | cue == 3
        better <- ifelse(winning, win, neutral)
        worse <- ifelse(winning, neutral, lose)
        right_pays <- ifelse(valid, better, worse)
        wrong_pays <- ifelse(valid, worse, better)
        go_cue <- cue == 1 | cue == 2
        foregone <- c(ifelse(go_cue, wrong_pays, right_pays), ifelse(go_cue, right_pays, wrong_pays))
        outcome <- foregone[choice]
      })
    ),
    igt = list(
      actions = c("A", "B", "C", "D"),
      settings = character(),
      state = bquote(list(loss_of = array_of(.(as.vector(t(igt_losses))), c(4, 40)), card = per_action(0))),
      trial = quote({
        place <- card %% 40 + 1
        gains <- c(100, 100, 50, 50)
        losses <- -c(loss_of[1, place[1]], loss_of[2, place[2]], loss_of[3, place[3]],
          loss_of[4, place[4]])
        foregone <- gains + losses
        gain <- gains[choice]
        loss <- losses[choice]
        outcome <- foregone[choice]
        card[choice] <- card[choice] + 1
      })
    ),
    pst = list(
      actions = 2,
      levels = list(pair = c("AB", "CD", "EF"), option1 = 6, option2 = 6),
      settings = c("each", "prob_a", "prob_b", "prob_c", "prob_d", "prob_e", "prob_f", "win", "lose"),
      state = quote(list(left = array_of(each, 3))),
      trial = quote({
        pair ~ categorical(left)
        left[pair] <- left[pair] - 1
        option1 <- 2 * pair - 1
        option2 <- 2 * pair
        first <- ifelse(pair == 1, prob_a, ifelse(pair == 2, prob_c, prob_e))
        second <- ifelse(pair == 1, prob_b, ifelse(pair == 2, prob_d, prob_f))
        foregone <- c(ifelse(runif(0, 1) < first, win, lose), ifelse(runif(0, 1) < second, win, lose))
        outcome <- foregone[choice]
      })
    )
  )
}

# What the 40 cards of each deck take, in their order: Bechara, Damasio, Damasio & Anderson (1994),
# as the studies in Steingroever et al. (2015) that kept it have it (nobody there drew the last eight
# of A). Decks A and B give 100, C and D 50; a deck that is used up starts again.
igt_losses <- rbind(
  A = c(0, 0, 150, 0, 300, 0, 200, 0, 250, 350, 0, 350, 0, 250, 200, 0, 300, 150, 0, 0,
    0, 300, 0, 350, 0, 200, 250, 150, 0, 0, 350, 200, 250, 0, 0, 0, 150, 300, 0, 0),
  B = replace(numeric(40), c(9, 14, 21, 32), 1250),
  C = c(0, 0, 50, 0, 50, 0, 50, 0, 50, 50, 0, 25, 75, 0, 0, 0, 25, 75, 0, 50,
    0, 0, 0, 50, 25, 50, 0, 0, 75, 50, 0, 0, 0, 25, 25, 0, 75, 0, 50, 75),
  D = replace(numeric(40), c(10, 20, 29, 35), 250)
)

# The checked program of a ready task, as it is compiled.
ready_program <- function(id) {
  p <- ready_programs()[[id]]
  listens <- if (is.list(p$actions)) lapply(p$actions, function(a) "categorical") else
    list(choice = "categorical")
  parsed <- parse_program(list(name = id, parameters = no_parameters(), state = p$state,
    trial = p$trial, columns = c(p$wide, p$settings), listens = listens))
  parsed$wide <- p$wide
  check_program(parsed)
}

# `settings`: numbers by name; those in `wide` have one for each action. `describe`: what the user asked
# for, to be printed. `computed`: conditions that the caller has checked.
ready_task <- function(id, name, settings, trials, blocks, actions, foregone, conditions, columns,
                       call, shows = NULL, always = NULL, describe = settings, computed = NULL) {
  check_flag(foregone, arg = "foregone", call = call)
  arguments <- names(formals(rlang::caller_fn()))
  check_setting_columns(columns, "columns", settings, arguments, call)
  given <- conditions[setdiff(names(conditions), computed)]
  check_setting_columns(given, "conditions", settings, arguments, call)
  p <- ready_programs()[[id]]
  task <- new_program_task(list(
    name = name, state = p$state, trial = p$trial, trials = trials, blocks = blocks,
    actions = actions, settings = settings, columns = columns, conditions = conditions,
    levels = p$levels %||% list()
  ), call, id = id, shows = shows)
  # Compiled for these shapes.
  task$program <- ready_checked(id)
  task$always <- always
  task$describe <- describe
  task$hides <- if (!foregone) "foregone"
  task
}

ready_checked <- function(id) {
  key <- paste0("ready:", id)
  known <- kernel_cache[[key]]
  if (is.null(known)) {
    known <- ready_program(id)
    assign(key, known, envir = kernel_cache)
  }
  known
}

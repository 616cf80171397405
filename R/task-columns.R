# The words in which task-conventions.R tells what a task has.

new_convention <- function(title, model, ..., prepare = NULL, settings = list(), note = "",
                       single = FALSE) {
  columns <- list(...)
  names(columns) <- mapply(\(name, column) if (nzchar(name)) name else column$key,
    rlang::names2(columns), columns)
  settings <- Map(\(setting, name) c(setting, list(name = name)), settings, names(settings))
  list(title = title, model = model, columns = columns, prepare = prepare, settings = settings,
    note = note, single = single)
}

# --- columns ------------------------------------------------------------------------------------

# `names`: those looked for, in this order; `role`: the role of rl_data() it plays, if any; `group`:
# the name under which models read it together with others; `helper`: only the preparation reads it.
spec_column <- function(names, kind, key = names[1L], role = NULL, required = TRUE, group = NULL,
                        helper = FALSE, ...) {
  list(names = names, kind = kind, key = key, role = role, required = required, group = group,
    helper = helper, ...)
}

spec_number <- function(names, lower = -Inf, upper = Inf, values = NULL, whole = FALSE, ...) {
  spec_column(names, "number", lower = lower, upper = upper, values = values, whole = whole, ...)
}

spec_chance <- function(...) spec_number(c(...), 0, 1)

# Levels in any coding.
spec_category <- function(..., role = NULL, required = TRUE, helper = FALSE) {
  spec_column(c(...), "category", role = role, required = required, helper = helper)
}

# Levels in the order of the first of `...` that the data agree with. `any`: the order means
# nothing, so that other labels will do; `numbered`: as many as there are, from 1.
spec_code <- function(names, ..., role = NULL, any = FALSE, numbered = FALSE, meaning = "",
                      key = names[1L]) {
  codes <- list(...)
  spec_column(names, "code", key = key, role = role, codes = if (length(codes) > 0L) codes,
    any = any, numbered = numbered, meaning = meaning)
}

spec_response <- function(..., key = "choice", names = character()) {
  spec_code(c(key, names), ..., role = "choice", key = key)
}

spec_subject <- function() {
  spec_column(c("subject", "subjID", "subject_ID", "subj", "sub", "id", "participant",
    "participant_ID", "pid"), "category", role = "subject")
}

spec_block <- function() spec_column(c("block", "session", "run"), "category", role = "block")

spec_outcome <- function(..., values = NULL) {
  spec_number(c("outcome", ..., "reward", "feedback", "payoff"), role = "outcome",
    values = values)
}

# An outcome beside gains and losses.
spec_net <- function() spec_number(c("outcome", "net"), role = "outcome", required = FALSE)

spec_gain <- function(lower = -Inf) spec_number(c("gain", "gains", "win"), lower)

spec_loss <- function() spec_number(c("loss", "losses"))

# The pile that a card matches.
spec_pile <- function(...) spec_number(c(...), values = 1:4, required = FALSE)

# --- settings -----------------------------------------------------------------------------------

# A constant of the models, and what it is in the catalogue.
constant_setting <- function(value, upper = Inf) {
  list(constant = TRUE, value = value, alias = NULL, check = \(x, name, call) {
    x <- check_number(x, lower = 0, upper = upper, arg = name, call = call)
    if (x > 0) x else abort_argument(x, "above 0", FALSE, name, call)
  })
}

new_setting <- function(check, alias = NULL) {
  list(constant = FALSE, value = NULL, check = check, alias = alias)
}

arms_setting <- function() {
  new_setting(\(x, name, call) check_count(x, min = 2, arg = name, call = call), alias = "Narm")
}

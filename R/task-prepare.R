# From a task's data as found to the data as its models read them. Each function takes and returns
# what build_task_data() makes; what it changes is said in `notes`.

# Writes values under the models' name for them; a column of that name is replaced.
put_task <- function(x, key, values) {
  x$data[[key]] <- values
  x$found[[key]] <- key
  x
}

# Writes `values` where they differ, and says so.
put_changed <- function(x, key, values, text) {
  changed <- sum(task_value(x, key) != values, na.rm = TRUE)
  if (changed == 0L) {
    return(x)
  }
  rows <- plural(changed, "row")
  task_note(put_task(x, key, values), paste0(text, " ({rows})."))
}

signed_losses <- function(x, sign) {
  text <- if (sign < 0) "{.code loss} is now -|loss|" else "{.code loss} is now |loss|"
  put_changed(x, "loss", sign * abs(task_value(x, "loss")), text)
}

prepare_gain_loss <- function(x) {
  x <- signed_losses(x, -1)
  if ("outcome" %in% c(names(x$found), x$told)) {
    return(x)
  }
  x <- put_task(x, "outcome", task_value(x, "gain") + task_value(x, "loss"))
  task_note(x, "{.code outcome} is {.code gain + loss}, for models that read it.")
}

prepare_amounts <- function(x) signed_losses(x, 1)

prepare_reversal <- function(x) {
  put_changed(x, "outcome", sign(task_value(x, "outcome")), "{.code outcome} is now its sign")
}

# type 12: stimulus 1 against stimulus 2.
prepare_selection <- function(x) {
  if (all(c("option1", "option2") %in% names(x$found))) {
    return(x)
  }
  if (is.null(x$found$type)) {
    absent <- setdiff(c("option1", "option2"), names(x$found))
    abort_not_found(absent, x$convention, names(x$data), x$call,
      hint = "Or a column {.val type} with the two in one, such as 12.")
  }
  type <- as.character(task_value(x, "type"))
  pair <- chartr("ABCDEF", "123456", toupper(type))
  first <- match(substr(pair, 1L, 1L), 1:6)
  second <- match(substr(pair, 2L, 2L), 1:6)
  wrong <- !is.na(type) & (nchar(pair) != 2L | is.na(first) | is.na(second) | first == second)
  if (any(wrong)) {
    abort_task_value(x, x$found$type, which(wrong)[1L],
      "{.arg type} must be two different stimuli from 1 to 6, such as 12.")
  }
  x <- put_task(put_task(x, "option1", first), "option2", second)
  task_note(x, "{.code option1} and {.code option2} are the two digits of {.val {x$found$type}}.")
}

# Four choices of the second stage become the pair that was reached and the choice within it.
prepare_two_step <- function(x) {
  labels <- x$actions$choice2
  column <- x$found$choice2
  # Actions that the user listed are those within a pair.
  four <- if (!is.null(labels)) match(as.character(x$data[[column]]), labels)
  if (is.null(labels) || all(four <= 2L, na.rm = TRUE)) {
    if (is.null(x$found$state2)) {
      abort_not_found("state2", x$convention, names(x$data), x$call,
        hint = "It is the pair that was reached, 1 or 2; no such column is needed where the choices
          of the second stage are coded 1 to 4.")
    }
    if (!is.null(labels)) x$actions$choice2 <- labels[1:2]
    return(x)
  }
  pair <- (four - 1L) %/% 2L + 1L
  if (!is.null(x$found$state2)) {
    reached <- as.integer(task_value(x, "state2"))
    row <- match(TRUE, reached != pair)
    if (!is.na(row)) {
      pair <- reached[row]
      abort_task_value(x, column, row, "Column {.val {x$found$state2}} says pair {pair}, whose
        choices are {.val {labels[2L * pair - 1:0]}}.")
    }
    pair <- ifelse(is.na(pair), reached, pair)
  }
  x <- put_task(put_task(x, "state2", pair), "choice2", (four - 1L) %% 2L + 1L)
  x$actions$choice2 <- c("1", "2")
  task_note(x, "{.code state2} is the pair that {.val {column}}, from 1 to 4, belongs to, and
    {.code choice2} the choice within it.")
}

# Happiness is carried forward in the data: it was rated where its response time is a new one.
prepare_happiness <- function(x) {
  x <- signed_losses(x, 1)
  if (!is.null(x$found$type)) {
    x <- put_changed(x, "cert", task_value(x, "type") * abs(task_value(x, "cert")),
      "{.code cert} now has the sign of {.code type}")
  }
  if (is.null(x$found$RT_happy)) {
    return(task_note(x, "Without {.code RT_happy} every {.code happy} counts as rated."))
  }
  time <- task_value(x, "RT_happy")
  before <- previous_rows(x)
  previous <- time[before]
  rated <- !is.na(time) & (is.na(previous) | time != previous)
  happy <- task_value(x, "happy")
  carried <- sum(!rated & !is.na(happy))
  if (carried == 0L) {
    return(x)
  }
  happy[!rated] <- NA
  rows <- plural(carried, "row")
  task_note(put_task(x, "happy", happy), "{.code happy} is now NA where it was carried forward, as
    {.code RT_happy} did not change ({rows}).")
}

# The row of the same subject before each, NA for its first.
previous_rows <- function(x) {
  subject <- task_value(x, "subject")
  code <- match(subject, unique(subject))
  trial <- x$given[["trial"]]
  order <- if (is.null(trial)) order(code) else order(code, x$data[[trial]])
  before <- rep(NA_integer_, length(code))
  last <- utils::head(order, -1L)
  here <- order[-1L]
  same <- code[here] == code[last]
  before[here[same]] <- last[same]
  before
}

prepare_gambling <- function(x) {
  if (is.null(x$found$p_red)) {
    if (is.null(x$found$n_red_boxes)) {
      abort_not_found("p_red", x$convention, names(x$data), x$call,
        hint = "Or a column {.val n_red_boxes}, the number of red boxes out of 10.")
    }
    x <- put_task(x, "p_red", task_value(x, "n_red_boxes") / 10)
    x <- task_note(x, "{.code p_red} is {.val {x$found$n_red_boxes}} / 10.")
  }
  chosen <- x$actions$colour
  if (is.null(chosen) || identical(chosen, c("blue", "red"))) {
    return(x)
  }
  column <- x$found$colour
  code <- match(as.character(x$data[[column]]), chosen)
  x <- put_task(x, "colour", factor(c("blue", "red")[code], levels = c("blue", "red")))
  x$actions$colour <- c("blue", "red")
  task_note(x, "{.code colour} is blue where {.val {column}} is {chosen[1L]}, red where it is
    {chosen[2L]}.")
}

# Both kinds of trial are levels, also where the data hold one of them only.
prepare_detection <- function(x) {
  levels <- x$actions$stimulus
  value <- task_value(x, "stimulus")
  if (identical(column_levels(value), levels)) {
    return(x)
  }
  x <- put_task(x, "stimulus", factor(as.character(value), levels = levels))
  task_note(x, "{.code stimulus} is now a factor with the levels {.val {levels}}.")
}

# --- card sorting -------------------------------------------------------------------------------

# A matrix with the rows colour, form and number, and a column for each trial.
check_answer_sheet <- function(sheet, name, call) {
  if (is.character(sheet) && length(sheet) == 1L) {
    sheet <- read_answer_sheet(sheet, name, call)
  }
  if (is.data.frame(sheet)) {
    # A first column of text holds the names of the rows.
    if (ncol(sheet) > 1L && (is.character(sheet[[1L]]) || is.factor(sheet[[1L]]))) {
      rows <- as.character(sheet[[1L]])
      sheet <- as.matrix(sheet[-1L])
      rownames(sheet) <- rows
    } else {
      sheet <- as.matrix(sheet)
    }
  }
  if (is.matrix(sheet)) {
    if (any(!is.na(card_rows(colnames(sheet))))) sheet <- t(sheet)
    rows <- card_rows(rownames(sheet))
    if (setequal(rows[!is.na(rows)], 1:3)) {
      sheet <- unname(sheet[match(1:3, rows), , drop = FALSE])
      if (is.numeric(sheet) && all(sheet %in% 1:4)) {
        return(sheet)
      }
    }
  }
  rescorla_abort(
    c(
      "{.arg {name}} must have the rows {.val {c('Color', 'Form', 'Number')}}, each with a number
       from 1 to 4 for every trial.",
      x = "It is {describe_value(sheet)}.",
      i = "A matrix, a data frame, or the path of a file that {.fn read.table} reads."
    ),
    "input",
    arg = name,
    call = call
  )
}

card_rows <- function(names) {
  c(color = 1L, colour = 1L, form = 2L, shape = 2L, number = 3L)[simple_name(as.character(names))]
}

read_answer_sheet <- function(path, name, call) {
  if (!file.exists(path)) {
    rescorla_abort(
      c("{.arg {name}} names a file that is not there.", x = "It is {.file {path}}."),
      "input",
      arg = name,
      call = call
    )
  }
  separator <- if (grepl("[.]csv$", path, ignore.case = TRUE)) "," else ""
  tryCatch(
    utils::read.table(path, header = TRUE, sep = separator, check.names = FALSE, row.names = 1L),
    error = \(e) rescorla_abort(
      c("{.arg {name}} could not be read from {.file {path}}.", x = conditionMessage(e)),
      "input",
      arg = name,
      call = call
    )
  )
}

# The card of trial t is column t of the sheet.
prepare_card_sorting <- function(x) {
  cards <- c("colour", "form", "number")
  sheet <- x$settings[["answersheet"]]
  if (is.null(sheet)) {
    absent <- setdiff(cards, names(x$found))
    if (length(absent) > 0L) {
      abort_not_found(absent, x$convention, names(x$data), x$call,
        hint = "Or give the answer sheet: {.code answersheet = \"wcs_answersheet.txt\"}.")
    }
    return(x)
  }
  numbered <- !is.null(x$found$trial_number)
  trial <- if (numbered) task_value(x, "trial_number") else count_trials(x)
  beyond <- which(trial > ncol(sheet) | is.na(trial))
  if (length(beyond) > 0L) {
    row <- beyond[1L]
    rescorla_abort(
      c(
        "Row {row} is trial {trial[row]}, and {.arg answersheet} has {ncol(sheet)} trials.",
        i = "The card of trial t is column t of the sheet{if (numbered) paste0(' (column \"',
          x$found$trial_number, '\")')}."
      ),
      "data",
      column = x$found$trial_number,
      row = row,
      call = x$call
    )
  }
  for (i in seq_along(cards)) x <- put_task(x, cards[i], as.integer(sheet[i, trial]))
  by <- if (numbered) "the trial in {.val {x$found$trial_number}}" else "the order of the rows"
  task_note(x, paste0("{.code colour}, {.code form} and {.code number} are those of the answer
    sheet, by ", by, "."))
}

count_trials <- function(x) {
  subject <- task_value(x, "subject")
  as.integer(stats::ave(seq_along(subject), match(subject, unique(subject)), FUN = seq_along))
}

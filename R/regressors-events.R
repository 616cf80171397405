# Events joined to the trials of the data: whose they are, which run, which trial.

# --- whose, and which run --------------------------------------------------------------------------

# Where each of `labels` stands in `ids`: the same text, else without "sub-" and what BIDS does not
# allow in labels, else the same number.
match_labels <- function(labels, ids) {
  labels <- as.character(labels)
  ids <- as.character(ids)
  forms <- list(identity, \(x) bids_label(sub("^sub-", "", x)), \(x) {
    x <- sub("^sub-", "", x)
    number <- grepl("^[0-9]+$", x)
    ifelse(number, sub("^0+(?=.)", "", x, perl = TRUE), NA)
  })
  place <- rep(NA_integer_, length(labels))
  for (form in forms) {
    open <- is.na(place)
    if (!any(open)) break
    known <- form(ids)
    known[known %in% known[duplicated(known)]] <- NA
    place[open] <- match(form(labels[open]), known, incomparables = NA)
  }
  place
}

match_event_subjects <- function(events, trials, unmatched, call) {
  ids <- unique(trials$subject)
  labels <- unique(as.character(events$subject))
  place <- match_labels(labels, ids)
  twice <- place[duplicated(place) & !is.na(place)]
  if (length(twice) > 0L) {
    rescorla_abort(c(
      "Events of {.val {labels[which(place == twice[1L])]}} are all those of subject
       {.val {as.character(ids[twice[1L]])}}.",
      i = "Call the subject the same in all rows."
    ), "data", call = call, subjects = labels[which(place == twice[1L])])
  }
  strange <- labels[is.na(place)]
  without <- as.character(ids)[!seq_along(ids) %in% place]
  if (unmatched == "error" && length(strange) > 0L) {
    rescorla_abort(c(
      "{cli::qty(strange)}{.arg events} {?has a subject that is/have subjects that are} not in the
       data: {name_some(strange)}.",
      i = "The data have {name_some(as.character(ids))}.",
      i = "{.code unmatched = \"drop\"} leaves out what has no counterpart."
    ), "data", call = call, subjects = strange,
    rows = which(as.character(events$subject) %in% strange))
  }
  if (unmatched == "error" && length(without) > 0L) {
    rescorla_abort(c(
      "{.arg events} has none of {cli::qty(length(without))}subject{?s} {name_some(without)}.",
      i = "{.code unmatched = \"drop\"} leaves out what has no counterpart."
    ), "data", call = call, subjects = without)
  }
  if (all(is.na(place))) {
    rescorla_abort(c("No subject of {.arg events} is in the data.",
      x = "The events have {name_some(labels)}, the data {name_some(as.character(ids))}."), "data",
      call = call, subjects = strange)
  }
  place <- place[match(as.character(events$subject), labels)]
  events$.label <- sub("^sub-", "", as.character(events$subject))
  events$.subject <- place
  events$subject <- ids[place]
  events[!is.na(place), , drop = FALSE]
}

# Runs of events and blocks of data, by name or number within each subject.
match_event_runs <- function(events, trials, call) {
  if (is.null(events[["run"]]) || is.null(trials$run)) return(events)
  events$.run <- NA_integer_
  for (subject in unique(events$subject)) {
    rows <- which(events$subject == subject)
    known <- unique(trials$run[trials$subject == subject])
    place <- match_labels(events[["run"]][rows], known)
    if (anyNA(place)) {
      wrong <- unique(as.character(events[["run"]][rows][is.na(place)]))
      rescorla_abort(c(
        "Subject {.val {as.character(subject)}} has events of {cli::qty(wrong)}run{?s} {.val {wrong}},
         and no such block{?s}.",
        x = "The first is in {events$.where[rows[is.na(place)][1L]]}.",
        i = "The blocks in the data are {.val {as.character(known)}}."
      ), "data", call = call, subjects = as.character(subject), rows = rows[is.na(place)])
    }
    events$.run[rows] <- place
    events[["run"]][rows] <- as.character(known)[place]
  }
  if (is.numeric(trials$run)) events[["run"]] <- as.numeric(events[["run"]])
  events
}

# --- the join ------------------------------------------------------------------------------------

# list(types = names of trial types, "" for the events that have no name of their own) by regressor.
regressor_types <- function(at, names, call) {
  if (is.null(at)) return(NULL)
  if (!is.character(at) || length(at) == 0L || anyNA(at)) {
    abort_argument(at, "names of trial types", TRUE, "at", call)
  }
  given <- rlang::names2(at)
  unknown <- setdiff(given, c(names, ""))
  if (length(unknown) > 0L) {
    rescorla_abort(c(
      "{.arg at} names {.val {unknown[1L]}}, which is not among the regressors.",
      i = "They are {.val {names}}."
    ), "input", call = call, what = unknown)
  }
  rest <- unname(at[given == ""])
  lapply(rlang::set_names(names), \(name) if (name %in% given) unname(at[given == name]) else rest)
}

# list(frame = events with regressors, used = which trials have an event, entities = what subjects and
# runs are called in the events, which names their files).
join_events <- function(events, trials, columns, at, unmatched, data, call) {
  total <- nrow(events)
  events$.number <- seq_len(total)
  if (!is.null(events[["run"]])) events$.run_label <- label_of(events[["run"]])
  types <- unique(unlist(at))
  if (!is.null(at)) check_event_types(events, types, call)
  events <- match_event_subjects(events, trials, unmatched, call)
  events <- match_event_runs(events, trials, call)
  key <- event_units(events, trials, call)
  used <- logical(nrow(trials))
  place <- rep(NA_integer_, nrow(events))
  for (type in if (is.null(at)) "" else types) {
    rows <- if (is.null(at)) seq_len(nrow(events)) else which(events$trial_type %in% type)
    place[rows] <- match_trials(events[rows, , drop = FALSE], trials, key$events[rows], key$trials,
      type, unmatched, call)
    used[place[rows]] <- TRUE
  }
  taken <- intersect(names(columns), names(events))
  if (length(taken) > 0L) {
    rescorla_abort(c(
      "{cli::qty(taken)}{.arg events} {?has a column/have columns} {.val {taken}}, as the regressor{?s}
       {?is/are} called.",
      i = "Rename or drop {cli::qty(taken)}{?it/them}."
    ), "data", call = call, column = taken)
  }
  added <- columns[place, , drop = FALSE]
  # Uncertainty goes where its regressor goes.
  for (name in names(at)) {
    own <- names(added) == name | startsWith(names(added), paste0(name, "_"))
    others <- setdiff(names(at)[startsWith(names(at), paste0(name, "_"))], name)
    for (other in others) own <- own & !startsWith(names(added), other)
    added[!events$trial_type %in% at[[name]], own] <- NA_real_
  }
  first <- c("subject", if (!is.null(events$session)) "session",
    if (!is.null(events[["run"]]) || !is.null(trials$run)) "run")
  rank <- events$.run %||% rank_runs(events[["run"]]) %||% integer(nrow(events))
  if (is.null(events[["run"]]) && !is.null(trials$run)) events[["run"]] <- trials$run[place]
  events[["trial"]] <- trials$trial[place]
  kept <- c(first, "trial", "onset", "duration", if (!is.null(events$trial_type)) "trial_type")
  rest <- setdiff(names(events), c(kept, grep("^[.](where|number|subject|run|label|run_label)$",
    names(events), value = TRUE)))
  order <- order(events$.subject, rank, events$onset, seq_len(nrow(events)))
  frame <- cbind(events[c(kept, rest)], added)[order, , drop = FALSE]
  rownames(frame) <- NULL
  entities <- cbind(events[first], label = events$.label)
  entities$run_label <- events$.run_label %||% label_of(events[["run"]])
  list(frame = frame, used = used, entities = unique(entities[order, , drop = FALSE]))
}

rank_runs <- function(run) {
  if (is.null(run)) return(NULL)
  number <- suppressWarnings(as.numeric(run))
  if (anyNA(number)) match(run, sort(unique(run), method = "radix")) else number
}

check_event_types <- function(events, types, call) {
  if (is.null(events$trial_type)) {
    rescorla_abort(c("{.arg at} names trial types, and {.arg events} has no column
                      {.val trial_type}."), "data", call = call, column = "trial_type")
  }
  unknown <- setdiff(types, events$trial_type)
  if (length(unknown) > 0L) {
    rescorla_abort(c(
      "{.arg at} names {.val {unknown[1L]}}, which is not a trial type of {.arg events}.",
      i = "They are {name_some(unique(events$trial_type), 12L, quote = TRUE)}."
    ), "data", call = call, column = "trial_type")
  }
}

# Within what trials are counted: runs where both sides have them, else subjects.
event_units <- function(events, trials, call) {
  id <- match(trials$subject, unique(trials$subject))
  if (!is.null(events$.run)) {
    run <- integer(nrow(trials))
    for (s in unique(id)) run[id == s] <- match(trials$run[id == s], unique(trials$run[id == s]))
    return(list(events = paste(events$.subject, events$.run), trials = paste(id, run)))
  }
  list(events = as.character(events$.subject), trials = as.character(id))
}

# Which trial each of `events` is; NA where `unmatched` lets it.
match_trials <- function(events, trials, unit, trial_unit, type, unmatched, call) {
  of_type <- if (nzchar(type)) paste0(" of type \"", type, "\"") else ""
  if (is.null(events[["trial"]])) {
    return(match_by_order(events, trials, unit, trial_unit, of_type, unmatched, call))
  }
  number <- events[["trial"]]
  key <- paste(unit, label_of(number))
  key[is.na(number)] <- NA
  trial_key <- paste(trial_unit, label_of(trials$trial))
  if (anyDuplicated(trial_key)) {
    rescorla_abort(c(
      "The data have trial {trials$trial[anyDuplicated(trial_key)]} of subject
       {.val {as.character(trials$subject[anyDuplicated(trial_key)])}} in more than one block.",
      i = "{.arg events} must say which: a column {.val run}."
    ), "data", call = call, column = "run")
  }
  twice <- which(duplicated(key) & !is.na(key))
  if (length(twice) > 0L) {
    first <- match(key[twice[1L]], key)
    rescorla_abort(c(
      "Two events{of_type} are trial {number[first]} of {subject_and_run(events[first, ])}.",
      x = "They are {events$.where[first]} and {events$.where[twice[1L]]}.",
      i = if (!nzchar(type) && several_types(events)) "{.arg at} says which types of events are
           trials.",
      i = if (is.null(trials$run) && !is.null(events[["run"]])) "The data have no blocks: name their column
           in {.fn rl_data}, or number trials through."
    ), "data", call = call, subjects = unique(as.character(events$subject[twice])),
    rows = events$.number[twice])
  }
  place <- match(key, trial_key, incomparables = NA)
  if (unmatched == "drop") return(place)
  strange <- which(is.na(place))
  if (length(strange) > 0L) {
    one <- strange[1L]
    rescorla_abort(c(
      "{length(strange)} event{?s}{of_type} {?is/are} of no trial in the data.",
      x = "The first is trial {number[one]} of {subject_and_run(events[one, ])}:
           {events$.where[one]}.",
      i = if (nzchar(type) || !several_types(events)) "{.code unmatched = \"drop\"} leaves
           {cli::qty(length(strange))}{?it/them} without regressors." else "{.arg at} says which types of events are trials."
    ), "data", call = call, subjects = unique(as.character(events$subject[strange])),
    rows = events$.number[strange])
  }
  missing <- which(!seq_along(trial_key) %in% place & trials$subject %in% unique(events$subject))
  if (length(missing) > 0L) {
    one <- missing[1L]
    who <- unique(as.character(trials$subject[missing]))
    rescorla_abort(c(
      "{length(missing)} trial{?s} {?has/have} no event{of_type}: {cli::qty(who)}subject{?s}
       {name_some(who)}.",
      x = "The first is trial {trials$trial[one]} of {subject_and_run(trials[one, ])}.",
      i = "{.code unmatched = \"drop\"} leaves {cli::qty(length(missing))}{?it/them} out."
    ), "data", call = call, subjects = who, trials = trials[missing, , drop = FALSE])
  }
  place
}

# The first event of a unit is its first trial.
match_by_order <- function(events, trials, unit, trial_unit, of_type, unmatched, call) {
  units <- unique(trial_unit[trial_unit %in% unit | trials$subject %in% unique(events$subject)])
  order <- seq_along(unit)
  if (is.null(events$.run) && !is.null(events[["run"]])) order <- order(unit, rank_runs(events[["run"]]))
  counts <- data.frame(
    events = vapply(units, \(u) sum(unit == u), 0L), trials = vapply(units, \(u) sum(trial_unit == u), 0L)
  )
  wrong <- which(counts$events != counts$trials)
  # A run without any events was perhaps not recorded.
  if (unmatched == "drop") wrong <- wrong[counts$events[wrong] > 0L]
  if (length(wrong) > 0L) {
    at <- trials[match(units[wrong], trial_unit), , drop = FALSE]
    who <- unique(as.character(at$subject))
    rescorla_abort(c(
      "Events{of_type} and trials differ in number for {cli::qty(who)}subject{?s} {name_some(who)}.",
      x = "{subject_and_run(at[1L, ], !is.null(events$.run), capital = TRUE)} has
           {counts$events[wrong[1L]]} event{?s} and {counts$trials[wrong[1L]]} trial{?s}.",
      i = "Without a column {.val trial} events are matched by their order, missed trials included.",
      i = if (!nzchar(of_type) && several_types(events)) "{.arg at} says which types of events
           are trials."
    ), "data", call = call, subjects = who,
    rows = events$.number[unit %in% units[wrong]])
  }
  place <- integer(length(unit))
  for (u in units) {
    rows <- order[unit[order] == u]
    if (is.unsorted(events$onset[rows]) && (is.null(events[["run"]]) || !is.null(events$.run))) {
      row <- rows[which(diff(events$onset[rows]) < 0)[1L] + 1L]
      rescorla_abort(c(
        "Events{of_type} of {subject_and_run(events[row, ])} do not stand in the order of their
         onsets.",
        x = "After a later one comes {events$.where[row]}, with onset {events$onset[row]}.",
        i = "Sort them, or say which trial each is: a column {.val trial}."
      ), "data", call = call, subjects = as.character(events$subject[row]),
      rows = events$.number[row])
    }
    if (length(rows) > 0L) place[rows] <- which(trial_unit == u)
  }
  place
}

several_types <- function(events) length(unique(events$trial_type)) > 1L

subject_and_run <- function(row, run = TRUE, capital = FALSE) {
  paste0(if (capital) "Subject " else "subject ", row$subject,
    if (run && !is.null(row$run) && !is.na(row$run)) paste0(", run ", row$run))
}

# Numbers as text so that 1 and 1L and "1" are the same.
label_of <- function(x) if (is.null(x)) NULL else if (is.numeric(x)) format(x, digits = 15, trim = TRUE) else as.character(x)

# A model meets a task: what each makes for the other, and whether it comes in time.

# Which of the task's responses each response of the model is, by name; a single choice is the task's
# single choice whatever it is called.
match_responses <- function(model, task, call) {
  own <- model$program$responses
  names <- vapply(own, `[[`, "", "name")
  heard <- task$program$listens
  at <- match(names, names(heard))
  choices <- which(vapply(own, function(r) r$type == "categorical", NA))
  if (length(choices) == 1 && length(heard) == 1 && is.na(at[choices]) &&
    heard[[1]]$type == "categorical") {
    at[choices] <- 1L
  }
  for (i in which(!is.na(at))) {
    if ((own[[i]]$type == "categorical") != (heard[[at[i]]]$type == "categorical")) {
      rescorla_abort(c(
        "{.code {names[i]}} is {if (own[[i]]$type == 'categorical') 'a choice' else 'a number'} in the model and not in the task.",
        i = "`actions` of the task says which responses it reads."
      ), "model", call = call, symbol = names[i])
    }
  }
  absent <- setdiff(seq_along(heard), at)
  if (length(absent)) {
    name <- names(heard)[absent[1]]
    reader <- line_of(task_lines(task, call), function(s) name %in% statement_reads(s))
    rescorla_abort(c(
      "The task reads the response {.code {name}}, which the model does not give.",
      " " = if (!is.null(reader)) "In line {reader$line} of the task: {escape_braces(reader$text)}",
      i = if (length(names)) "The model's responses are {.code {names}}." else "The model has no response."
    ), "model", call = call, symbol = name)
  }
  at
}

statement_reads <- function(s) program_reads(list(statements = list(s), states = list()))

task_lines <- function(task, call) parse_program(list(name = task$name, state = task$state,
  trial = task$trial, columns = character(), listens = list()), call)$statements

model_lines <- function(model, call) {
  parse_program(model[c("name", "parameters", "state", "trial", "columns")], call)
}

# Walks the model's lines top to bottom, the task running as soon as it can, and finds the first line
# that reads what is not made yet.
check_join <- function(model, task, at, call) {
  segments <- task$program$segments
  heard <- names(task$program$listens)
  names <- vapply(model$program$responses, `[[`, "", "name")
  products <- task_products(task$program)
  run <- 0L
  told <- made <- character()
  advance <- function() {
    while (run < length(segments) && all(segments[[run + 1L]]$needs %in% told)) {
      run <<- run + 1L
      made <<- union(made, segments[[run]]$targets)
    }
  }
  visit <- function(s) {
    if (s$type == "if") {
      check(all.vars(s$condition), s)
      for (inner in c(s$then, s$otherwise)) visit(inner)
      return(invisible())
    }
    reads <- statement_reads(s)
    if (s$type == "response") {
      restricted <- response_table[[s$distribution]]$type == "categorical" &&
        is.null(s$arguments$available)
      if (restricted) reads <- union(reads, "available")
    }
    check(reads, s)
    if (s$type == "response") {
      told <<- union(told, heard[at[match(s$name, names)]])
      advance()
    }
  }
  check <- function(reads, s) {
    late <- setdiff(intersect(reads, products), made)
    if (length(late) == 0) return(invisible())
    maker <- line_of(task_lines(task, call), function(x) late[1] %in% all_targets(list(x)))
    waits <- setdiff(unlist(lapply(segments, `[[`, "needs")), told)
    rescorla_abort(c(
      "Model and task wait for each other: the model reads {.code {late[1]}} before the task can make it.",
      " " = "In line {s$line} of the model: {escape_braces(s$text)}",
      " " = "In line {maker$line} of the task: {escape_braces(maker$text)}",
      i = "The task makes it once it has {.code {waits}}: move the model's line below that response, or the task's above what reads it."
    ), "model", call = call, symbol = late[1], line = s$line)
  }
  parsed <- model_lines(model, call)
  early <- intersect(unlist(lapply(parsed$states, function(s) all.vars(s$init))), products)
  if (length(early)) {
    rescorla_abort(c("State values start before the task makes {.code {early[1]}}.",
      i = "Give it as a column: `columns =` of the task."), "model", call = call, symbol = early[1])
  }
  advance()
  for (s in parsed$statements) visit(s)
  invisible()
}

# Names the model reads that neither is its own nor comes from the task.
check_provided <- function(model, task, products, call) {
  program <- model$program
  inputs <- union(vapply(program$numbers, `[[`, "", "name"), program$codes)
  inputs <- setdiff(sub(":.*$", "", inputs),
    c(vapply(program$responses, `[[`, "", "name"), "available", "block"))
  absent <- setdiff(inputs, c(products, names(task$columns)))
  if (length(absent) == 0) return(invisible())
  s <- line_of(model_lines(model, call)$statements, function(s) absent[1] %in% statement_reads(s))
  rescorla_abort(c(
    "The model reads {.code {absent[1]}}, which the task does not make.",
    " " = if (!is.null(s)) "In line {s$line} of the model: {escape_braces(s$text)}",
    i = "The task makes {.code {products}}; further columns are given by `columns =`."
  ), "model", call = call, symbol = absent[1])
}

# Whether a model can play a task, found before anything runs.
check_plays <- function(model, task, call) {
  model <- model_for_task(model, task, call)
  if (is_program_task(task)) {
    check_join(model, task, match_responses(model, task, call), call)
    check_provided(model, task, task_products(task$program), call)
  } else if (has_choice(model$program)) {
    check_provided(model, task, c("outcome", "foregone"), call)
  }
}

# Model and task packed for each other, for one pack of lanes.
join_task <- function(model, task, level, call) {
  program <- model$program
  at <- match_responses(model, task, call)
  products <- task_products(task$program)
  check_provided(model, task, products, call)
  check_join(model, task, at, call)
  sizes <- required_sizes(program)
  labels <- lapply(stats::setNames(nm = intersect(program$codes, products)), product_labels,
    program = program, task = task, sizes = sizes, call = call)
  kernels <- joined_kernels(model, task, level, call)
  lanes <- cpp_kernel_lanes(kernels$model)
  world <- bind_source(task$program, task_source(task, lanes), lanes, 1L, call)
  cells <- vapply(task$program$locals, function(l) shape_cells(l$shape, world$levels), 0L)
  bound <- bind_source(program, model_source(model, task, at, cells, labels, lanes), lanes, 1L, call)
  number <- match(vapply(program$numbers, `[[`, "", "name"), products)
  code <- match(program$codes, products)
  check_cells(program, number, cells, products, bound$levels, call)
  responses <- vapply(program$responses, `[[`, "", "name")
  bits <- function(needs) sum(2^(match(match(needs, names(task$program$listens)), at) - 1))
  c(list(kernels = kernels$model, lanes = lanes, actions = joined_actions(program, task, at)), bound,
    list(task = list(
      kernels = kernels$task, packed = world$packed, bound = world$bound,
      needs = vapply(task$program$segments, function(s) bits(s$needs), 0),
      heard = as.integer(ifelse(is.na(at), 0L, at)) - 1L, listens = length(task$program$listens),
      cells = cells, number = none_as_minus(number), code = none_as_minus(code),
      levels = vapply(program$codes, function(name) {
        length(bound$levels[[program_group(program, name)]])
      }, 0L),
      state_cells = vapply(task$program$states, function(s) shape_cells(s$shape, world$levels), 0L)
    )))
}

none_as_minus <- function(x) as.integer(ifelse(is.na(x), 0L, x)) - 1L

shape_cells <- function(shape, levels) {
  as.integer(prod(vapply(shape, function(k) dim_length(k, levels), 0L)))
}

# Labels of the model's categorical responses: the task's, or as many as the model says.
joined_actions <- function(program, task, at) {
  responses <- vapply(program$responses, `[[`, "", "name")
  categorical <- which(vapply(program$responses, function(r) r$type == "categorical", NA))
  sizes <- required_sizes(program)
  own <- lapply(categorical, function(i) {
    if (!is.na(at[i])) return(task$responses[[at[i]]])
    as.character(seq_len(sizes[[program_group(program, responses[i])]] %||% length(task$actions)))
  })
  stats::setNames(own, responses[categorical])
}

# What the model's columns are packed from: the task's, and a place for what the task makes.
model_source <- function(model, task, at, cells, labels, lanes) {
  program <- model$program
  actions <- joined_actions(program, task, at)
  products <- task_products(task$program)
  own <- task_source(task, lanes)
  c(own[c("rows", "first", "length", "block_start")], list(
    actions = actions, responses = lapply(actions, function(a) rep(NA_integer_, own$rows)),
    forced = NULL,
    get = function(name, call) {
      k <- match(name, products)
      if (is.na(k)) {
        if (name %in% names(task$columns)) return(split_group(task$columns[[name]]))
        if (name == "block") return(own$get(name, call))
        return(if (name %in% program$numeric_responses) rep(NA_real_, own$rows))
      }
      if (name %in% program$codes) {
        return(factor(rep(NA_character_, own$rows), levels = labels[[name]]))
      }
      blank <- rep(if (name == "available") 1 else NA_real_, own$rows)
      if (length(task$program$locals[[k]]$shape)) rep(list(blank), cells[k]) else blank
    }
  ))
}

# Labels of a categorical column that the task makes.
product_labels <- function(name, program, task, sizes, call) {
  group <- program_group(program, name)
  labels <- task$levels[[name]]
  if (is.null(labels) && group %in% names(task$responses)) labels <- task$responses[[group]]
  if (is.null(labels) && !is.null(sizes[[group]])) labels <- as.character(seq_len(sizes[[group]]))
  if (is.null(labels)) {
    rescorla_abort(c("The model uses {.code {name}} as a level, and the task does not say how many there are.",
      i = "Say it in the task: `levels = list({name} = 2)`."), "model", call = call, symbol = name)
  }
  labels
}

check_cells <- function(program, number, cells, products, levels, call) {
  for (i in which(!is.na(number))) {
    input <- program$numbers[[i]]
    wanted <- if (input$wide) dim_length(input$dim, levels) else 1L
    if (cells[number[i]] == wanted) next
    rescorla_abort(c(
      "The model reads {.code {products[number[i]]}} as {wanted} number{?s}, and the task makes {cells[number[i]]}.",
      i = if (input$wide) "A vector has a number for each action." else "Pick a cell in the task."
    ), "model", call = call, symbol = products[number[i]])
  }
}

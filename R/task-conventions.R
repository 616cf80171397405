# What is known of each task: one entry a task, with
#   title      what it is, in words
#   model      the model that rl_data_example() was simulated from
#   columns    by the name under which the models read them, see task-columns.R
#   prepare    from the data as found to the data as the models read them, see task-prepare.R
#   note       what that does, for the help page
#   settings   further arguments of rl_data()
# A function, so that the entries may use functions of files that are read later.
task_conventions <- function() {
  list(
    bandit = new_convention(
      "bandit", "rw",
      spec_subject(),
      spec_response(),
      spec_outcome()
    ),
    bandit2arm = new_convention(
      "two-armed bandit", "bandit2arm_delta",
      spec_subject(),
      spec_response(1:2, any = TRUE),
      spec_outcome()
    ),
    bandit4arm = new_convention(
      "four-armed bandit with gains and losses", "bandit4arm_4par",
      spec_subject(),
      spec_response(1:4, any = TRUE),
      spec_gain(),
      spec_loss(),
      spec_net(),
      prepare = prepare_gain_loss,
      note = note_gain_loss
    ),
    banditNarm = new_convention(
      "bandit with gains and losses, of any number of arms", "banditNarm_delta",
      spec_subject(),
      spec_response(numbered = TRUE),
      spec_gain(),
      spec_loss(),
      spec_net(),
      prepare = prepare_gain_loss,
      note = note_gain_loss,
      settings = list(n_arms = arms_setting(), sigma_obs = constant_setting(4))
    ),
    bandit4arm2 = new_convention(
      "restless four-armed bandit", "bandit4arm2_kalman_filter",
      spec_subject(),
      spec_response(1:4, any = TRUE),
      spec_outcome(),
      settings = list(sigma_obs = constant_setting(4))
    ),
    prl = new_convention(
      "probabilistic reversal learning", "prl_rp",
      spec_subject(),
      spec_response(1:2, any = TRUE),
      spec_outcome(),
      prepare = prepare_reversal,
      note = "`outcome` becomes its sign"
    ),
    prl_multipleB = new_convention(
      "probabilistic reversal learning in several blocks", "prl_rp",
      spec_subject(),
      spec_block(),
      spec_response(1:2, any = TRUE),
      spec_outcome(),
      prepare = prepare_reversal,
      note = "`outcome` becomes its sign"
    ),
    gng = new_convention(
      "orthogonalised go/no-go", "gng_m2",
      spec_subject(),
      cue = spec_category("cue", "stimulus"),
      spec_response(0:1, c("nogo", "go"), names = c("keyPressed", "pressed"),
        meaning = "1 is a press"),
      spec_outcome()
    ),
    igt = new_convention(
      "Iowa gambling task", "igt_pvl_delta",
      spec_subject(),
      spec_response(1:4, LETTERS[1:4], names = c("deck", "card")),
      spec_gain(),
      spec_loss(),
      spec_net(),
      prepare = prepare_gain_loss,
      note = note_gain_loss,
      settings = list(payscale = constant_setting(100))
    ),
    pst = new_convention(
      "probabilistic selection task", "pst_gainloss_Q",
      spec_subject(),
      option1 = spec_number("option1", 1, 6, whole = TRUE, required = FALSE),
      option2 = spec_number("option2", 1, 6, whole = TRUE, required = FALSE),
      type = spec_category("type", "pair", required = FALSE, helper = TRUE),
      spec_response(1:0, 1:2, c("first", "second"), meaning = "1 is the first option"),
      spec_outcome(),
      prepare = prepare_selection,
      note = "`type` 12 becomes `option1` 1 and `option2` 2, and so on"
    ),
    ts = new_convention(
      "two-step task", "ts_par4",
      spec_subject(),
      choice1 = spec_response(1:2, key = "choice1",
        names = c("level1_choice", "first_choice", "stage1_choice")),
      state2 = spec_number(c("state2", "final_state", "second_state"), values = 1:2,
        required = FALSE),
      choice2 = spec_response(1:4, key = "choice2",
        names = c("level2_choice", "second_choice", "stage2_choice")),
      spec_outcome(),
      prepare = prepare_two_step,
      note = "`level2_choice` 1 to 4 becomes `state2` (1, 2) and the `choice2` (1, 2) there",
      settings = list(trans_prob = constant_setting(0.7, upper = 1))
    ),
    alt = new_convention(
      "aversive learning", "alt_delta",
      spec_subject(),
      spec_response(1:2, c("blue", "orange"), meaning = "1 is blue"),
      spec_outcome(values = 0:1),
      bluePunish = spec_number(c("bluePunish", "blue"), group = "punishment"),
      orangePunish = spec_number(c("orangePunish", "orange"), group = "punishment")
    ),
    ug = new_convention(
      "ultimatum game", "ug_delta",
      spec_subject(),
      offer = spec_number("offer"),
      spec_response(0:1, c("reject", "accept"), names = c("accept", "accepted"),
        meaning = "1 accepts")
    ),
    wcs = new_convention(
      "Wisconsin card sorting", "wcs_sql",
      spec_subject(),
      spec_response(1:4),
      spec_outcome("correct", values = 0:1),
      colour = spec_pile("colour", "color"),
      form = spec_pile("form", "shape"),
      number = spec_pile("number", "count"),
      trial_number = spec_number(c("trial", "trialNum", "trial_number"), 1, whole = TRUE,
        required = FALSE, helper = TRUE),
      prepare = prepare_card_sorting,
      note = "`colour`, `form` and `number` are taken from `answersheet`, if there is one",
      settings = list(answersheet = new_setting(check_answer_sheet))
    ),
    hgf_ibrb = new_convention(
      "binary prediction", "hgf_ibrb",
      spec_subject(),
      u = spec_number(c("u", "input"), values = 0:1),
      spec_response(0:1, names = c("y", "response"), meaning = "1 predicts an input of 1"),
      single = TRUE
    ),
    dd = new_convention(
      "delay discounting", "dd_hyperbolic",
      spec_subject(),
      delay_later = spec_number(c("delay_later", "later_delay"), 0),
      amount_later = spec_number(c("amount_later", "later_amount")),
      delay_sooner = spec_number(c("delay_sooner", "sooner_delay"), 0),
      amount_sooner = spec_number(c("amount_sooner", "sooner_amount")),
      spec_response(0:1, c("sooner", "later"), meaning = "1 is the later one"),
      single = TRUE
    ),
    ra = new_convention(
      "risk aversion", "ra_prospect",
      spec_subject(),
      spec_gain(0),
      spec_loss(),
      cert = spec_number(c("cert", "certain"), 0),
      spec_response(0:1, c("certain", "gamble"), c("safe", "gamble"), c("safe", "risky"),
        names = "gamble", meaning = "1 gambles"),
      prepare = prepare_amounts,
      note = "`loss` becomes |loss|"
    ),
    rdt = new_convention(
      "risky decisions and happiness", "rdt_happiness",
      spec_subject(),
      spec_gain(0),
      spec_loss(),
      cert = spec_number(c("cert", "certain")),
      type = spec_number("type", values = -1:1, required = FALSE, helper = TRUE),
      gamble = spec_number("gamble", values = 0:1),
      spec_outcome(),
      happy = spec_number(c("happy", "happiness")),
      RT_happy = spec_number("RT_happy", required = FALSE, helper = TRUE),
      prepare = prepare_happiness,
      note = paste("`loss` becomes |loss| and `cert` takes the sign of `type`; a `happy` is kept",
        "where `RT_happy` changes, and is `NA` elsewhere")
    ),
    dbdm = new_convention(
      "description-based decisions", "dbdm_prob_weight",
      spec_subject(),
      opt1hprob = spec_chance("opt1hprob"),
      opt2hprob = spec_chance("opt2hprob"),
      opt1hval = spec_number("opt1hval"),
      opt1lval = spec_number("opt1lval"),
      opt2hval = spec_number("opt2hval"),
      opt2lval = spec_number("opt2lval"),
      spec_response(1:2)
    ),
    cra = new_convention(
      "choice under risk and ambiguity", "cra_linear",
      spec_subject(),
      prob = spec_chance("prob"),
      ambig = spec_chance("ambig", "ambiguity"),
      reward_var = spec_number("reward_var", 0),
      reward_fix = spec_number("reward_fix", 0),
      spec_response(0:1, c("fixed", "variable"), meaning = "1 is the variable lottery")
    ),
    peer = new_convention(
      "choices under social influence", "peer_ocu",
      spec_subject(),
      condition = spec_number("condition", values = 0:3),
      p_gamble = spec_chance("p_gamble"),
      safe_Hpayoff = spec_number("safe_Hpayoff", 0),
      safe_Lpayoff = spec_number("safe_Lpayoff", 0),
      risky_Hpayoff = spec_number("risky_Hpayoff", 0),
      risky_Lpayoff = spec_number("risky_Lpayoff", 0),
      spec_response(0:1, c("safe", "risky"), meaning = "1 is the risky one")
    ),
    bart = new_convention(
      "balloon analogue risk task, one row a balloon", "bart_par4",
      spec_subject(),
      pumps = spec_number("pumps", 0, whole = TRUE),
      explosion = spec_number(c("explosion", "exploded", "burst"), values = 0:1)
    ),
    cgt = new_convention(
      "Cambridge gambling task", "cgt_cm",
      spec_subject(),
      gamble_type = spec_number("gamble_type", values = 0:1),
      points = spec_number(c("points", "trial_initial_points"), 0),
      p_red = spec_number("p_red", 0, 1, required = FALSE),
      n_red_boxes = spec_number("n_red_boxes", 0, 10, whole = TRUE, required = FALSE,
        helper = TRUE),
      colour = spec_response(0:1, c("blue", "red"), key = "colour",
        names = c("color", "red_chosen"), meaning = "1 is red"),
      bet = spec_response(c(5, 25, 50, 75, 95), 1:5, key = "bet", names = "percentage_staked"),
      prepare = prepare_gambling,
      note = "`red_chosen` becomes `colour` (blue, red) and `n_red_boxes` / 10 `p_red`"
    ),
    task2AFC = new_convention(
      "two-alternative detection", "task2AFC_sdt",
      spec_subject(),
      stimulus = spec_code("stimulus", 0:1, c("noise", "signal"), role = "stimulus",
        meaning = "1 is a signal"),
      spec_response(0:1, c("no", "yes"), names = "response", meaning = "1 is yes"),
      prepare = prepare_detection
    ),
    rlwm = new_convention(
      "learning with working memory", "rlwm",
      spec_subject(),
      spec_block(),
      stimulus = spec_category("stimulus", "image", role = "stimulus"),
      set_size = spec_number(c("set_size", "nS"), 1, whole = TRUE),
      spec_response(numbered = TRUE),
      spec_outcome(),
      settings = list(n_arms = arms_setting())
    ),
    change_point = new_convention(
      "prediction of a changing mean", "change_point",
      spec_subject(),
      spec_outcome(),
      prediction = spec_number(c("prediction", "predicted"))
    )
  )
}

note_gain_loss <- "`loss` becomes -|loss|, and without an `outcome` that is gain + loss"

# --- look-up ------------------------------------------------------------------------------------

# The entry of a task, with its name as `task`. Data of one subject have names of their own.
task_convention <- function(task, call = rlang::caller_env()) {
  known <- task_conventions()
  single <- names(known)[vapply(known, `[[`, NA, "single")]
  names <- c(names(known), paste0(single, "_single"))
  own <- c(names(known), single)[match(simple_name(task), simple_name(names))]
  if (is.na(own)) {
    nearest <- nearest_name(task, names)
    close <- !is.null(nearest) && drop(utils::adist(task, nearest)) <= 3L
    tasks <- name_some(names(known), 100L)
    rescorla_abort(
      c(
        "There is no task {.val {task}}.",
        x = if (close) "Did you mean {.val {nearest}}?",
        i = "The tasks are {tasks}.",
        i = "For another task name the columns yourself, without {.arg task}."
      ),
      "input",
      arg = "task",
      call = call
    )
  }
  found <- known[[own]]
  # Only data called so may come without a column of subjects.
  found$columns$subject$required <- own == names[match(simple_name(task), simple_name(names))]
  found$task <- own
  found
}

# The table of tasks, as a section of a help page.
task_table_rd <- function() {
  as_code <- \(x) paste0("`", x, "`", collapse = " or ")
  entry <- \(task, name) {
    columns <- Filter(\(column) column$key != "subject", task$columns)
    names <- vapply(columns, \(column) {
      key <- unique(c(column$key, column$names))
      given <- column$codes[[1L]]
      range <- if (length(given) > 0L) paste0(" (", paste(given, collapse = ", "),
        if (nzchar(column$meaning)) paste0("; ", column$meaning), ")")
      paste0(as_code(utils::head(key, 3L)), range)
    }, "")
    settings <- vapply(task$settings, \(s) {
      paste0("`", s$name, if (!is.null(s$value)) paste(" =", s$value), "`")
    }, "")
    paste0("* `\"", name, "\"`, ", task$title, ": ", paste(names, collapse = ", "), ". ",
      if (nzchar(task$note)) paste0(sub("^(`?)", "Prepared: \\1", task$note), ". "),
      if (length(settings) > 0L) paste0("Settings: ", paste(settings, collapse = ", "), "."))
  }
  known <- task_conventions()
  c("@section Tasks and their columns:",
    "Besides the subject (`subject`, `subjID`, `id`), with the names that are looked for first:",
    "", unlist(Map(entry, known, names(known))), "",
    "`\"dd_single\"` and `\"hgf_ibrb_single\"` are the same for data without a column of subjects.")
}

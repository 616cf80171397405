# Random but valid data of every task of the catalogue, under the column names its models read.
#
#   frame <- model_frame("igt", subjects = 4, trials = c(20, 32), seed = 1)
#   data  <- do.call(rl_data, c(list(frame), model_roles(frame)))
#   d     <- model_subjects(frame)     # one list a subject, as the oracles want it: codes from 1
#
# Subjects have different numbers of trials, in several blocks, and their rows are interleaved. Some
# responses, outcomes and inputs are missing, alone and together; the first trial of a block never
# lacks anything. `coding = "label"` turns every categorical column into a factor.

model_frame <- function(task, subjects = 4, trials = c(20, 32), seed = 1, blocks = 2,
                        n_actions = NULL, missing = 0.06, coding = c("integer", "label")) {
  coding <- match.arg(coding)
  spec <- frame_spec(task, n_actions)
  pieces <- withr::with_seed(seed, lapply(seq_len(subjects), function(s) {
    n <- if (trials[1] == trials[length(trials)]) trials[1] else
      sample(seq(trials[1], trials[length(trials)]), 1)
    block <- ceiling(seq_len(n) * blocks / n)
    start <- !duplicated(block)
    piece <- as.data.frame(c(list(subject = paste0("s", subjects + 1 - s), block = block),
      spec$draw(n, start)))
    blank_cells(piece, spec, start, missing)
  }))
  frame <- do.call(rbind, pieces)
  # Rows of subjects stand among each other's, those of one subject in order.
  frame <- frame[order(unlist(lapply(pieces, function(p) seq_len(nrow(p))))), ]
  rownames(frame) <- NULL
  for (name in names(spec$codes)) {
    values <- spec$codes[[name]]
    if (coding == "label") {
      frame[[name]] <- factor(frame[[name]], values, paste0("level ", values))
      spec$codes[[name]] <- paste0("level ", values)
    }
  }
  structure(frame, task = task, codes = spec$codes, responses = spec$responses,
    groups = spec$groups)
}

# Each of the columns that may be missing is, on its own; on some trials all of them are.
blank_cells <- function(piece, spec, start, missing) {
  columns <- setdiff(names(piece), c("subject", "block", spec$whole))
  n <- nrow(piece)
  for (name in columns) {
    # Inputs are rarely missing.
    share <- if (name %in% c(spec$responses, "outcome", "gain", "loss")) missing else missing / 3
    piece[[name]][!start & stats::runif(n) < share] <- NA
  }
  piece[!start & stats::runif(n) < missing / 2, columns] <- NA
  piece
}

# codes      the categorical columns, with their values in order
# responses  the columns that are responses; `response` among them is a categorical one
# whole      columns that are never missing
# groups     columns that make a vector over the actions
# draw       the columns of one subject
frame_spec <- function(task, n_actions = NULL) {
  arms <- n_actions %||% switch(task, bandit4arm = , banditNarm = , bandit4arm2 = 4,
    rlwm = 3, bandit = 2, 2)
  pick <- function(n, values) values[sample.int(length(values), n, replace = TRUE)]
  choice <- function(values) {
    list(codes = list(choice = values), responses = "choice")
  }
  binary <- c(0, 1)
  spec <- switch(task,
    bandit2arm = c(choice(1:2), list(draw = function(n, start) {
      list(choice = pick(n, 1:2), outcome = pick(n, c(-1, 1)))
    })),
    prl = c(choice(1:2), list(draw = function(n, start) {
      list(choice = pick(n, 1:2), outcome = pick(n, c(-1, 1)))
    })),
    bandit4arm = ,
    banditNarm = c(choice(seq_len(arms)), list(draw = function(n, start) {
      list(choice = pick(n, seq_len(arms)), gain = pick(n, c(0, 0, 1, 2.5)),
        loss = pick(n, c(0, 0, -1, -1.5)))
    })),
    bandit4arm2 = c(choice(seq_len(arms)), list(draw = function(n, start) {
      list(choice = pick(n, seq_len(arms)), outcome = round(stats::runif(n, 20, 90)))
    })),
    gng = list(codes = list(cue = 1:4, choice = binary), responses = "choice",
      draw = function(n, start) {
        list(cue = pick(n, 1:4), choice = pick(n, binary), outcome = pick(n, c(-1, 0, 1)))
      }),
    igt = c(choice(1:4), list(draw = function(n, start) {
      list(choice = pick(n, 1:4), gain = pick(n, c(50, 100)),
        loss = pick(n, c(0, 0, -50, -250, -1250)))
    })),
    pst = list(codes = list(option1 = 1:6, option2 = 1:6, choice = binary), responses = "choice",
      draw = function(n, start) {
        first <- pick(n, 1:6)
        list(option1 = first, option2 = (first + pick(n, 0:4)) %% 6 + 1, choice = pick(n, binary),
          outcome = pick(n, binary))
      }),
    ts = list(codes = list(choice1 = 1:2, state2 = 1:2, choice2 = 1:2),
      responses = c("choice1", "choice2"), draw = function(n, start) {
        list(choice1 = pick(n, 1:2), state2 = pick(n, 1:2), choice2 = pick(n, 1:2),
          outcome = pick(n, binary))
      }),
    alt = c(choice(1:2), list(groups = list(punishment = c("bluePunish", "orangePunish")),
      draw = function(n, start) {
        list(choice = pick(n, 1:2), outcome = pick(n, binary), bluePunish = pick(n, 1:99),
          orangePunish = pick(n, 1:99))
      })),
    ug = c(choice(binary), list(draw = function(n, start) {
      list(offer = pick(n, 1:19), choice = pick(n, binary))
    })),
    wcs = list(codes = list(choice = 1:4, colour = 1:4, form = 1:4, number = 1:4),
      responses = "choice", draw = function(n, start) draw_cards(n, start, pick)),
    hgf_ibrb = c(choice(binary), list(draw = function(n, start) {
      list(u = pick(n, c(0, 1, 1)), choice = pick(n, binary))
    })),
    dd = c(choice(binary), list(draw = function(n, start) {
      list(delay_later = pick(n, c(6, 28, 85, 170)), amount_later = pick(n, c(10.5, 13, 20.1, 38)),
        delay_sooner = pick(n, c(0, 0, 3)), amount_sooner = rep(10, n), choice = pick(n, binary))
    })),
    ra = c(choice(binary), list(draw = function(n, start) {
      list(gain = pick(n, c(2, 5, 9, 12)), loss = pick(n, c(0, 3.5, 6.75, 13.5)),
        cert = pick(n, c(0, 0, 1, 4)), choice = pick(n, binary))
    })),
    rdt = list(responses = "happy", whole = c("gamble", "gain", "loss", "cert"),
      draw = function(n, start) {
        gamble <- pick(n, binary)
        gain <- pick(n, c(0, 44, 103))
        loss <- pick(n, c(0, 88, 198))
        cert <- pick(n, c(-40, 0, 35))
        outcome <- ifelse(gamble == 0, cert, ifelse(pick(n, binary) == 1, gain, -loss))
        list(gain = gain, loss = loss, cert = cert, gamble = gamble, outcome = outcome,
          happy = ifelse(seq_len(n) %% 3 == 0, stats::rnorm(n, 0, 0.5), NA))
      }),
    dbdm = c(choice(1:2), list(draw = function(n, start) {
      chance <- c(0.1, 0.3, 0.5, 0.9)
      value <- c(-43, -14, -5, 18, 30, 46)
      list(opt1hprob = pick(n, chance), opt2hprob = pick(n, chance), opt1hval = pick(n, value),
        opt1lval = pick(n, value), opt2hval = pick(n, value), opt2lval = pick(n, value),
        choice = pick(n, 1:2))
    })),
    cra = c(choice(binary), list(draw = function(n, start) {
      list(prob = pick(n, c(0.13, 0.25, 0.375, 0.5)), ambig = pick(n, c(0, 0.25, 0.5, 0.75)),
        reward_var = pick(n, c(5, 9.5, 34, 65)), reward_fix = rep(5, n), choice = pick(n, binary))
    })),
    peer = c(choice(binary), list(draw = function(n, start) {
      list(condition = pick(n, 0:3), p_gamble = pick(n, c(0.2, 0.5, 0.8)),
        safe_Hpayoff = pick(n, c(19.6, 25.5)), safe_Lpayoff = pick(n, c(16, 18)),
        risky_Hpayoff = pick(n, c(38.6, 50.8)), risky_Lpayoff = pick(n, c(0, 0.9, 1.3)),
        choice = pick(n, binary))
    })),
    bart = list(responses = "pumps", draw = function(n, start) {
      explosion <- pick(n, binary)
      list(explosion = explosion, pumps = pick(n, 0:14) + explosion)
    }),
    cgt = list(codes = list(colour = binary, bet = c(5, 25, 50, 75, 95)),
      responses = c("colour", "bet"), draw = function(n, start) {
        list(gamble_type = pick(n, binary), points = pick(n, c(40, 100, 155)),
          p_red = pick(n, c(1:4, 6:9) / 10), colour = pick(n, binary),
          bet = pick(n, c(5, 25, 50, 75, 95)))
      }),
    task2AFC = list(codes = list(stimulus = binary, choice = binary), responses = "choice",
      draw = function(n, start) list(stimulus = pick(n, binary), choice = pick(n, binary))),
    # The models of the literature: a bandit, with the volatility of its trials beside it.
    bandit = c(choice(seq_len(arms)), list(draw = function(n, start) {
      list(choice = pick(n, seq_len(arms)), outcome = pick(n, binary), vol = pick(n, binary))
    })),
    rlwm = list(codes = list(stimulus = 1:5, choice = seq_len(arms)), responses = "choice",
      whole = "set_size", draw = function(n, start) {
        list(stimulus = pick(n, 1:5), set_size = c(3, 5)[1 + cumsum(start) %% 2],
          choice = pick(n, seq_len(arms)), outcome = pick(n, binary))
      }),
    change_point = list(responses = "prediction", draw = function(n, start) {
      list(outcome = round(stats::rnorm(n, ifelse(stats::runif(n) < 0.7, 140, 180), 10)),
        prediction = stats::rnorm(n, 150, 15))
    }),
    stop("no frame for task ", task)
  )
  spec
}

# What is rewarded matches in something, and what is punished differs in something: the task rules
# the rest out. The first card of a block matches too.
draw_cards <- function(n, start, pick) {
  cards <- data.frame(colour = pick(n, 1:4), form = pick(n, 1:4), number = pick(n, 1:4))
  choice <- pick(n, 1:4)
  choice[start] <- cards$colour[start]
  matches <- rowSums(cards == choice)
  outcome <- ifelse(matches == 0, 0, ifelse(matches == 3, 1, pick(n, c(0, 1))))
  c(list(choice = choice, outcome = outcome), cards)
}

# The arguments rl_data() needs for such a frame.
model_roles <- function(frame) {
  codes <- attr(frame, "codes")
  choices <- intersect(attr(frame, "responses"), names(codes))
  roles <- list(
    subject = "subject", block = "block",
    choice = if (identical(choices, "choice")) "choice" else if (length(choices))
      stats::setNames(choices, choices),
    outcome = if ("outcome" %in% names(frame)) "outcome",
    stimulus = if ("stimulus" %in% names(frame)) "stimulus"
  )
  if (length(choices) == 1) roles$actions <- codes[[choices]]
  if (length(choices) > 1) roles$actions <- codes[choices]
  c(roles, attr(frame, "groups"))
}

# One list a subject, in order of first appearance. `row` says which row of the frame a trial was.
model_subjects <- function(frame) {
  codes <- attr(frame, "codes")
  choices <- intersect(attr(frame, "responses"), names(codes))
  lapply(unique(frame$subject), function(id) {
    row <- which(frame$subject == id)
    row <- row[order(match(frame$block[row], unique(frame$block[row])))]
    d <- as.list(frame[row, setdiff(names(frame), c("subject", "block")), drop = FALSE])
    for (name in names(codes)) d[[name]] <- match(as.character(d[[name]]), codes[[name]])
    d$block_start <- !duplicated(frame$block[row])
    d$row <- row
    if (length(choices) == 1) d$n_actions <- length(codes[[choices]])
    if (attr(frame, "task") == "alt") {
      d$blue <- d$bluePunish
      d$orange <- d$orangePunish
    }
    d
  })
}

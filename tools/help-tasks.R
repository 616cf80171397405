# What the help pages say of each task besides what R/task-conventions.R knows of it: what is done
# in it, and what its columns mean where that is not the meaning all tasks share. A `title` replaces
# that of the conventions. The index lists the tasks in this order.

column_meanings <- c(
  choice = "the action chosen",
  outcome = "what the choice paid",
  gain = "what was won, 0 or more",
  loss = "what was lost, 0 or less",
  foregone = "what each action not chosen would have paid, a column for each action",
  stimulus = "the stimulus shown"
)

help_tasks <- list(
  bandit = list(
    title = "bandits",
    text = c(
      "On each trial one of several actions is chosen and pays; what pays best has to be",
      "learned. The models read any number of actions, and blocks and missed trials as",
      "[rl_data()] describes; two of them also need what the other actions would have paid, one",
      "how volatile the trial is."
    ),
    columns = c(vol = "how volatile the payoffs are on the trial, 0 or 1 or a number between")
  ),
  bandit2arm = list(
    text = "Two options pay by chance; which one pays better has to be learned."
  ),
  bandit4arm = list(
    title = "bandits with gains and losses",
    text = c(
      "Each of several options can pay a gain and a loss on the same trial. The models called",
      "`bandit4arm_...` and `banditNarm_...` work for any number of options, and each answers",
      "to both names."
    )
  ),
  bandit4arm2 = list(
    text = "What four options pay drifts over the trials, so that exploring does not end."
  ),
  prl = list(
    text = c(
      "One of two options is better, until they change places without notice. With several",
      "blocks (`task = \"prl_multipleB\"`) values start anew in each, and the parameters are",
      "one set; each model also answers to its name with `_multipleB`."
    ),
    columns = c(outcome = "1 a reward, -1 a punishment")
  ),
  gng = list(
    text = c(
      "Four cues ask for a response or for none, to win a reward or to avoid a punishment:",
      "action and valence are crossed."
    ),
    columns = c(cue = "the cue shown, of four", choice = "no response or a response (go)",
      outcome = "1 a reward, 0 nothing, -1 a punishment")
  ),
  igt = list(
    text = c(
      "Cards are drawn from four decks that pay gains and now and then losses; two decks are",
      "good in the long run. Outcomes are divided by `payscale` (100)."
    ),
    columns = c(choice = "the deck")
  ),
  pst = list(
    text = "Three pairs of six stimuli, each pair with its own odds of reward.",
    columns = c(option1 = "the first stimulus shown", option2 = "the second stimulus shown",
      choice = "the first or the second of them", outcome = "1 a reward, 0 none")
  ),
  ts = list(
    text = c(
      "A first choice leads to one of two states, mostly to its own (with probability",
      "`trans_prob`, 0.7); a second choice there is rewarded or not, with odds that drift."
    ),
    columns = c(choice1 = "the first choice", state2 = "the state it led to",
      choice2 = "the choice within that state", outcome = "1 a reward, 0 none")
  ),
  alt = list(
    text = c(
      "One of two options will be followed by a painful stimulus, whose size differs between",
      "them and is shown; the probability has to be learned."
    ),
    columns = c(choice = "the option, blue or orange",
      outcome = "1 where blue was the one to be punished, else 0",
      punishment = "the size of the punishment of each option, a column for each")
  ),
  ug = list(
    text = "Offers of a share are accepted or rejected; what is usual is learned on the way.",
    columns = c(offer = "what is offered", choice = "rejected or accepted")
  ),
  wcs = list(
    text = c(
      "A card is put to one of four piles by colour, form or number; which of these counts is",
      "to be found out, and changes."
    ),
    columns = c(choice = "the pile", outcome = "1 right, 0 wrong",
      colour = "the pile that the card matches in colour", form = "in form",
      number = "in the number of symbols")
  ),
  hgf_ibrb = list(
    text = c(
      "A binary input is predicted on each trial; how likely it is changes, and so does how",
      "fast."
    ),
    columns = c(u = "the input, 0 or 1", choice = "the prediction (the second level: input 1)")
  ),
  dd = list(
    text = "A smaller amount sooner or a larger one later.",
    columns = c(delay_later = "the longer delay", amount_later = "the amount after it",
      delay_sooner = "the shorter delay", amount_sooner = "the amount after it",
      choice = "sooner or later")
  ),
  ra = list(
    text = "A gamble that wins or loses with equal odds, or a certain amount.",
    columns = c(gain = "what the gamble can win", loss = "what it can lose, 0 or more",
      cert = "the certain amount", choice = "the certain amount or the gamble")
  ),
  rdt = list(
    text = c(
      "A gamble or a certain amount, and every few trials a rating of how happy one is. The",
      "choices are given; the ratings are explained."
    ),
    columns = c(gain = "what the gamble can win", loss = "what it can lose, 0 or more",
      cert = "the certain amount, below 0 for a loss",
      gamble = "1 where the gamble was taken, else 0",
      outcome = "what the trial paid", happy = "the rating, missing where there was none")
  ),
  dbdm = list(
    text = "Two options, each with a high and a low amount and the probability of the high one.",
    columns = c(opt1hprob = "the first option's probability of its high amount",
      opt2hprob = "the second option's", opt1hval = "the first option's high amount",
      opt1lval = "its low amount", opt2hval = "the second option's high amount",
      opt2lval = "its low amount", choice = "the first or the second option")
  ),
  cra = list(
    text = c(
      "A fixed amount with probability one half, or another one whose probability is smaller or",
      "not quite known."
    ),
    columns = c(prob = "the probability of the variable option", ambig = "its ambiguity, 0 to 1",
      reward_var = "its amount", reward_fix = "the amount of the fixed option",
      choice = "the fixed or the variable option")
  ),
  peer = list(
    text = "A safe and a risky lottery, after the choices of two peers were shown or not.",
    columns = c(
      condition = "0 nothing shown, 1 both took the safe one, 2 one each, 3 both the risky one",
      p_gamble = "the probability of the high payoff",
      safe_Hpayoff = "the safe lottery's high payoff",
      safe_Lpayoff = "its low payoff", risky_Hpayoff = "the risky lottery's high payoff",
      risky_Lpayoff = "its low payoff", choice = "the safe or the risky lottery"
    )
  ),
  bart = list(
    title = "balloon analogue risk task",
    text = c(
      "A balloon is pumped up; each pump pays, until one too many bursts it. A row is a",
      "balloon."
    ),
    columns = c(pumps = "how often it was pumped", explosion = "1 if it burst, else 0")
  ),
  cgt = list(
    text = c(
      "A token is hidden in one of ten boxes, some red and some blue: its colour is guessed,",
      "then one of five stakes is taken as they are offered one after the other."
    ),
    columns = c(colour = "the colour guessed (the second level: red)", bet = "the stake, of five",
      p_red = "the share of red boxes", points = "the points owned before the trial",
      gamble_type = "1 where stakes rise, else they fall")
  ),
  task2AFC = list(
    text = "A signal is there or not, and the answer is yes or no.",
    columns = c(stimulus = "noise or signal (the second level)", choice = "no or yes")
  ),
  rlwm = list(
    text = c(
      "In each block the right action for each of a few stimuli is learned; how many stimuli",
      "there are differs between blocks."
    ),
    columns = c(set_size = "the number of stimuli in the block")
  ),
  change_point = list(
    text = c(
      "A number is predicted on each trial. The numbers scatter around a mean that now and then",
      "jumps."
    ),
    columns = c(outcome = "the number shown", prediction = "the number predicted before")
  )
)
